"""Saved cards in the Payment Element: what a CustomerSession shows, lets pick, lets remove and lets save."""

import pytest
from playwright.sync_api import expect

from tests.contract.elements.steps import fill_card, mount, until

FEATURES = "components[payment_element][features]"


def session_of(sandbox, customer, **features):
    wanted = {"payment_method_redisplay": "enabled"} | features
    fields = {f"{FEATURES}[{name}]": value for name, value in wanted.items()}
    session = sandbox.api(
        "POST",
        "/v1/customer_sessions",
        customer=customer,
        **{"components[payment_element][enabled]": "true"},
        **fields,
    )
    return session["client_secret"]


def save(sandbox, customer, name, allow_redisplay="always"):
    method = sandbox.api("POST", f"/v1/payment_methods/{name}/attach", customer=customer)["id"]
    sandbox.api("POST", f"/v1/payment_methods/{method}", allow_redisplay=allow_redisplay)
    return method


@pytest.fixture
def customer(sandbox):
    return sandbox.customer()


def show(shop, sandbox, customer, **features):
    intent = sandbox.setup_intent(customer=customer)
    mount(shop, intent, customerSessionClientSecret=session_of(sandbox, customer, **features))
    return intent


def test_the_newest_saved_card_is_picked_and_confirmed(shop, card_frame, sandbox, customer):
    save(sandbox, customer, "pm_card_mastercard")
    newest = save(sandbox, customer, "pm_card_visa")
    show(shop, sandbox, customer)
    expect(card_frame.get_by_role("radio", name="Visa •••• 4242")).to_be_checked()
    expect(card_frame.get_by_label("Card number")).to_be_hidden()
    assert shop.evaluate("elements.submit()") == {"selectedPaymentMethod": "card"}
    assert shop.evaluate("confirm()")["setupIntent"]["payment_method"] == newest


def test_another_card_is_picked_by_keyboard(shop, card_frame, sandbox, customer):
    wanted = save(sandbox, customer, "pm_card_mastercard")
    save(sandbox, customer, "pm_card_visa")
    show(shop, sandbox, customer)
    card_frame.get_by_role("radio", name="Visa").focus()
    shop.keyboard.press("ArrowDown")
    change = until(shop, "events.find((event) => event.name === 'change' && event.complete)")
    assert change["value"]["payment_method"]["id"] == wanted
    assert shop.evaluate("confirm()")["setupIntent"]["payment_method"] == wanted


def test_cards_without_consent_stay_hidden_unless_the_session_asks_for_them(shop, card_frame, sandbox, customer):
    save(sandbox, customer, "pm_card_visa", "unspecified")
    show(shop, sandbox, customer)
    expect(card_frame.get_by_label("Card number")).to_be_visible()
    expect(card_frame.get_by_role("radio")).to_have_count(0)
    shop.reload()
    show(shop, sandbox, customer, **{"payment_method_allow_redisplay_filters][": "unspecified"})
    expect(card_frame.get_by_role("radio", name="Visa •••• 4242")).to_be_visible()


def test_no_more_cards_than_the_limit(shop, card_frame, sandbox, customer):
    for name in ("pm_card_visa", "pm_card_mastercard", "pm_card_amex"):
        save(sandbox, customer, name)
    show(shop, sandbox, customer, payment_method_redisplay_limit=2)
    expect(card_frame.get_by_role("radio")).to_have_count(3)  # two cards and "New card"
    expect(card_frame.get_by_role("radio", name="Visa")).to_have_count(0)


def test_a_card_is_removed_after_a_question(shop, card_frame, sandbox, customer):
    gone = save(sandbox, customer, "pm_card_visa")
    kept = save(sandbox, customer, "pm_card_mastercard")
    show(shop, sandbox, customer, payment_method_remove="enabled")
    shop.evaluate(
        "elements.getElement('payment').on('savedpaymentmethodremove', (event) => { window.removed = event; })"
    )
    card_frame.get_by_role("button", name="Remove Visa").click()
    expect(card_frame.get_by_text("Remove this card?")).to_be_visible()
    card_frame.get_by_role("button", name="Remove Visa").click()
    expect(card_frame.get_by_role("radio", name="Visa")).to_have_count(0)
    removed = until(shop, "window.removed")
    assert (removed["success"], removed["payment_method"]["id"]) == (True, gone)
    left = sandbox.api("GET", f"/v1/customers/{customer}/payment_methods")["data"]
    assert [each["id"] for each in left] == [kept]


def test_without_the_feature_nothing_can_be_removed(shop, card_frame, sandbox, customer):
    method = save(sandbox, customer, "pm_card_visa")
    secret = session_of(sandbox, customer)
    mount(shop, sandbox.setup_intent(customer=customer), customerSessionClientSecret=secret)
    expect(card_frame.get_by_role("radio", name="Visa")).to_be_checked()
    expect(card_frame.get_by_role("button")).to_have_count(0)
    answer = sandbox.http.post(
        f"{sandbox.stripe_url}/elements/customer-session/remove",
        data={"client_secret": secret, "payment_method": method},
        headers={"Authorization": "Bearer pk_test_sandbox"},
    )
    assert answer.status_code == 403


@pytest.mark.parametrize(("ticked", "kept"), [(True, "always"), (False, "limited")])
def test_a_new_card_is_saved_with_the_customers_consent(shop, card_frame, sandbox, customer, ticked, kept):
    save(sandbox, customer, "pm_card_visa")
    show(shop, sandbox, customer, payment_method_save="enabled")
    card_frame.get_by_role("radio", name="New card").check()
    fill_card(card_frame, "5555 5555 5555 4444")
    card_frame.get_by_label("Save payment details").set_checked(ticked)
    method = shop.evaluate("confirm()")["setupIntent"]["payment_method"]
    assert sandbox.api("GET", f"/v1/payment_methods/{method}")["allow_redisplay"] == kept


def test_a_secret_that_opens_nothing_is_a_load_error(shop, sandbox, customer):
    mount(shop, sandbox.setup_intent(customer=customer), customerSessionClientSecret="cuss_secret_wrong")
    error = shop.evaluate("events.find((event) => event.name === 'loaderror')")["error"]
    assert (error["type"], error["param"]) == ("invalid_request_error", "client_secret")


@pytest.mark.parametrize(
    ("seconds", "whose", "words"), [(1801, "own", "has expired"), (0, "other", "different customers")]
)
def test_a_session_that_does_not_fit_is_a_load_error(shop, sandbox, customer, seconds, whose, words):
    secret = session_of(sandbox, customer)
    intent = sandbox.setup_intent(customer=customer if whose == "own" else sandbox.customer("other@example.com"))
    sandbox.console("POST", "/api/clock", {"advance_seconds": seconds})
    mount(shop, intent, customerSessionClientSecret=secret)
    assert words in shop.evaluate("events.find((event) => event.name === 'loaderror')")["error"]["message"]
