"""Every named scenario, run over HTTP as another project's tests would: what happens is what its summary says."""

from collections.abc import Iterator

import pytest
import requests

from tests.sandbox_process import STIGG_KEY, STRIPE_KEY, SandboxClient, running_sandbox

IMPATIENCE_SECONDS = 0.5
BUY = """mutation ($input: ProvisionSubscriptionInput!) {
  provisionSubscriptionV2(input: $input) { subscription { subscriptionId status } } }"""
NEW_CUSTOMER = (
    "mutation ($input: ProvisionCustomerInput!) { provisionCustomer(input: $input) { customer { billingId } } }"
)
SET_CARD = "mutation ($input: UpdateCustomerInput!) { updateOneCustomer(input: $input) { customerId } }"


@pytest.fixture(scope="module")
def running() -> Iterator[SandboxClient]:
    with running_sandbox() as client:
        yield client


@pytest.fixture
def sandbox(running: SandboxClient) -> SandboxClient:
    running.reset()
    running.post("scenarios/calm")
    return running


def stripe(sandbox: SandboxClient, **data: str) -> requests.Response:
    url = f"{sandbox.stripe_url}/v1/customers"
    return requests.post(url, data=data, auth=(STRIPE_KEY, ""), timeout=IMPATIENCE_SECONDS)


def stigg(sandbox: SandboxClient, document: str = "{ __typename }", timeout: float = 10, **given: object):
    return requests.post(
        f"{sandbox.stigg_url}/graphql",
        json={"query": document, "variables": {"input": given}},
        headers={"X-API-KEY": STIGG_KEY},
        timeout=timeout,
    )


def shopper(sandbox: SandboxClient, card: str = "pm_card_visa") -> str:
    """Stripe's id of the customer `ada`, who has a card."""
    made = stigg(sandbox, NEW_CUSTOMER, refId="ada", email="ada@example.com", shouldSyncFree=True).json()
    customer = made["data"]["provisionCustomer"]["customer"]["billingId"]
    attached = requests.post(
        f"{sandbox.stripe_url}/v1/payment_methods/{card}/attach",
        data={"customer": customer},
        auth=(STRIPE_KEY, ""),
        timeout=10,
    )
    stigg(sandbox, SET_CARD, customerId="ada", billingInformation={"paymentMethodId": attached.json()["id"]})
    return str(customer)


def buy(sandbox: SandboxClient, plan: str = "plan-pro", **more: object) -> str:
    """Status of the subscription."""
    answer = stigg(sandbox, BUY, customerId="ada", planId=plan, billingPeriod="MONTHLY", **more).json()
    return str(answer["data"]["provisionSubscriptionV2"]["subscription"]["status"])


def statuses(sandbox: SandboxClient, side: str) -> list[str]:
    return [each["status"] for each in sandbox.objects(side, "subscriptions")]


def modes(sandbox: SandboxClient) -> list[str]:
    state = sandbox.get("webhooks")
    return [state[source]["mode"] for source in ("stripe", "stigg")]


TRIED = {
    *("calm", "stigg_down", "stigg_slow", "stigg_errors", "stigg_garbage", "provision_hangs"),
    *("stripe_down", "stripe_slow", "stripe_rate_limited"),
    *("webhooks_doubled", "webhooks_shuffled", "webhooks_late", "webhooks_held", "webhooks_lost"),
    *("next_charge_declined", "next_charge_needs_authentication", "three_d_secure_by_redirect", "no_wallet"),
    *("payment_deadline_passes", "trial_ends", "a_month_passes"),
}


def test_all_are_tried_here(sandbox):
    assert {each["name"] for each in sandbox.get("scenarios")["data"]} == TRIED


def test_stigg_is_down_until_calm(sandbox):
    sandbox.post("scenarios/stigg_down")
    with pytest.raises(requests.ConnectionError):
        stigg(sandbox)
    sandbox.post("scenarios/calm")
    assert stigg(sandbox).json() == {"data": {"__typename": "Query"}}


def test_stigg_is_slow(sandbox):
    sandbox.post("scenarios/stigg_slow")
    with pytest.raises(requests.Timeout):
        stigg(sandbox, timeout=IMPATIENCE_SECONDS)


def test_stigg_answers_503(sandbox):
    sandbox.post("scenarios/stigg_errors")
    assert [stigg(sandbox).status_code for _ in range(2)] == [503, 503]


def test_stigg_answers_nonsense_three_times(sandbox):
    sandbox.post("scenarios/stigg_garbage")
    assert ["<html" in stigg(sandbox).text.lower() for _ in range(4)] == [True, True, True, False]


def test_provisioning_hangs_once(sandbox):
    shopper(sandbox)
    sandbox.post("scenarios/provision_hangs")
    order = {"customerId": "ada", "planId": "plan-pro", "billingPeriod": "MONTHLY"}
    with pytest.raises(requests.Timeout):
        stigg(sandbox, BUY, timeout=IMPATIENCE_SECONDS, **order)
    assert buy(sandbox) == "ACTIVE"


def test_stripe_is_down_until_calm(sandbox):
    sandbox.post("scenarios/stripe_down")
    with pytest.raises(requests.ConnectionError):
        stripe(sandbox)
    sandbox.post("scenarios/calm")
    assert stripe(sandbox).status_code == 200


def test_stripe_is_slow(sandbox):
    sandbox.post("scenarios/stripe_slow")
    with pytest.raises(requests.Timeout):
        stripe(sandbox)


def test_stripe_answers_429_five_times(sandbox):
    sandbox.post("scenarios/stripe_rate_limited")
    assert [stripe(sandbox).status_code for _ in range(6)] == [429, 429, 429, 429, 429, 200]


@pytest.mark.parametrize(
    ("name", "mode"),
    [
        ("webhooks_doubled", "double"),
        ("webhooks_shuffled", "shuffle"),
        ("webhooks_late", "delay"),
        ("webhooks_held", "hold"),
        ("webhooks_lost", "drop"),
    ],
)
def test_webhooks_are_disturbed_until_calm(sandbox, name, mode):
    sandbox.post(f"scenarios/{name}")
    assert modes(sandbox) == [mode, mode]
    sandbox.post("scenarios/calm")
    assert modes(sandbox) == ["deliver", "deliver"]


def test_the_next_charge_is_declined(sandbox):
    shopper(sandbox)
    sandbox.post("scenarios/next_charge_declined")
    assert buy(sandbox) == "PAYMENT_PENDING"


def test_the_next_charge_needs_authentication(sandbox):
    shopper(sandbox)
    sandbox.post("scenarios/next_charge_needs_authentication")
    assert buy(sandbox) == "PAYMENT_PENDING"
    (invoice,) = sandbox.objects("stripe", "invoices")
    (intent,) = sandbox.objects("stripe", "payment_intents", customer=invoice["customer"])
    assert intent["status"] == "requires_action"


@pytest.mark.parametrize(
    ("name", "preference"),
    [("three_d_secure_by_redirect", {"three_d_secure": "redirect"}), ("no_wallet", {"wallet": "none"})],
)
def test_stripe_js_behaves_otherwise_until_calm(sandbox, name, preference):
    usual = sandbox.get("elements")
    sandbox.post(f"scenarios/{name}")
    assert sandbox.get("elements") == usual | preference
    sandbox.post("scenarios/calm")
    assert sandbox.get("elements") == usual


def test_the_payment_deadline_passes(sandbox):
    shopper(sandbox, "pm_card_chargeCustomerFail")
    assert buy(sandbox) == "PAYMENT_PENDING"
    sandbox.post("scenarios/payment_deadline_passes")
    assert (statuses(sandbox, "stripe"), statuses(sandbox, "stigg")) == (["incomplete_expired"], ["CANCELED"])


def test_a_trial_ends(sandbox):
    shopper(sandbox)
    quantities = [{"featureId": "feature-seats", "quantity": 5}, {"featureId": "feature-storage", "quantity": 500}]
    assert buy(sandbox, "plan-business", billableFeatures=quantities) == "IN_TRIAL"
    sandbox.post("scenarios/trial_ends")
    assert (statuses(sandbox, "stripe"), statuses(sandbox, "stigg")) == (["active"], ["ACTIVE"])


def test_a_month_passes(sandbox):
    shopper(sandbox)
    assert buy(sandbox) == "ACTIVE"
    sandbox.post("scenarios/a_month_passes")
    reasons = {each["billing_reason"]: each["status"] for each in sandbox.objects("stripe", "invoices")}
    assert reasons == {"subscription_create": "paid", "subscription_cycle": "paid"}
