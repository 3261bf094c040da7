"""Checkouts whose time is over: closed when that is true at both ends, and never while nobody can tell."""

from __future__ import annotations

import time
from datetime import timedelta
from typing import Any

import pytest
import requests
import responses
from django.utils import timezone

from billing.models import CheckoutSession, Subscription
from billing.services import card_entry, checkout, completion, customers
from tests.people import begin, person, subscribe
from tests.sandbox_process import STRIPE_KEY, SandboxClient

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("price_list")]
State = CheckoutSession.State
A_DAY_LATER = timedelta(hours=25)


def test_an_order_that_may_have_been_made_is_not_declared_over(sandbox: SandboxClient, settings: Any) -> None:
    settings.TOLLGATE_PROVISION_TIMEOUT_SECONDS = 0.3
    settings.TOLLGATE_BREAKER_FAILURES = 2
    session = begin(person("ada"))
    sandbox.confirm_card(str(session.setup_intent_id))
    sandbox.fault("stigg", "latency", "provisionSubscriptionV2", seconds=0.8, times=1)
    assert completion.complete(session.pk, cause="page").state == State.CONFIRMED
    give_up_at = time.monotonic() + 5
    while not sandbox.objects("stigg", "subscriptions"):
        assert time.monotonic() < give_up_at
        time.sleep(0.05)
    sandbox.fault("stigg", "down")
    checkout.work_due(timezone.now() + A_DAY_LATER)
    session.refresh_from_db()
    assert session.state == State.CONFIRMED
    sandbox.calm()
    settings.TOLLGATE_BREAKER_FAILURES = 1000
    settings.TOLLGATE_PROVISION_TIMEOUT_SECONDS = 60.0
    checkout.work_due(timezone.now() + A_DAY_LATER)
    session.refresh_from_db()
    assert session.state == State.SUCCEEDED
    assert len(sandbox.objects("stigg", "subscriptions")) == 1


def test_an_unpaid_order_that_nobody_cancels_is_canceled_by_us_after_a_grace(sandbox: SandboxClient) -> None:
    carol = person("carol")
    failed = subscribe(carol, sandbox, card="pm_card_chargeCustomerFail")
    checkout.work_due(failed.expires_at + timedelta(minutes=1))
    failed.refresh_from_db()
    assert failed.state == State.PAYMENT_FAILED
    assert Subscription.objects.get().status == "PAYMENT_PENDING"
    checkout.work_due(failed.expires_at + timedelta(hours=3))
    failed.refresh_from_db()
    assert failed.state == State.EXPIRED
    assert Subscription.objects.get().status == "CANCELED"
    assert sandbox.objects("stripe", "invoices")[0]["status"] == "void"


def test_a_payment_at_the_last_moment_counts(sandbox: SandboxClient) -> None:
    carol = person("carol")
    failed = subscribe(carol, sandbox, card="pm_card_chargeCustomerFail")
    card_entry.prepare_card(failed)
    failed.refresh_from_db()
    sandbox.confirm_card(str(failed.setup_intent_id))
    checkout.work_due(failed.expires_at + timedelta(minutes=1))
    give_up_at = time.monotonic() + 10
    while failed.state != State.SUCCEEDED:
        assert time.monotonic() < give_up_at
        customers.refresh(carol.customer.pk, cause="test")
        failed.refresh_from_db()
    assert Subscription.objects.get().status == "ACTIVE"


def test_an_order_that_was_never_confirmed_gives_its_setup_intent_back(sandbox: SandboxClient) -> None:
    session = begin(person("ada"))
    for _ in range(2):
        checkout.work_due(timezone.now() + A_DAY_LATER)
    session.refresh_from_db()
    assert session.state == State.EXPIRED
    (intent,) = sandbox.objects("stripe", "setup_intents")
    assert intent["status"] == "canceled"
    assert checkout.work_due(timezone.now() + A_DAY_LATER) == 0


def test_tidying_waits_while_stripe_is_down(sandbox: SandboxClient, settings: Any) -> None:
    ada = person("ada")
    forgotten = begin(ada, plan="plan-pro")
    begin(ada, plan="plan-starter")
    settings.TOLLGATE_BREAKER_FAILURES = 1
    sandbox.fault("stripe", "down")
    checkout.work_due(timezone.now())
    sandbox.calm()
    settings.TOLLGATE_BREAKER_FAILURES = 1000
    checkout.work_due(timezone.now() + timedelta(minutes=6))
    (intent,) = sandbox.objects("stripe", "setup_intents", id=str(forgotten.setup_intent_id))
    assert intent["status"] == "canceled"


def age(session: CheckoutSession, *, hours: int) -> None:
    """As if it had been begun that long ago, and looked at from time to time."""
    by = timedelta(hours=hours)
    past = {name: getattr(session, name) - by for name in ("created_at", "expires_at")}
    CheckoutSession.objects.filter(pk=session.pk).update(due_at=timezone.now(), **past)


def test_an_order_left_alone_ends_although_the_sweep_has_looked_at_it_again_and_again(sandbox: SandboxClient) -> None:
    session = begin(person("ada"))
    age(session, hours=23)
    checkout.work_due(timezone.now())
    age(session, hours=25)
    checkout.work_due(timezone.now())
    session.refresh_from_db()
    assert session.state == State.EXPIRED


@pytest.mark.shows("C14")
def test_an_order_waits_for_a_bank_that_takes_its_time_over_the_card(sandbox: SandboxClient, settings: Any) -> None:
    session = begin(person("ada"))
    age(session, hours=25)
    address = f"{settings.TOLLGATE_STRIPE_API_URL}/v1/setup_intents/{session.setup_intent_id}"
    intent = requests.get(address, auth=(STRIPE_KEY, ""), timeout=10).json()
    with responses.RequestsMock(assert_all_requests_are_fired=False) as wire:
        wire.add_passthru("http://127.0.0.1")
        wire.get(address, json=intent | {"status": "processing"})
        checkout.work_due(timezone.now())
    session.refresh_from_db()
    assert session.state == State.OPEN
    sandbox.confirm_card(str(session.setup_intent_id))
    completion.complete(session.pk, cause="webhook")
    session.refresh_from_db()
    assert session.state == State.SUCCEEDED


@pytest.mark.shows("C14")
def test_a_first_payment_that_the_bank_still_works_on_is_not_called_off(sandbox: SandboxClient) -> None:
    carol = person("carol")
    session = subscribe(carol, sandbox, card="pm_card_chargeCustomerFail")
    Subscription.objects.update(payment_collection=Subscription.PaymentCollection.PROCESSING)
    CheckoutSession.objects.update(state=State.PROCESSING)
    sandbox.fault("stripe", "down")  # which alone knows how the payment stands
    checkout.work_due(session.expires_at + timedelta(hours=30))
    assert not sandbox.calls("stigg", "cancelSubscription")
    (subscription,) = sandbox.objects("stigg", "subscriptions")
    assert subscription["status"] == "PAYMENT_PENDING"
