"""A year of a subscription's life under the clock: it ends in the same state at Stripe, at Stigg and here.

A trial converts and renews twelve times; one renewal fails and recovers; there is a step up, a step down
at the end of a period, and a cancellation. We hear of it through webhooks alone.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import pytest
import requests
from django.test import Client

from billing.gateways import stigg
from billing.gateways.stigg.types import BillingInformation
from billing.models import Invoice, Subscription, WebhookEvent
from billing.services import customers
from billing.webhooks.dispatch import drain
from tests.integration.conftest import Recorder
from tests.integration.test_event_order import all_messages, post, rows_of
from tests.people import Person, person, subscribe
from tests.sandbox_process import STIGG_KEY, STRIPE_KEY, SandboxClient

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("price_list")]

DAY = 24
MONTH = 31 * DAY
TRIAL = """mutation ApplySubscription($input: ApplySubscriptionInput!) {
  applySubscription(input: $input) { subscription { subscriptionId status trialEndDate } } }"""


@dataclass
class Life:
    """Ada's, told to us by whatever webhooks the two sides send."""

    sandbox: SandboxClient
    recorder: Recorder
    client: Client
    ada: Person = field(default_factory=lambda: person("ada"))

    def hear(self) -> None:
        """All that was sent since the last time, worked off."""
        messages = all_messages(self.sandbox, self.recorder)
        self.recorder.clear()
        post(self.client, messages)
        drain()
        assert set(WebhookEvent.objects.values_list("state", flat=True)) <= {"done", "ignored"}

    def pass_time(self, hours: float) -> None:
        self.sandbox.advance(hours=hours)
        self.hear()

    def put_in(self, card: str) -> None:
        """Saves a card, which becomes the default."""
        self.ada.customer.refresh_from_db()
        answer = requests.post(
            f"{self.sandbox.stripe_url}/v1/payment_methods/{card}/attach",
            data={"customer": self.ada.customer.stripe_id},
            auth=(STRIPE_KEY, ""),
            timeout=10,
        )
        information = BillingInformation(payment_method_id=answer.json()["id"])
        stigg.current().update_customer(customer_id=self.ada.customer.stigg_id, billing_information=information)
        self.hear()

    def begin_trial(self, plan_id: str) -> None:
        given: dict[str, Any] = {
            "customerId": self.ada.customer.stigg_id,
            "planId": plan_id,
            "billingPeriod": "MONTHLY",
            "trialOverrideConfiguration": {"isTrial": True, "trialEndBehavior": "CONVERT_TO_PAID"},
        }
        answer = requests.post(
            f"{self.sandbox.stigg_url}/graphql",
            json={"query": TRIAL, "variables": {"input": given}},
            headers={"X-API-KEY": STIGG_KEY},
            timeout=10,
        )
        assert answer.json()["data"]["applySubscription"]["subscription"]["status"] == "IN_TRIAL"
        self.hear()

    @property
    def here(self) -> tuple[str, str, str]:
        found = Subscription.objects.get()
        return found.plan_id, found.status, found.payment_collection

    @property
    def at_stigg(self) -> tuple[str, str, str]:
        (found,) = self.sandbox.objects("stigg", "subscriptions")
        return found["choice"]["plan_id"], found["status"], found["payment_collection"]

    @property
    def at_stripe(self) -> dict[str, Any]:
        (found,) = self.sandbox.objects("stripe", "subscriptions")
        return found

    def assert_agreed(self, plan_id: str, status: str, stripe_status: str, collection: str = "NOT_REQUIRED") -> None:
        assert self.at_stigg == self.here == (plan_id, status, collection)
        assert self.at_stripe["status"] == stripe_status


@pytest.fixture
def life(sandbox: SandboxClient, recorder: Recorder, client: Client) -> Life:
    begun = Life(sandbox, recorder, client)
    customers.provision(begun.ada.customer.pk)
    begun.put_in("pm_card_visa")
    return begun


def test_a_year(life: Life, sandbox: SandboxClient) -> None:
    life.begin_trial("plan-starter")
    assert life.at_stigg == life.here == ("plan-starter", "IN_TRIAL", "NOT_REQUIRED")

    life.pass_time(14 * DAY + 1)
    life.assert_agreed("plan-starter", "ACTIVE", "active")

    for _ in range(3):
        life.pass_time(MONTH)
    life.put_in("pm_card_chargeCustomerFail")
    life.pass_time(MONTH)
    life.assert_agreed("plan-starter", "ACTIVE", "past_due", "FAILED")
    life.put_in("pm_card_visa")
    life.pass_time(5 * DAY)
    life.assert_agreed("plan-starter", "ACTIVE", "active")

    subscribe(life.ada, sandbox, plan="plan-pro")
    life.hear()
    life.assert_agreed("plan-pro", "ACTIVE", "active")
    for _ in range(4):
        life.pass_time(MONTH)

    subscribe(life.ada, sandbox, plan="plan-starter")
    life.hear()
    life.assert_agreed("plan-pro", "ACTIVE", "active")
    life.pass_time(MONTH)
    life.assert_agreed("plan-starter", "ACTIVE", "active")
    while renewals(sandbox) < 12:
        life.pass_time(MONTH)

    stigg.current().cancel_subscription(
        subscription_id=Subscription.objects.get().stigg_id, when="END_OF_BILLING_PERIOD"
    )
    life.hear()
    life.assert_agreed("plan-starter", "ACTIVE", "active")
    life.pass_time(MONTH)
    life.assert_agreed("plan-starter", "CANCELED", "canceled")
    assert_same_money(sandbox)
    assert_same_rows_as_after_a_refresh(life)


def renewals(sandbox: SandboxClient) -> int:
    return len(sandbox.objects("stripe", "invoices", billing_reason="subscription_cycle"))


def assert_same_money(sandbox: SandboxClient) -> None:
    """Each of Stripe's invoices is here, paid, with the same sum; none twice."""
    invoices = sandbox.objects("stripe", "invoices")
    assert renewals(sandbox) == 12
    assert {each["status"] for each in invoices} == {"paid"}
    here = {row.stripe_id: (row.status, row.amount_due_minor) for row in Invoice.objects.all()}
    assert here == {each["id"]: (each["status"], each["amount_due"]) for each in invoices}


def assert_same_rows_as_after_a_refresh(life: Life) -> None:
    heard = rows_of(life.ada.customer)
    customers.refresh(life.ada.customer.pk, cause="test", with_stripe=True)
    assert rows_of(life.ada.customer) == heard
