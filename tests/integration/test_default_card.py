"""A card that was declined for an order is not left behind as the one that pays for what goes on running."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from billing.gateways import stigg, stripe
from billing.models import CheckoutSession
from billing.services import billing_details
from billing.services import checkout as service
from tests.integration.ordering import Shopper, shopper, subscriber
from tests.sandbox_process import SandboxClient

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("price_list")]
A_MONTH = 32 * 24


@pytest.fixture
def starter(sandbox: SandboxClient) -> Shopper:
    return subscriber(sandbox, plan="plan-starter")


def default_of(who: Shopper) -> str:
    """At Stripe, which charges it."""
    return stripe.current().fetch_default_payment_method_id(str(who.who.customer.stripe_id)) or ""


def pay_with(who: Shopper, card: str, *, has_no_money: bool = False) -> CheckoutSession:
    checkout = who.checkout()
    who.sandbox.confirm_card(str(checkout.setup_intent_id), card)
    if has_no_money:
        who.sandbox.post("scenarios/next_charge_declined")
    who.client.post(reverse("billing:checkout_complete", args=[checkout.pk]))
    who.sandbox.settle()
    return who.checkout()


def decline(who: Shopper, *, card: str = "pm_card_chargeCustomerFail", has_no_money: bool = False) -> CheckoutSession:
    """An upgrade with a new card that cannot pay: it is the default then, and has to be for as long as it may."""
    before = default_of(who)
    who.order(plan="plan-pro", query="?card=new")
    checkout = pay_with(who, card, has_no_money=has_no_money)
    assert checkout.state == "payment_failed"
    assert default_of(who) == checkout.invoice_attempted_with != before
    who.refresh()
    return checkout


def give_up(who: Shopper) -> None:
    who.client.post(reverse("billing:checkout_cancel", args=[who.checkout().pk]))


def cancel_the_change(who: Shopper) -> None:
    who.client.post(reverse("billing:cancel_scheduled_change", args=[who.refresh().stigg_id]))


def let_it_expire(who: Shopper) -> None:
    for _ in range(2):
        service.work_due(who.checkout().expires_at + timedelta(minutes=10))


@pytest.mark.parametrize("drop", [give_up, cancel_the_change, let_it_expire])
def test_a_change_that_is_dropped_leaves_the_card_that_pays_the_plan(
    starter: Shopper, sandbox: SandboxClient, drop: object
) -> None:
    good = default_of(starter)
    decline(starter)
    assert callable(drop)
    drop(starter)
    assert starter.checkout().state in ("canceled", "expired")
    assert default_of(starter) == good
    starter.refresh()
    assert starter.who.customer.payment_methods.get(is_default=True).stripe_id == good
    sandbox.advance(hours=A_MONTH)
    sandbox.settle()
    row = starter.refresh()
    assert (row.plan_id, row.status, row.payment_collection) == ("plan-starter", "ACTIVE", "NOT_REQUIRED")


def test_so_does_one_that_a_step_down_has_replaced(starter: Shopper) -> None:
    good = default_of(starter)
    declined = decline(starter)
    starter.order(plan="plan-free", period=None)
    declined.refresh_from_db()
    assert (declined.state, starter.checkout().state) == ("superseded", "succeeded")
    service.work_due(timezone.now())
    assert default_of(starter) == good


def test_however_many_orders_the_card_was_tried_for(starter: Shopper) -> None:
    good = default_of(starter)
    decline(starter)
    starter.order(plan="plan-pro", period="ANNUALLY")
    again = starter.checkout()
    assert (again.billing_period, again.state) == ("ANNUALLY", "payment_failed")
    service.work_due(timezone.now())
    assert default_of(starter) == again.invoice_attempted_with
    give_up(starter)
    assert default_of(starter) == good


def test_a_card_that_has_paid_a_later_order_stays_the_default(starter: Shopper, sandbox: SandboxClient) -> None:
    card = decline(starter, card="pm_card_mastercard", has_no_money=True).invoice_attempted_with
    sandbox.post("scenarios/calm")
    starter.order(plan="plan-pro", period="ANNUALLY")
    assert starter.checkout().state == "succeeded"
    service.work_due(timezone.now())
    assert default_of(starter) == card


def test_a_card_that_was_chosen_meanwhile_stays_the_default(starter: Shopper) -> None:
    decline(starter)
    # Any other card of hers will do: the one that a portal of Stripe's would have made the default.
    starter.sandbox.confirm_card(_another_setup_intent(starter), "pm_card_mastercard")
    starter.sandbox.settle()
    picked = default_of(starter)
    stigg.current().update_customer(
        customer_id=starter.who.customer.stigg_id,
        billing_information=billing_details.information(starter.who.customer, payment_method_id=picked),
    )
    give_up(starter)
    assert default_of(starter) == picked


def _another_setup_intent(who: Shopper) -> str:
    intent = stripe.current().create_setup_intent(
        customer_id=str(who.who.customer.stripe_id), idempotency_key=f"portal:{who.who.customer.pk}", metadata={}
    )
    return intent.setup_intent_id


def test_what_cannot_be_restored_now_is_restored_by_the_sweep(starter: Shopper, sandbox: SandboxClient) -> None:
    good = default_of(starter)
    card = decline(starter).invoice_attempted_with
    sandbox.fault("stigg", "down", "updateOneCustomer")
    give_up(starter)
    assert starter.checkout().state == "canceled"
    assert default_of(starter) == card
    sandbox.calm()
    service.work_due(timezone.now())
    assert default_of(starter) == good
    service.work_due(timezone.now())
    assert starter.checkout().previous_payment_method_id == ""


def test_a_card_that_was_taken_off_meanwhile_does_not_come_back(starter: Shopper) -> None:
    good = default_of(starter)
    card = decline(starter).invoice_attempted_with
    stripe.current().detach_payment_method(good)
    starter.sandbox.settle()
    starter.refresh()
    give_up(starter)
    assert (starter.checkout().state, starter.checkout().previous_payment_method_id) == ("canceled", "")
    assert default_of(starter) == card


def test_a_first_purchase_has_no_card_to_go_back_to(sandbox: SandboxClient) -> None:
    carol = shopper(sandbox, "carol")
    carol.order(plan="plan-pro")
    card = pay_with(carol, "pm_card_chargeCustomerFail").invoice_attempted_with
    give_up(carol)
    service.work_due(timezone.now())
    assert carol.checkout().state == "canceled"
    assert default_of(carol) == card


def test_what_was_paid_for_keeps_its_card(starter: Shopper) -> None:
    starter.order(plan="plan-pro", query="?card=new")
    checkout = pay_with(starter, "pm_card_mastercard")
    assert checkout.state == "succeeded"
    service.work_due(timezone.now())
    assert default_of(starter) == checkout.payment_method_id
