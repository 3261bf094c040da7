"""One Element: put on the page and taken off, its events, its options."""

from playwright.sync_api import expect

from tests.contract.elements.steps import fill_card, mount, until

PLACE = "document.querySelector('#payment')"


def test_it_is_mounted_unmounted_and_at_last_destroyed(shop, card_frame, sandbox):
    mount(shop, sandbox.setup_intent())
    number = card_frame.get_by_label("Card number")
    assert shop.evaluate(f"{PLACE}.className") == "StripeElement StripeElement--empty"
    shop.evaluate("elements.getElement('payment').unmount()")
    expect(shop.locator("#payment")).to_be_empty()
    assert shop.evaluate(f"{PLACE}.className") == ""

    shop.evaluate("elements.getElement('payment').mount('#payment')")
    expect(number).to_be_visible()
    shop.evaluate("window.gone = elements.getElement('payment'); gone.destroy()")
    expect(shop.locator("#payment")).to_be_empty()
    assert shop.evaluate("elements.getElement('payment')") is None
    assert "already been destroyed" in shop.evaluate("attempt(() => gone.mount('#payment'))")["message"]
    shop.evaluate("elements.create('payment').mount('#payment')")
    expect(number).to_be_visible()


def test_it_is_focused_blurred_and_cleared(shop, card_frame, sandbox):
    mount(shop, sandbox.setup_intent())
    fill_card(card_frame)
    shop.evaluate("window.payment = elements.getElement('payment'); payment.clear(); payment.focus()")
    number = card_frame.get_by_label("Card number")
    expect(number).to_have_value("")
    expect(number).to_be_focused()
    shop.evaluate("payment.blur()")
    expect(number).not_to_be_focused()


def test_its_handlers_are_called_always_once_or_no_more(shop, card_frame, sandbox):
    mount(shop, sandbox.setup_intent())
    shop.evaluate(
        """() => {
          window.heard = [];
          const payment = elements.getElement("payment"), dropped = () => heard.push("dropped");
          payment.on("change", () => heard.push("on")).once("change", () => heard.push("once"));
          payment.on("change", dropped).off("change", dropped);
        }"""
    )
    card_frame.get_by_label("Card number").press_sequentially("42")
    until(shop, "heard.filter((name) => name === 'on').length === 2")
    assert sorted(shop.evaluate("heard")) == ["on", "on", "once"]


def test_it_tells_what_happens_in_it(shop, card_frame, sandbox):
    shop.evaluate(
        """(clientSecret) => {
          window.told = [];
          const payment = Stripe("pk_test_sandbox").elements({ clientSecret }).create("payment");
          for (const name of ["loaderstart", "ready", "focus", "blur", "escape", "change", "carddetailschange",
            "availablepaymentmethodschange"]) payment.on(name, (event) => told.push([name, event]));
          payment.mount("#payment");
        }""",
        sandbox.setup_intent()["client_secret"],
    )
    fill_card(card_frame)
    number = card_frame.get_by_label("Card number")
    number.press("Escape")
    number.evaluate("(input) => input.blur()")
    shop.evaluate("() => window.focus()")
    until(shop, "told.some(([name, event]) => name === 'change' && event.complete)")
    until(shop, "told.some(([name]) => name === 'escape')")
    told = shop.evaluate("told")
    assert {event["elementType"] for _name, event in told} == {"payment"}
    names = [name for name, _event in told]
    assert names.index("loaderstart") < names.index("ready") < names.index("focus") < names.index("escape")
    assert [event["details"] for name, event in told if name == "carddetailschange"] == [
        {"brands": ["visa"], "funding": None}
    ]
    assert [event["paymentMethods"] for name, event in told if name == "availablepaymentmethodschange"] == [
        {"card": {"available": True}}
    ]
    changes = [event for name, event in told if name == "change"]
    last = {"elementType": "payment", "empty": False, "complete": True, "collapsed": False, "value": {"type": "card"}}
    assert changes[-1] == last


def test_its_options_may_change(shop, card_frame, sandbox):
    mount(shop, sandbox.setup_intent())
    expect(card_frame.get_by_text("by providing your card information", exact=False)).to_be_visible()
    shop.evaluate("elements.getElement('payment').update({ readOnly: true, terms: { card: 'never' } }).collapse()")
    expect(card_frame.get_by_label("Card number")).to_be_disabled()
    expect(card_frame.get_by_text("by providing your card information", exact=False)).to_have_count(0)


def test_an_intent_that_changed_meanwhile_is_noticed(shop, card_frame, sandbox):
    intent = sandbox.setup_intent()
    mount(shop, intent)
    assert shop.evaluate("elements.fetchUpdates()") == {}
    sandbox.api("POST", f"/v1/setup_intents/{intent['id']}/cancel")
    assert shop.evaluate("elements.fetchUpdates()")["error"]["code"] == "setup_intent_unexpected_state"
