"""What becomes of an event, and how that can be told: done, ignored, tried again, dead, replayed, pruned."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from billing.models import CardAttempt, CheckoutSession, Customer, WebhookEvent
from billing.services import customers
from billing.webhooks import inbox
from billing.webhooks.dispatch import drain
from tests.integration.inbox_events import make_due, store, store_about, store_early, store_poison, work
from tests.people import Person, person
from tests.sandbox_process import SandboxClient

pytestmark = pytest.mark.django_db
State = WebhookEvent.State


def test_a_handled_event_says_what_was_done(unlinked: Person) -> None:
    session = checkout_of(unlinked)
    event = work(store("evt_1", "setup_intent.setup_failed", metadata={"checkout_id": str(session.pk)}))
    assert (event.state, event.outcome) == (State.DONE, "refused card counted")
    assert event.finished_at is not None
    assert event.leased_until is None
    assert CardAttempt.objects.get().customer == unlinked.customer


def test_an_event_worked_twice_has_its_effect_once(unlinked: Person) -> None:
    session = checkout_of(unlinked)
    event = work(store("evt_1", "setup_intent.setup_failed", metadata={"checkout_id": str(session.pk)}))
    inbox.replay(WebhookEvent.objects.all())
    assert work(event).state == State.DONE
    assert CardAttempt.objects.count() == 1


def test_a_handler_that_stumbles_leaves_the_event_with_the_reason() -> None:
    event = work(store_poison())
    assert (event.state, event.attempts) == (State.FAILED, 1)
    assert "AttributeError" in event.last_error
    assert event.payload["data"]["object"]["metadata"] == ["not", "an", "object"]
    assert event.due_at > timezone.now()


def test_the_pauses_between_tries_grow() -> None:
    event, pauses = store_poison(), []
    for _ in range(6):
        work(event)
        pauses.append((event.due_at - timezone.now()).total_seconds())
    assert pauses == sorted(pauses)
    assert 1.2 < pauses[0] < 2.7
    assert 40 < pauses[5] < 90


def test_after_the_last_try_an_event_is_dead_and_stays_so(settings: Any) -> None:
    settings.TOLLGATE_HOOKS_MAX_ATTEMPTS = 3
    event = work(store_poison(), times=3)
    assert (event.state, event.attempts) == (State.DEAD, 3)
    assert event.finished_at is not None
    make_due(event)
    assert drain() == 0


def test_a_poisonous_event_does_not_block_the_others() -> None:
    for number in range(3):
        store_poison(f"poison_{number}")
    for number in range(3):
        store(f"good_{number}")
    assert drain() == 6
    states = dict(WebhookEvent.objects.values_list("external_id", "state"))
    assert {states[f"good_{number}"] for number in range(3)} == {State.IGNORED}
    assert {states[f"poison_{number}"] for number in range(3)} == {State.FAILED}


def test_an_outage_upstream_never_kills_an_event(sandbox: SandboxClient, settings: Any) -> None:
    settings.TOLLGATE_HOOKS_MAX_ATTEMPTS = 2
    settings.TOLLGATE_BREAKER_FAILURES = 1
    ada = person("ada")
    customers.provision(ada.customer.pk)
    sandbox.fault("stigg", "status", status=503)
    event = work(store_about(ada), times=3)
    assert (event.state, event.attempts) == (State.FAILED, 3)
    assert "stigg" in event.last_error
    sandbox.calm()
    settings.TOLLGATE_BREAKER_FAILURES = 1000
    assert work(event).state == State.DONE


def test_a_dead_event_can_be_replayed_once_its_cause_is_mended(sandbox: SandboxClient, settings: Any) -> None:
    settings.TOLLGATE_HOOKS_MAX_ATTEMPTS = 1
    ada = person("ada")
    customers.provision(ada.customer.pk)
    key, settings.TOLLGATE_STIGG_API_KEY = settings.TOLLGATE_STIGG_API_KEY, "expired"
    event = work(store_about(ada))
    assert (event.state, event.attempts) == (State.DEAD, 1)
    settings.TOLLGATE_STIGG_API_KEY = key
    assert inbox.replay(WebhookEvent.objects.filter(state=State.DEAD)) == 1
    event = work(event)
    assert (event.state, event.outcome, event.last_error) == (State.DONE, "customer refreshed", "")


def test_an_event_that_came_too_early_is_looked_at_again_soon(unlinked: Person) -> None:
    event = work(store_early(unlinked))
    assert event.state == State.FAILED
    assert "no Stripe id yet" in event.last_error
    assert 0 < (event.due_at - timezone.now()).total_seconds() <= 2


def test_an_event_that_came_too_early_is_worked_when_its_subject_is_there(
    sandbox: SandboxClient, unlinked: Person
) -> None:
    early = store_early(unlinked)
    assert work(early).state == State.FAILED
    linked = customers.provision(unlinked.customer.pk)
    WebhookEvent.objects.filter(pk=early.pk).update(customer_ref=linked.stripe_id)
    assert work(early).state == State.DONE


def test_an_event_whose_subject_never_comes_is_dead_after_a_day(unlinked: Person, settings: Any) -> None:
    settings.TOLLGATE_HOOKS_MAX_ATTEMPTS = 2
    event = work(store_early(unlinked), times=5)
    assert event.state == State.FAILED
    WebhookEvent.objects.filter(pk=event.pk).update(received_at=timezone.now() - timedelta(hours=25))
    event = work(event)
    assert event.state == State.DEAD
    assert event.finished_at is not None


def test_waiting_for_its_subject_uses_up_none_of_an_events_tries(unlinked: Person) -> None:
    assert work(store_early(unlinked), times=4).attempts == 0


def test_an_event_of_a_customer_who_is_being_worked_on_waits(
    sandbox: SandboxClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    ada = person("ada")
    customers.provision(ada.customer.pk)
    event = store_about(ada)
    monkeypatch.setitem(customers.refresh.__kwdefaults__, "wait_seconds", 0.1)
    with Customer.lease(ada.customer.pk, seconds=60):
        assert work(event).state == State.FAILED
    assert "being worked on" in event.last_error
    assert work(event).state == State.DONE


def test_draining_stops_when_its_time_is_up() -> None:
    store()
    assert drain(seconds=0) == 0
    assert drain() == 1
    assert drain() == 0


# Replay and prune


def test_replay_leaves_alone_what_a_worker_holds() -> None:
    store()
    inbox.claim(batch=1)
    assert inbox.replay(WebhookEvent.objects.all()) == 0
    assert WebhookEvent.objects.get().state == State.PROCESSING


def test_pruning_takes_old_ends_only(settings: Any) -> None:
    settings.TOLLGATE_HOOKS_KEEP_DAYS = 90
    now = timezone.now()
    old = now - timedelta(days=91)
    for state in State:
        event = store(f"old_{state}")
        WebhookEvent.objects.filter(pk=event.pk).update(state=state, finished_at=old)
    young = store("young")
    WebhookEvent.objects.filter(pk=young.pk).update(state=State.DONE, finished_at=now - timedelta(days=89))
    assert inbox.prune(now=now) == 2
    left = set(WebhookEvent.objects.values_list("external_id", flat=True))
    assert left == {"old_received", "old_processing", "old_failed", "old_dead", "young"}


@pytest.fixture
def unlinked() -> Person:
    """Signed up, and Stigg's answer with the Stripe id has not come yet."""
    return person("ada")


def checkout_of(who: Person) -> CheckoutSession:
    return CheckoutSession.objects.create(
        customer=who.customer,
        user=who.user,
        plan_id="plan-pro",
        plan_name="Pro",
        expires_at=timezone.now() + timedelta(hours=1),
    )
