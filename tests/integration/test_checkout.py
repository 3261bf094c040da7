"""A checkout from the choice to the subscription, with every way a card can go."""

from __future__ import annotations

import threading
import time
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
import requests
from django.db import connection
from django.utils import timezone
from stripe import StripeClient

from billing.errors import NothingToChange, PlanNotOffered, SetupIntentMismatch, TooManyAttempts
from billing.gateways.stigg.types import SubscriptionChoice
from billing.models import CheckoutSession, Subscription
from billing.services import card_entry, checkout, completion, customers
from tests.people import Person, begin, person, subscribe
from tests.sandbox_process import STRIPE_KEY, SandboxClient

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("price_list")]
State = CheckoutSession.State


def paid_invoices(sandbox: SandboxClient, who: Person) -> list[dict[str, object]]:
    who.customer.refresh_from_db()
    return [
        i for i in sandbox.objects("stripe", "invoices", customer=str(who.customer.stripe_id)) if i["status"] == "paid"
    ]


@pytest.mark.shows("C15")
def test_a_good_card_gives_an_active_subscription_with_its_entitlements(sandbox: SandboxClient) -> None:
    ada = person("ada")
    done = subscribe(ada, sandbox)
    assert done.state == State.SUCCEEDED
    assert done.subscription is not None
    assert done.subscription.status == "ACTIVE"
    assert done.subscription.total_minor == 4900
    assert ada.customer.entitlements.filter(is_granted=True).count() > 3
    assert len(paid_invoices(sandbox, ada)) == 1


def test_a_checkout_costs_at_most_four_calls_after_the_card(sandbox: SandboxClient) -> None:
    ada = person("ada")
    session = begin(ada)
    sandbox.confirm_card(str(session.setup_intent_id))
    before = len(sandbox.calls("stigg")) + len(sandbox.calls("stripe"))
    completion.complete(session.pk, cause="test")
    assert len(sandbox.calls("stigg")) + len(sandbox.calls("stripe")) - before <= 4


@pytest.mark.shows("C12")
def test_completing_again_changes_nothing(sandbox: SandboxClient) -> None:
    ada = person("ada")
    done = subscribe(ada, sandbox)
    for cause in ("return page", "webhook", "sweep"):
        again = completion.complete(done.pk, cause=cause)
        assert again.state == State.SUCCEEDED
    assert len(paid_invoices(sandbox, ada)) == 1
    assert Subscription.objects.count() == 1


@pytest.mark.shows("C12")
def test_choosing_the_same_plan_twice_is_one_checkout_and_one_setup_intent(sandbox: SandboxClient) -> None:
    ada = person("ada")
    first, second = begin(ada), begin(ada)
    assert first.pk == second.pk
    assert first.setup_intent_id == second.setup_intent_id
    assert len(sandbox.objects("stripe", "setup_intents")) == 1


def test_another_choice_supersedes_the_first_whose_card_then_buys_nothing(sandbox: SandboxClient) -> None:
    ada = person("ada")
    forgotten = begin(ada, plan="plan-pro")
    begin(ada, plan="plan-starter")
    sandbox.confirm_card(str(forgotten.setup_intent_id))
    assert completion.complete(forgotten.pk, cause="forgotten tab").state == State.SUPERSEDED
    assert sandbox.objects("stigg", "subscriptions") == []


def test_the_sweep_cancels_the_setup_intent_of_a_superseded_checkout(sandbox: SandboxClient) -> None:
    ada = person("ada")
    forgotten = begin(ada, plan="plan-pro")
    begin(ada, plan="plan-starter")
    checkout.work_due(timezone.now())
    (intent,) = sandbox.objects("stripe", "setup_intents", id=str(forgotten.setup_intent_id))
    assert intent["status"] == "canceled"


def test_a_declined_card_leaves_the_checkout_open_for_the_next(sandbox: SandboxClient) -> None:
    ada = person("ada")
    session = begin(ada)
    sandbox.confirm_card(str(session.setup_intent_id), "pm_card_visa_chargeDeclined")
    assert completion.complete(session.pk, cause="test").state == State.OPEN
    sandbox.confirm_card(str(session.setup_intent_id))
    assert completion.complete(session.pk, cause="test").state == State.SUCCEEDED
    assert len(sandbox.objects("stripe", "setup_intents")) == 1


def test_a_card_that_cannot_be_charged_leaves_a_pending_subscription_without_access(sandbox: SandboxClient) -> None:
    carol = person("carol")
    failed = subscribe(carol, sandbox, card="pm_card_chargeCustomerFail")
    assert failed.state == State.PAYMENT_FAILED
    assert failed.subscription is not None
    assert failed.subscription.status == "PAYMENT_PENDING"
    assert failed.failure_code == "generic_decline"
    assert not carol.customer.entitlements.filter(is_granted=True).exists()
    left = failed.expires_at - timezone.now()
    assert timedelta(hours=22, minutes=55) < left <= timedelta(hours=23)


@pytest.mark.shows("C9")
def test_another_card_pays_the_open_invoice_of_the_same_subscription(sandbox: SandboxClient) -> None:
    carol = person("carol")
    failed = subscribe(carol, sandbox, card="pm_card_chargeCustomerFail")
    card_entry.prepare_card(failed)
    failed.refresh_from_db()
    sandbox.confirm_card(str(failed.setup_intent_id))
    done = finish(completion.complete(failed.pk, cause="test"))
    assert done.state == State.SUCCEEDED
    assert Subscription.objects.get().status == "ACTIVE"
    assert len(paid_invoices(sandbox, carol)) == 1
    assert carol.customer.entitlements.filter(is_granted=True).exists()


def finish(session: CheckoutSession) -> CheckoutSession:
    """What the worker does for a payment whose news is on its way through Stigg."""
    for _ in range(50):
        if session.state != State.PROCESSING:
            break
        customers.refresh(session.customer_id, cause="test")
        session.refresh_from_db()
    customers.refresh(session.customer_id, cause="test")
    return session


def test_trying_the_failed_card_again_counts_and_is_limited(sandbox: SandboxClient, settings: object) -> None:
    settings.TOLLGATE_SETUP_INTENTS_PER_10_MINUTES = 2  # type: ignore[attr-defined]
    carol = person("carol")
    failed = subscribe(carol, sandbox, card="pm_card_chargeCustomerFail")
    for _ in range(3):
        card_entry.pay_again(failed)
        failed = completion.complete(failed.pk, cause="test")
        assert failed.state == State.PAYMENT_FAILED
    with pytest.raises(TooManyAttempts):
        card_entry.pay_again(failed)


@pytest.mark.shows("C9")
def test_an_unpaid_order_is_canceled_on_both_sides_and_here_after_the_deadline(sandbox: SandboxClient) -> None:
    carol = person("carol")
    failed = subscribe(carol, sandbox, card="pm_card_chargeCustomerFail")
    sandbox.advance(hours=22)
    customers.refresh(carol.customer.pk, cause="test")
    failed.refresh_from_db()
    assert failed.state == State.PAYMENT_FAILED
    sandbox.advance(hours=2)
    customers.refresh(carol.customer.pk, cause="test")
    failed.refresh_from_db()
    assert failed.state == State.EXPIRED
    assert Subscription.objects.get().status == "CANCELED"
    assert sandbox.objects("stripe", "subscriptions")[0]["status"] == "incomplete_expired"
    assert subscribe(carol, sandbox).state == State.SUCCEEDED


def test_three_d_secure_on_the_first_payment_asks_the_customer(sandbox: SandboxClient) -> None:
    ada = person("ada")
    session = begin(ada)
    intent = sandbox.confirm_card(str(session.setup_intent_id), "pm_card_authenticationRequired")
    accept(sandbox, intent)
    waiting = completion.complete(session.pk, cause="test")
    assert waiting.state == State.ACTION_REQUIRED
    assert card_entry.fetch_payment_secret(waiting)


def accept(sandbox: SandboxClient, intent: dict[str, object]) -> None:
    requests.post(
        f"{sandbox.stripe_url}/sandbox/3ds/{intent['id']}",
        data={"client_secret": intent["client_secret"], "outcome": "accept"},
        timeout=10,
    ).raise_for_status()


def test_a_free_plan_needs_no_card(sandbox: SandboxClient) -> None:
    bob = person("bob")
    session = checkout.begin(customer=bob.customer, user=bob.user, choice=SubscriptionChoice("plan-free"))
    done = completion.complete(session.pk, cause="test")
    assert done.state == State.SUCCEEDED
    assert sandbox.objects("stripe", "setup_intents") == []


def test_the_plan_that_one_has_cannot_be_bought_again(sandbox: SandboxClient) -> None:
    ada = person("ada")
    subscribe(ada, sandbox)
    with pytest.raises(NothingToChange):
        begin(ada)


@pytest.mark.parametrize("plan", ["plan-enterprise", "plan-of-somebody-else"])
def test_what_is_not_for_sale_cannot_be_bought(sandbox: SandboxClient, plan: str) -> None:
    with pytest.raises(PlanNotOffered):
        begin(person("ada"), plan=plan)


@pytest.mark.shows("C1")
def test_a_saved_card_pays_without_a_form(sandbox: SandboxClient) -> None:
    ada = person("ada")
    done = subscribe(ada, sandbox, plan="plan-starter")
    customers.refresh(ada.customer.pk, cause="test", with_stripe=True)
    upgrade = begin(ada, plan="plan-pro")
    card_entry.use_saved_card(upgrade, done.payment_method_id)
    assert completion.complete(upgrade.pk, cause="test").state == State.SUCCEEDED


def test_somebody_elses_card_is_refused(sandbox: SandboxClient) -> None:
    ada, dave = person("ada"), person("dave")
    done = subscribe(ada, sandbox)
    customers.refresh(ada.customer.pk, cause="test", with_stripe=True)
    with pytest.raises(SetupIntentMismatch):
        card_entry.use_saved_card(begin(dave), done.payment_method_id)


def test_a_setup_intent_of_another_checkout_completes_nothing(sandbox: SandboxClient) -> None:
    ada, dave = person("ada"), person("dave")
    foreign = begin(dave)
    sandbox.confirm_card(str(foreign.setup_intent_id))
    foreign_id = foreign.setup_intent_id
    CheckoutSession.objects.filter(pk=foreign.pk).update(setup_intent_id=None)
    session = begin(ada)
    CheckoutSession.objects.filter(pk=session.pk).update(setup_intent_id=foreign_id)
    with pytest.raises(SetupIntentMismatch):
        completion.complete(session.pk, cause="test")
    assert sandbox.objects("stigg", "subscriptions") == []


@pytest.mark.shows("C11")
def test_a_timeout_of_provisioning_does_not_make_two_subscriptions(sandbox: SandboxClient, settings: object) -> None:
    settings.TOLLGATE_PROVISION_TIMEOUT_SECONDS = 0.3  # type: ignore[attr-defined]
    ada = person("ada")
    session = begin(ada)
    sandbox.confirm_card(str(session.setup_intent_id))
    sandbox.fault("stigg", "latency", "provisionSubscriptionV2", seconds=1, times=1)
    postponed = completion.complete(session.pk, cause="page")
    assert postponed.state == State.CONFIRMED
    assert postponed.due_at is not None
    settings.TOLLGATE_PROVISION_TIMEOUT_SECONDS = 60.0  # type: ignore[attr-defined]
    wait_until(lambda: len(sandbox.objects("stigg", "subscriptions")) == 1)
    assert completion.complete(session.pk, cause="sweep").state == State.SUCCEEDED
    assert len(sandbox.objects("stigg", "subscriptions")) == 1
    assert len(paid_invoices(sandbox, ada)) == 1


def wait_until(condition: object, seconds: float = 5.0) -> None:
    give_up_at = time.monotonic() + seconds
    while not condition():  # type: ignore[operator]
        assert time.monotonic() < give_up_at, "it did not happen in time"
        time.sleep(0.05)


@pytest.mark.shows("C11")
def test_stigg_down_after_the_card_loses_nothing_and_the_sweep_completes(sandbox: SandboxClient) -> None:
    ada = person("ada")
    session = begin(ada)
    sandbox.confirm_card(str(session.setup_intent_id))
    sandbox.fault("stigg", "down")
    postponed = completion.complete(session.pk, cause="page")
    assert postponed.state == State.CONFIRMED
    assert "stigg" in postponed.last_error
    sandbox.calm()
    CheckoutSession.objects.filter(pk=session.pk).update(due_at=timezone.now())
    checkout.work_due(timezone.now())
    session.refresh_from_db()
    assert session.state == State.SUCCEEDED


def test_a_checkout_never_confirmed_expires(sandbox: SandboxClient) -> None:
    session = begin(person("ada"))
    checkout.work_due(timezone.now() + timedelta(hours=25))
    session.refresh_from_db()
    assert session.state == State.EXPIRED


def test_giving_up_a_failed_order_cancels_the_pending_subscription(sandbox: SandboxClient) -> None:
    carol = person("carol")
    failed = subscribe(carol, sandbox, card="pm_card_chargeCustomerFail")
    checkout.give_up(failed)
    customers.refresh(carol.customer.pk, cause="test")
    assert failed.state == State.CANCELED
    assert Subscription.objects.get().status == "CANCELED"


def test_what_was_paid_meanwhile_is_not_canceled(sandbox: SandboxClient) -> None:
    """With the hosted invoice, or at the bank: our row still says that it waits for its payment."""
    carol = person("carol")
    failed = subscribe(carol, sandbox, card="pm_card_chargeCustomerFail")
    carol.customer.refresh_from_db()
    stripe = StripeClient(STRIPE_KEY, base_addresses={"api": sandbox.stripe_url})
    method = stripe.v1.payment_methods.attach("pm_card_visa", {"customer": str(carol.customer.stripe_id)})
    stripe.v1.invoices.pay(failed.invoice_id, {"payment_method": method.id})
    sandbox.settle()
    assert Subscription.objects.get().status == "PAYMENT_PENDING"
    checkout.give_up(failed)
    customers.refresh(carol.customer.pk, cause="test")
    failed.refresh_from_db()
    assert Subscription.objects.get().status == "ACTIVE"
    assert failed.state == State.SUCCEEDED


def test_one_order_that_cannot_be_worked_keeps_no_other_waiting(
    sandbox: SandboxClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken, good = begin(person("ada")), begin(person("carol"))
    now = timezone.now()
    for number, session in enumerate((broken, good)):
        sandbox.confirm_card(str(session.setup_intent_id))
        CheckoutSession.objects.filter(pk=session.pk).update(due_at=now - timedelta(minutes=2 - number))
    really = completion.complete

    def complete(pk: UUID, **how: Any) -> CheckoutSession:
        if pk == broken.pk:
            raise ValueError("nobody has foreseen this")
        return really(pk, **how)

    monkeypatch.setattr(completion, "complete", complete)
    checkout.work_due(now)
    good.refresh_from_db()
    broken.refresh_from_db()
    assert good.state == State.SUCCEEDED
    assert broken.due_at is not None
    assert broken.due_at > now


def test_choosing_another_plan_after_a_failed_payment_cancels_the_first_order(sandbox: SandboxClient) -> None:
    carol = person("carol")
    subscribe(carol, sandbox, card="pm_card_chargeCustomerFail", plan="plan-pro")
    done = subscribe(carol, sandbox, plan="plan-starter")
    assert done.state == State.SUCCEEDED
    customers.refresh(carol.customer.pk, cause="test")
    assert {row.plan_id: row.status for row in Subscription.objects.all()} == {
        "plan-pro": "CANCELED",
        "plan-starter": "ACTIVE",
    }
    assert len(paid_invoices(sandbox, carol)) == 1


def test_more_setup_intents_than_a_person_needs_are_refused_without_asking_stripe(sandbox: SandboxClient) -> None:
    dave = person("dave")
    plans = ["plan-pro", "plan-starter"] * 3
    for plan in plans[:5]:
        begin(dave, plan=plan)
    before = len(sandbox.calls("stripe"))
    with pytest.raises(TooManyAttempts) as refused:
        begin(dave, plan=plans[5])
    assert 0 < refused.value.retry_after_seconds <= 600
    assert len(sandbox.calls("stripe")) == before


def test_a_form_that_sees_too_many_refused_cards_is_taken_away(sandbox: SandboxClient, settings: object) -> None:
    settings.TOLLGATE_SETUP_INTENTS_PER_10_MINUTES = 1  # type: ignore[attr-defined]
    dave = person("dave")
    session = begin(dave)
    card_entry.record_refusal(session, reference="evt_1")
    card_entry.record_refusal(session, reference="evt_1")
    assert card_entry.fetch_setup_intent(session).status == "requires_payment_method"  # type: ignore[union-attr]
    card_entry.record_refusal(session, reference="evt_2")
    assert card_entry.fetch_setup_intent(session).status == "canceled"  # type: ignore[union-attr]
    with pytest.raises(TooManyAttempts):
        card_entry.prepare_card(session)


@pytest.mark.shows("C1")
def test_another_card_instead_of_the_banks_confirmation_pays(sandbox: SandboxClient) -> None:
    ada = person("ada")
    session = begin(ada)
    accept(sandbox, sandbox.confirm_card(str(session.setup_intent_id), "pm_card_authenticationRequired"))
    waiting = completion.complete(session.pk, cause="test")
    assert waiting.state == State.ACTION_REQUIRED
    first_intent = waiting.setup_intent_id
    card_entry.prepare_card(waiting)
    waiting.refresh_from_db()
    assert waiting.setup_intent_id not in (None, first_intent)
    sandbox.confirm_card(str(waiting.setup_intent_id))
    assert finish(completion.complete(session.pk, cause="test")).state == State.SUCCEEDED
    assert len(paid_invoices(sandbox, ada)) == 1


def test_who_comes_while_another_completes_waits_for_the_outcome(sandbox: SandboxClient) -> None:
    session = begin(person("ada"))
    sandbox.confirm_card(str(session.setup_intent_id))
    worker = CheckoutSession.take_lease(session.pk, seconds=60)
    assert worker is not None
    page = threading.Thread(target=worker_finishes, args=(worker,))
    page.start()
    done = completion.complete(session.pk, cause="page", wait_seconds=10)
    page.join()
    assert done.state == State.SUCCEEDED


def worker_finishes(worker: CheckoutSession) -> None:
    time.sleep(0.3)
    worker.release_lease()
    connection.close()
