"""The ticker's chores one by one, and that a failing one keeps none of the others."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.db import OperationalError
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from billing import conf, tasks
from billing.management.commands import _queues, _ticker
from billing.models import Customer, WebhookEvent, WorkerHeartbeat
from tests.integration.commands import rows

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def fresh_cache() -> None:
    cache.clear()


def queued() -> list[str]:
    """Kinds for which a wake-up is queued."""
    return sorted(row["args"][0] for row in DBTaskResult.objects.ready().values_list("args_kwargs", flat=True))


def test_wakes_for_due_rows():
    _ticker.wake_for_due_rows()
    assert queued() == []
    rows.event()
    Customer.objects.create(name="Ada", email="a@example.com", provision_due_at=timezone.now())
    _ticker.wake_for_due_rows()
    assert queued() == ["customers", "events"]


def test_a_long_backlog_needs_no_second_wake_up():
    rows.event()
    for _ in range(3):
        cache.clear()
        _ticker.wake_for_due_rows()
    assert queued() == ["events"]


def test_wakes_for_a_stale_catalog(settings):
    settings.TOLLGATE_CATALOG_MAX_AGE_SECONDS = 300
    row = rows.snapshot(seconds_old=200)
    _ticker.wake_for_stale_catalog()
    assert queued() == []
    type(row).objects.update(checked_at=timezone.now() - timedelta(seconds=301))
    _ticker.wake_for_stale_catalog()
    assert queued() == ["catalog"]


def test_beat():
    WorkerHeartbeat.objects.create(worker_id="killed", beat_at=timezone.now() - timedelta(days=1))
    _ticker.beat("worker-1")
    _ticker.beat("worker-1")
    assert WorkerHeartbeat.objects.get().is_alive(timezone.now())


@pytest.mark.django_db(transaction=True)  # a tick closes connections that look abandoned
def test_a_stuck_worker_does_not_beat():
    _ticker.Ticker(worker_id="stuck", is_well=lambda: False).tick(1000.0)
    assert not WorkerHeartbeat.objects.exists()
    _ticker.Ticker(worker_id="well").tick(1000.0)
    assert WorkerHeartbeat.objects.get().worker_id == "well"


def test_prunes_tasks_of_ours():
    now = timezone.now()
    ages = {"finished_at": now - timedelta(hours=2), "started_at": now - timedelta(days=2)}
    for status in ("SUCCESSFUL", "FAILED", "RUNNING", "READY"):
        tasks.work.enqueue("events")
        DBTaskResult.objects.filter(status="READY", started_at=None).update(status=status, **ages)
    tasks.work.enqueue("events")
    DBTaskResult.objects.filter(started_at=None).update(status="SUCCESSFUL", finished_at=now)
    foreign = DBTaskResult.objects.create(
        status="FAILED", task_path="other.app", args_kwargs={}, backend_name="default", run_after=now, **ages
    )
    assert _queues.prune() == 3
    left = DBTaskResult.objects.all()
    assert sorted(left.values_list("status", flat=True)) == ["FAILED", "READY", "SUCCESSFUL"]
    assert foreign in left


def test_prunes_events():
    rows.event(state="done", finished_at=timezone.now() - timedelta(days=conf.current().hooks_keep_days + 1))
    assert _ticker.prune_events() == 1
    assert not WebhookEvent.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_a_failing_chore_keeps_none_of_the_others_and_comes_back(monkeypatch):
    calls: list[str] = []

    def fail() -> Any:
        calls.append("fail")
        raise OperationalError("the database system is shutting down")

    ticker = _ticker.Ticker(worker_id="worker-1")
    ticker._chores = [_ticker.Chore(1, fail), _ticker.Chore(5, lambda: calls.append("other"))]
    for second in (100.0, 100.5, 101.0, 105.0):
        ticker.tick(second)
    assert calls == ["fail", "other", "fail", "fail", "other"]
