"""The inbox: every event is kept once and worked by one worker, whoever else tries, stops or is killed."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from django.utils import timezone

from billing.models import WebhookEvent
from billing.webhooks import inbox
from billing.webhooks.dispatch import process
from tests.integration.inbox_events import store

pytestmark = pytest.mark.django_db
State = WebhookEvent.State


# Store


def test_storing_twice_keeps_the_first_and_says_so() -> None:
    arguments: dict[str, Any] = {"source": "stripe", "external_id": "evt_1", "event_type": "a", "payload": {}}
    assert inbox.store(**arguments)
    assert not inbox.store(**arguments | {"event_type": "b"})
    assert WebhookEvent.objects.get().event_type == "a"


def test_a_very_long_type_or_reference_is_cut_and_kept() -> None:
    inbox.store(source="stigg", external_id="m" * 255, event_type="t" * 300, payload={}, customer_ref="c" * 300)
    event = WebhookEvent.objects.get()
    assert (len(event.event_type), len(event.customer_ref)) == (100, 255)


# Claim and lease


def test_a_claimed_event_belongs_to_its_worker() -> None:
    store()
    (event,) = inbox.claim(batch=5)
    assert (event.state, event.attempts) == (State.PROCESSING, 1)
    assert inbox.claim(batch=5) == []


def test_a_batch_is_the_oldest_due_events_in_their_order() -> None:
    names = [f"evt_{number}" for number in range(5)]
    for name in names:
        store(name)
    assert [event.external_id for event in inbox.claim(batch=3)] == names[:3]
    assert [event.external_id for event in inbox.claim(batch=3)] == names[3:]


def test_what_is_not_due_or_at_its_end_is_not_claimed() -> None:
    later, done = store("later"), store("done")
    WebhookEvent.objects.filter(pk=later.pk).update(due_at=timezone.now() + timedelta(seconds=5))
    WebhookEvent.objects.filter(pk=done.pk).update(state=State.DONE)
    assert inbox.claim(batch=5) == []
    assert [event.external_id for event in inbox.claim(batch=5, now=timezone.now() + timedelta(seconds=6))] == ["later"]


def test_the_event_of_a_killed_worker_is_picked_up_when_its_lease_runs_out(settings: Any) -> None:
    settings.TOLLGATE_HOOKS_LEASE_SECONDS = 60
    store()
    (lost,) = inbox.claim(batch=5)
    assert inbox.claim(batch=5, now=timezone.now() + timedelta(seconds=55)) == []
    (again,) = inbox.claim(batch=5, now=timezone.now() + timedelta(seconds=61))
    assert (again.pk, again.attempts) == (lost.pk, 2)
    process(again)
    assert WebhookEvent.objects.get().state == State.IGNORED


def test_who_lost_the_lease_can_neither_go_on_nor_write() -> None:
    store()
    (slow,) = inbox.claim(batch=5)
    (fast,) = inbox.claim(batch=5, now=timezone.now() + timedelta(minutes=5))
    slow.leased_until = timezone.now()
    assert inbox.extend([slow]) == []
    inbox.finish([fast], outcome="by the second worker")
    inbox.fail(slow, RuntimeError("by the first worker, too late"))
    event = WebhookEvent.objects.get()
    assert (event.state, event.outcome, event.last_error) == (State.DONE, "by the second worker", "")


def test_a_lease_is_renewed_before_work_on_each_event_of_a_batch() -> None:
    store()
    (event,) = inbox.claim(batch=5)
    WebhookEvent.objects.update(leased_until=timezone.now() + timedelta(seconds=5))
    event.refresh_from_db()
    assert inbox.extend([event]) == [event]
    assert inbox.claim(batch=5, now=timezone.now() + timedelta(seconds=50)) == []


@pytest.mark.django_db(transaction=True)
def test_claimers_at_the_same_time_never_get_the_same_event() -> None:
    for number in range(40):
        store(f"evt_{number}")
    start, claimed, lock = threading.Barrier(4), [], threading.Lock()

    def claim_all() -> None:
        start.wait()
        while batch := inbox.claim(batch=3):
            with lock:
                claimed.extend(event.pk for event in batch)

    in_threads(claim_all, 4)
    assert len(claimed) == len(set(claimed)) == 40


@pytest.mark.django_db(transaction=True)
def test_the_same_event_delivered_many_times_at_once_is_one_row() -> None:
    start, created, lock = threading.Barrier(8), [], threading.Lock()

    def deliver() -> None:
        start.wait()
        is_new = inbox.store(source="stripe", external_id="evt_1", event_type="a", payload={})
        with lock:
            created.append(is_new)

    in_threads(deliver, 8)
    assert sorted(created) == [False] * 7 + [True]
    assert WebhookEvent.objects.count() == 1


def in_threads(work: Callable[[], None], count: int) -> None:
    def run() -> None:
        try:
            work()
        finally:
            connection.close()

    threads = [threading.Thread(target=run) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
        assert not thread.is_alive()


@pytest.mark.django_db(transaction=True)
def test_an_event_that_was_not_committed_wakes_nobody(wake_ups: list[str]) -> None:
    with transaction.atomic():
        store()
        transaction.set_rollback(True)
    assert wake_ups == []
    store()
    store()
    assert wake_ups == ["events"]
