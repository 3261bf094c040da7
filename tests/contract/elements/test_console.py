"""The console: its pages answer, its forms work, its API steers the sandbox, strangers are refused."""

import httpx
import pytest
from playwright.sync_api import expect

PAGES = [
    "/",
    "/webhooks",
    "/webhooks?who=all",
    "/calls",
    "/calls?who=all&provider=stripe",
    "/faults",
    "/cards",
    "/scenarios",
    "/customers",
    "/search",
    "/search?q=card",
    "/stripe/customers",
    "/stripe/setup_intents",
    "/stripe/invoices",
    "/stripe/products",
    "/stripe/events",
    "/stigg/customers",
    "/stigg/subscriptions",
    "/stigg/plans",
    "/stigg/coupons",
]


@pytest.mark.parametrize("path", PAGES)
def test_every_page_answers(sandbox, path):
    sandbox.setup_intent()
    answer = httpx.get(f"{sandbox.console_url}{path}", trust_env=False)
    assert answer.status_code == 200
    assert "<h1>" in answer.text


def test_a_fault_is_added_and_removed_by_hand(page, sandbox):
    page.goto(f"{sandbox.console_url}/faults")
    page.get_by_role("button", name="Stigg slow 5 s").click()
    expect(page.get_by_role("cell", name="latency")).to_be_visible()
    assert [fault["seconds"] for fault in sandbox.console("GET", "/api/faults")["data"]] == [5]
    page.get_by_role("button", name="Remove", exact=True).click()
    expect(page.get_by_text("No faults: both sides behave.")).to_be_visible()


def test_the_clock_moves(page, sandbox):
    page.goto(sandbox.console_url)
    page.get_by_role("button", name="+1 day").click()
    expect(page.get_by_text("1 d 0 h ahead")).to_be_visible()
    assert sandbox.console("GET", "/api/clock")["offset_seconds"] == 86400


def test_the_pages_refresh_themselves(page, sandbox):
    page.goto(f"{sandbox.console_url}/stripe/customers")
    customer = sandbox.api("POST", "/v1/customers", email="fresh@example.com")
    expect(page.get_by_text(customer["id"], exact=True)).to_be_visible()


def test_objects_are_filtered_by_their_fields(sandbox):
    intent = sandbox.setup_intent()
    sandbox.setup_intent()
    found = sandbox.console("GET", f"/api/stripe/setup_intents?customer={intent['customer']}")["data"]
    assert [each["id"] for each in found] == [intent["id"]]


def test_a_fault_counts_down(sandbox):
    fault = {"provider": "stripe", "operation": "POST /v1/customers", "kind": "status", "status": 503, "times": 1}
    sandbox.console("POST", "/api/faults", fault)
    refused = httpx.post(f"{sandbox.stripe_url}/v1/customers", auth=("sk_test_sandbox", ""), trust_env=False)
    assert refused.status_code == 503
    assert sandbox.console("GET", "/api/faults")["data"] == []
    call = sandbox.console("GET", "/api/calls?provider=stripe&status=503")["data"][0]
    assert call["operation"] == "POST /v1/customers"


def test_the_journal_hides_card_numbers(sandbox):
    intent = sandbox.setup_intent()
    card = {"number": "4242424242424242", "exp_month": "12", "exp_year": "2034", "cvc": "123"}
    sandbox.api(
        "POST",
        f"/v1/setup_intents/{intent['id']}/confirm",
        **{"payment_method_data[type]": "card"},
        **{f"payment_method_data[card][{name}]": value for name, value in card.items()},
    )
    calls = httpx.get(f"{sandbox.console_url}/api/calls", trust_env=False).text
    assert "/confirm" in calls
    assert "4242424242424242" not in calls
    assert intent["client_secret"] not in calls


def test_webhook_policies(sandbox):
    sandbox.console("POST", "/api/scenarios/webhooks_held")
    state = sandbox.console("GET", "/api/webhooks")
    assert (state["stripe"]["mode"], state["stigg"]["mode"]) == ("hold", "hold")
    sandbox.console("POST", "/api/webhooks", {"source": "stripe", "mode": "delay", "seconds": 2})
    assert sandbox.console("GET", "/api/webhooks")["stripe"] == {"mode": "delay", "seconds": 2}
    sandbox.console("POST", "/api/scenarios/calm")
    assert sandbox.console("GET", "/api/webhooks")["stripe"]["mode"] == "deliver"


def test_quiet_waits_for_what_is_on_its_way_and_not_longer_than_asked(sandbox):
    takes_anything = f"{sandbox.console_url}/api/faults/clear"
    sandbox.console("POST", "/api/webhooks/endpoints", {"source": "stripe", "url": takes_anything, "secret": "s"})
    try:
        sandbox.console("POST", "/api/webhooks", {"source": "stripe", "mode": "delay", "seconds": 0.5})
        sandbox.customer()
        assert sandbox.console("POST", "/api/quiet", {"seconds": 0.05}) == {"quiet": False}
        assert sandbox.console("POST", "/api/quiet") == {"quiet": True}
        (sent,) = sandbox.console("GET", "/api/deliveries?internal=false")["data"]
        assert sent["status"] == "delivered"
    finally:
        sandbox.console("DELETE", "/api/webhooks/endpoints/stripe")


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("/api/quiet", {"seconds": "long"}, 400),
        ("/api/faults", {"provider": "paypal", "kind": "down"}, 400),
        ("/api/faults", {"provider": "stripe", "kind": "sulk"}, 400),
        ("/api/clock", {"advance_seconds": -5}, 400),
        ("/api/clock", {}, 400),
        ("/api/webhooks", {"source": "stripe", "mode": "sometimes"}, 400),
        ("/api/webhooks/endpoints", {"source": "stripe", "url": "https://example.com/", "secret": "s"}, 400),
        ("/api/scenarios/armageddon", {}, 404),
        ("/api/deliveries/dlv_0/resend", {}, 404),
    ],
)
def test_nonsense_is_refused_with_a_sentence(sandbox, path, body, status):
    answer = httpx.post(f"{sandbox.console_url}{path}", json=body, trust_env=False)
    assert answer.status_code == status
    assert answer.json()["error"]


@pytest.mark.parametrize("headers", [{"Host": "evil.example"}, {"Origin": "https://evil.example"}])
def test_strangers_are_refused(sandbox, headers):
    answer = httpx.post(f"{sandbox.console_url}/api/reset", headers=headers, trust_env=False)
    assert answer.status_code == 403


def paid_customer(sandbox):
    """With a card and a charge, at both sides."""
    provision = (
        "mutation($input: ProvisionCustomerInput!) { provisionCustomer(input: $input) { customer { billingId } } }"
    )
    wanted = {"refId": "acme", "name": "Acme", "email": "ada@acme.example", "shouldSyncFree": True}
    answer = sandbox.http.post(
        f"{sandbox.stigg_url}/graphql",
        headers={"X-API-KEY": "server-sandbox"},
        json={"query": provision, "variables": {"input": wanted}},
    )
    customer = answer.json()["data"]["provisionCustomer"]["customer"]["billingId"]
    method = sandbox.api("POST", "/v1/payment_methods/pm_card_visa/attach", customer=customer)["id"]
    paid = sandbox.api(
        "POST",
        "/v1/payment_intents",
        amount=4900,
        currency="usd",
        customer=customer,
        payment_method=method,
        confirm="true",
        **{"automatic_payment_methods[enabled]": "true", "automatic_payment_methods[allow_redirects]": "never"},
    )
    return customer, paid["latest_charge"]


def test_one_box_finds_objects_of_both_sides(page, sandbox):
    customer, charge = paid_customer(sandbox)
    found = sandbox.console("GET", f"/api/search?q={charge}")["data"]
    assert (found[0]["side"], found[0]["collection"], found[0]["id"]) == ("stripe", "charges", charge)
    page.goto(sandbox.console_url)
    page.keyboard.press("/")
    page.keyboard.type("ada@acme.example")
    page.keyboard.press("Enter")
    for row in ("Stripe customers", "Stigg customers"):
        expect(page.get_by_role("row", name=row)).to_be_visible()
    page.get_by_role("link", name=customer).first.click()
    expect(page.get_by_role("heading", name="Stripe customer")).to_be_visible()


def test_an_object_leads_to_those_that_it_names(page, sandbox):
    customer, charge = paid_customer(sandbox)
    assert sandbox.console("GET", f"/api/stripe/charges/{charge}")["customer"] == customer
    page.goto(f"{sandbox.console_url}/stripe/charges/{charge}")
    page.locator("pre").get_by_role("link", name=customer).click()
    expect(page.get_by_role("row", name=f"charges {charge}")).to_be_visible()


def test_an_unknown_object_is_told_as_a_page(sandbox):
    answer = sandbox.http.get(f"{sandbox.console_url}/stripe/charges/ch_0")
    assert answer.status_code == 404
    assert "<h1>Not here</h1>" in answer.text


@pytest.mark.parametrize("whose", ["stripe", "stigg"])
def test_a_customers_timeline(page, sandbox, whose):
    customer, _charge = paid_customer(sandbox)
    wanted = customer if whose == "stripe" else "acme"
    told = sandbox.console("GET", f"/api/timeline/{wanted}")
    assert told["customer"] == {
        "stripe_id": customer,
        "stigg_id": "acme",
        "name": "Acme",
        "email": "ada@acme.example",
    }
    titles = {entry["title"] for entry in told["data"]}
    assert {"customer.created", "charge.succeeded", "provisionCustomer", "POST /v1/payment_intents"} <= titles
    assert [entry["at"] for entry in told["data"]] == sorted((entry["at"] for entry in told["data"]), reverse=True)
    page.goto(f"{sandbox.console_url}/customers")
    page.get_by_role("link", name="Acme", exact=True).click()
    expect(page.get_by_text("charge.succeeded", exact=True)).to_be_visible()


def test_money_is_taken_back(page, sandbox):
    _customer, charge = paid_customer(sandbox)
    page.goto(f"{sandbox.console_url}/stripe/charges/{charge}")
    page.get_by_label("Amount, at most 4900").fill("900")
    page.get_by_role("button", name="Refund").click()
    expect(page.get_by_label("Amount, at most 4000")).to_be_visible()
    page.get_by_role("button", name="Dispute it").click()
    expect(page.get_by_role("button", name="Dispute it")).to_have_count(0)
    (dispute,) = sandbox.console("GET", "/api/stripe/disputes")["data"]
    page.goto(f"{sandbox.console_url}/stripe/disputes/{dispute['id']}")
    page.get_by_role("button", name="The bank decides: lost").click()
    expect(page.locator("#facts").get_by_text("lost")).to_be_visible()
    assert sandbox.console("GET", f"/api/stripe/charges/{charge}")["amount_refunded"] == 900


def test_the_clock_moves_by_any_amount(page, sandbox):
    page.goto(sandbox.console_url)
    page.get_by_text("Other", exact=True).click()
    page.get_by_label("How far").fill("90")
    page.get_by_label("Unit").select_option("minutes")
    page.get_by_role("button", name="Move the clock").click()
    expect(page.get_by_text("0 d 1 h ahead")).to_be_visible()
    assert sandbox.console("GET", "/api/clock")["offset_seconds"] == 5400


def test_a_delivery_shows_its_tries_and_its_body(page, sandbox):
    deaf = f"{sandbox.console_url}/nothing-here"
    sandbox.console("POST", "/api/webhooks/endpoints", {"source": "stripe", "url": deaf, "secret": "whsec_x"})
    sandbox.api("POST", "/v1/customers", email="deaf@example.com")
    (delivery,) = sandbox.console("GET", "/api/deliveries?kind=customer.created&internal=false")["data"]
    page.goto(f"{sandbox.console_url}/webhooks/{delivery['id']}")
    expect(page.get_by_role("cell", name="404").first).to_be_visible()
    page.get_by_role("button", name="Send again").click()
    expect(page.get_by_role("cell", name="404").nth(1)).to_be_visible()
    expect(page.get_by_text("deaf@example.com")).to_be_visible()
    sandbox.console("DELETE", "/api/webhooks/endpoints/stripe")
    assert [each["internal"] for each in sandbox.console("GET", "/api/webhooks")["endpoints"]] == [True]


def test_scenarios_are_described(page, sandbox):
    listed = sandbox.console("GET", "/api/scenarios")["data"]
    assert all(each["title"] and each["summary"] and each["group"] for each in listed)
    page.goto(f"{sandbox.console_url}/scenarios")
    for each in listed:
        expect(page.get_by_text(f"POST /api/scenarios/{each['name']}", exact=True)).to_be_visible()
    page.get_by_role("row", name="Stigg down").get_by_role("button", name="Run").click()
    assert [fault["kind"] for fault in sandbox.console("GET", "/api/faults")["data"]] == ["down"]
