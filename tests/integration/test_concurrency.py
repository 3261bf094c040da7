"""Double clicks, two tabs, a webhook and a sweep at the same moment: one checkout, one subscription, one payment."""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone

from billing.errors import Busy
from billing.gateways.stigg.types import SubscriptionChoice
from billing.models import CardAttempt, CheckoutSession, Customer, LeaseLost, Subscription
from billing.money import Money
from billing.services import card_entry, checkout, completion, customers, payments, provisioning
from tests.integration.browsing import config_of, signed_in, url
from tests.people import Person, begin, person, subscribe
from tests.sandbox_process import SandboxClient

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("price_list")]
State = CheckoutSession.State
AT_ONCE = 4
MEETING_SECONDS = 2


def at_once(*works: Callable[[], Any]) -> list[Any]:
    """Run all of them at the same moment; their results, or the exceptions that they ended in."""
    start, results = threading.Barrier(len(works)), [None] * len(works)

    def run(index: int) -> None:
        start.wait()
        try:
            results[index] = works[index]()
        except Exception as error:
            results[index] = error
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(index,)) for index in range(len(works))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
        assert not thread.is_alive()
    return results


@pytest.mark.shows("C12")
def test_clicks_at_the_same_moment_begin_one_checkout(sandbox: SandboxClient) -> None:
    ada = person("ada")
    customers.provision(ada.customer.pk)
    choice = SubscriptionChoice("plan-pro", "MONTHLY")

    def click() -> Any:
        session = checkout.begin(customer=Customer.objects.get(pk=ada.customer.pk), user=ada.user, choice=choice)
        card_entry.prepare_card(session)
        return session.pk

    assert len(set(at_once(*[click] * AT_ONCE))) == 1
    assert CheckoutSession.objects.count() == CardAttempt.objects.count() == 1
    assert len(sandbox.objects("stripe", "setup_intents")) == 1


@pytest.mark.shows("C12")
def test_two_tabs_with_two_choices_leave_one_live_checkout() -> None:
    ada = person("ada")
    customers.provision(ada.customer.pk)

    def choose(plan: str) -> Callable[[], Any]:
        return lambda: checkout.begin(customer=ada.customer, user=ada.user, choice=SubscriptionChoice(plan, "MONTHLY"))

    results = at_once(choose("plan-pro"), choose("plan-starter"))
    assert not any(isinstance(result, Exception) for result in results)
    assert CheckoutSession.objects.all().live().count() == 1


@pytest.mark.shows("C11", "C12")
def test_page_return_webhook_and_sweep_at_once_are_one_subscription(sandbox: SandboxClient) -> None:
    ada = person("ada")
    session = begin(ada)
    sandbox.confirm_card(str(session.setup_intent_id))
    causes = ("page", "return page", "webhook", "sweep")
    at_once(*[lambda cause=cause: completion.complete(session.pk, cause=cause) for cause in causes])
    session.refresh_from_db()
    assert session.state == State.SUCCEEDED
    assert session.leased_until is None
    assert Subscription.objects.count() == len(sandbox.objects("stigg", "subscriptions")) == 1
    paid = [row for row in sandbox.objects("stripe", "invoices") if row["status"] == "paid"]
    assert len(paid) == len(sandbox.objects("stripe", "charges")) == 1


def test_another_card_paid_twice_at_once_is_one_payment(sandbox: SandboxClient) -> None:
    carol = person("carol")
    session = begin(carol)
    sandbox.confirm_card(str(session.setup_intent_id), "pm_card_chargeCustomerFail")
    failed = completion.complete(session.pk, cause="test")
    card_entry.prepare_card(failed)
    failed.refresh_from_db()
    sandbox.confirm_card(str(failed.setup_intent_id))
    at_once(*[lambda: completion.complete(failed.pk, cause="page")] * AT_ONCE)
    succeeded = [row for row in sandbox.objects("stripe", "charges") if row["status"] == "succeeded"]
    assert len(succeeded) == 1


def test_a_double_click_in_the_browser_is_answered_twice_and_paid_once(sandbox: SandboxClient) -> None:
    ada = person("ada")
    session = begin(ada)
    sandbox.confirm_card(str(session.setup_intent_id))
    clients = [Client(), Client()]
    for client in clients:
        client.force_login(ada.user)
    address = url("checkout_complete", session)
    answers = at_once(*[lambda client=client: client.post(address) for client in clients])
    assert [answer.status_code for answer in answers] == [303, 303]
    assert len(sandbox.objects("stigg", "subscriptions")) == 1


@pytest.mark.shows("C7", "C12")
@pytest.mark.parametrize("answer", ["nothing yet", "refuse"])
def test_another_card_keeps_its_form_while_the_worker_looks_at_the_first_ones_payment(
    sandbox: SandboxClient, answer: str
) -> None:
    """The worker has read the row when the customer asks for another card, and writes down what it found after it."""
    ada = person("ada")
    session = begin(ada)
    sandbox.confirm_card(str(session.setup_intent_id), "pm_card_authenticationRequired")
    sandbox.authenticate(str(session.setup_intent_id), "accept")
    asked = completion.complete(session.pk, cause="test")
    assert asked.state == State.ACTION_REQUIRED
    if answer == "refuse":
        secret = str(card_entry.fetch_payment_secret(asked))
        sandbox.authenticate(secret.partition("_secret_")[0], answer)
    client = signed_in(ada)

    with CheckoutSession.lease(session.pk, seconds=60) as worker:
        assert worker is not None
        assert client.post(url("checkout_card", session)).url == url("checkout", session)
        with pytest.raises(LeaseLost):
            payments.look_again(worker)
    page = client.get(url("checkout", session))
    assert page.status_code == 200
    assert config_of(page)["clientSecret"]

    session.refresh_from_db()
    sandbox.confirm_card(str(session.setup_intent_id))
    client.post(url("checkout_complete", session))
    customers.refresh(ada.customer.pk, cause="test")
    session.refresh_from_db()
    assert session.state in (State.SUCCEEDED, State.PROCESSING)
    succeeded = [row for row in sandbox.objects("stripe", "charges") if row["status"] == "succeeded"]
    assert len(succeeded) == 1


def test_a_lease_holder_does_not_bring_a_superseded_order_back(sandbox: SandboxClient) -> None:
    carol = person("carol")
    failed = subscribe(carol, sandbox, card="pm_card_chargeCustomerFail")
    with CheckoutSession.lease(failed.pk, seconds=60) as worker:
        assert worker is not None
        with pytest.raises(Busy):
            checkout.give_up(failed)
        begin(carol, plan="plan-starter")
        with pytest.raises(LeaseLost):
            worker.write_under_lease(state=State.PROCESSING)
    failed.refresh_from_db()
    assert failed.state == State.SUPERSEDED


def test_provisioning_at_once_is_one_customer_at_stripe(sandbox: SandboxClient) -> None:
    ada = person("ada")
    results = at_once(*[lambda: customers.provision(ada.customer.pk).stripe_id] * AT_ONCE)
    assert len(set(results)) == len(sandbox.objects("stripe", "customers")) == 1


def test_refreshing_at_once_writes_each_row_once(sandbox: SandboxClient) -> None:
    ada = person("ada")
    session = begin(ada)
    sandbox.confirm_card(str(session.setup_intent_id))
    done = completion.complete(session.pk, cause="test")
    told = done.subscription.changes.count()
    results = at_once(*[lambda: customers.refresh(ada.customer.pk, cause="test", with_stripe=True)] * AT_ONCE)
    assert not any(isinstance(result, Exception) for result in results)
    assert done.subscription.changes.count() == told
    assert ada.customer.payment_methods.count() == ada.customer.invoices.count() == 1


def test_a_change_is_written_down_while_a_worker_mirrors_its_customer(
    sandbox: SandboxClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each has locked what the other goes on to: the order the subscription, the worker the customer."""
    ada = person("ada")
    subscribe(ada, sandbox, plan="plan-starter")
    customers.refresh(ada.customer.pk, cause="test", with_stripe=True)
    terms = checkout.Terms(CheckoutSession.Kind.UPGRADE, needs_card=True, due_now=Money(4900, "USD"))
    choice = SubscriptionChoice("plan-pro", "MONTHLY")
    order = checkout.begin(customer=ada.customer, user=ada.user, choice=choice, terms=terms)
    card_entry.use_saved_card(order, ada.customer.payment_methods.get().stripe_id)
    both_hold_one = threading.Barrier(2)

    def meet() -> None:
        # Where the database has one writer at a time, they never meet.
        with suppress(threading.BrokenBarrierError):
            both_hold_one.wait(MEETING_SECONDS)

    def announce_once_the_worker_is_at_it(results: Any, *, entitlements_of: Any) -> None:
        meet()
        announce(results, entitlements_of=entitlements_of)

    def apply_once_the_order_is_at_it(customer: Customer, snapshot: Any, *, read_at: Any) -> None:
        apply(customer, snapshot, read_at=read_at)
        meet()

    announce, apply = customers.announce, customers.apply_customer
    ordering = SimpleNamespace(**vars(customers) | {"announce": announce_once_the_worker_is_at_it})
    monkeypatch.setattr(provisioning, "customers", ordering)
    monkeypatch.setattr(customers, "apply_customer", apply_once_the_order_is_at_it)

    results = at_once(
        lambda: completion.complete(order.pk, cause="page"),
        lambda: customers.refresh(ada.customer.pk, cause="worker"),
    )
    assert not any(isinstance(result, Exception) for result in results)
    order.refresh_from_db()
    assert order.state == State.SUCCEEDED
    assert ada.customer.subscriptions.get().plan_id == "plan-pro"


# Leases


@pytest.fixture
def row() -> Customer:
    known: Person = person("ada")
    return known.customer


def test_a_lease_is_held_by_one_of_many(row: Customer) -> None:
    taken = at_once(*[lambda: Customer.take_lease(row.pk, seconds=60)] * AT_ONCE)
    assert sum(result is not None for result in taken) == 1


def test_a_lease_that_ran_out_can_be_taken_and_its_old_holder_writes_nothing(row: Customer) -> None:
    now = timezone.now()
    slow = Customer.take_lease(row.pk, seconds=1, now=now - timedelta(minutes=1))
    fast = Customer.take_lease(row.pk, seconds=60, now=now)
    assert slow is not None
    assert fast is not None
    with pytest.raises(LeaseLost):
        slow.write_under_lease(name="too late")
    slow.release_lease()
    assert Customer.take_lease(row.pk, seconds=60) is None
    fast.write_under_lease(name="in time")
    fast.release_lease()
    row.refresh_from_db()
    assert (row.name, row.leased_until) == ("in time", None)


def test_a_lease_is_given_back_when_its_holder_stumbles(row: Customer) -> None:
    with pytest.raises(ZeroDivisionError), Customer.lease(row.pk, seconds=60) as held:
        assert held.pk == 1 / 0
    assert Customer.take_lease(row.pk, seconds=60) is not None


def test_there_is_no_lease_on_what_is_not_there() -> None:
    with CheckoutSession.lease("00000000-0000-4000-8000-000000000000", seconds=60) as nothing:
        assert nothing is None
