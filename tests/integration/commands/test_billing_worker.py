"""The worker: drains with --once; as a process of its own it sweeps, beats, stops when told, and may be killed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from io import StringIO
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import pytest
from django.conf import settings as django_settings
from django.core.cache import cache
from django.core.management import call_command
from django.db import OperationalError, connection
from django.utils import timezone
from django_tasks_db.management.commands.db_worker import Worker
from django_tasks_db.models import DBTaskResult

from billing import tasks
from billing.management.commands import _worker
from billing.management.commands._worker import SturdyWorker
from billing.models import WebhookEvent, WorkerHeartbeat
from tests.integration.commands import rows, slow_tasks

PATIENCE_SECONDS = 20.0
# manage.py's worker, only more impatient with a task that is under way when it is told to stop.
PROGRAM = """
import django; django.setup()
from django.core.management import call_command
from billing.management.commands import _worker
_worker.STOP_WITHIN_SECONDS = 1
call_command("billing_worker", "--interval", "0.1")
"""


@pytest.fixture(autouse=True)
def fresh_cache() -> None:
    cache.clear()


def once() -> str:
    out = StringIO()
    call_command("billing_worker", "--once", stdout=out)
    return out.getvalue().strip()


@pytest.mark.django_db(transaction=True)
def test_once_drains_what_is_due():
    for _ in range(25):
        rows.event()
    rows.event(state="processing", leased_until=timezone.now() - timedelta(seconds=1))
    later = rows.event(due_at=timezone.now() + timedelta(hours=1))
    assert once() == "worked 26 due rows"
    assert list(WebhookEvent.objects.unfinished()) == [later]
    assert once() == "worked 0 due rows"


@pytest.mark.django_db(transaction=True)
def test_once_works_the_queue_too():
    rows.event()
    tasks.work.enqueue("events")
    assert once() == "worked 0 due rows"
    assert DBTaskResult.objects.get().status == "SUCCESSFUL"
    assert WebhookEvent.objects.get().state == "ignored"


@pytest.mark.django_db(transaction=True)
def test_once_with_a_queue_elsewhere(settings):
    settings.TASKS = {"default": {"BACKEND": "django_tasks.backends.dummy.DummyBackend"}}
    rows.event()
    assert once() == "worked 1 due rows"


def outages(monkeypatch: pytest.MonkeyPatch, count: int) -> list[str]:
    """Has the library's worker fail `count` times, then end well."""
    seen: list[str] = []

    def run(_self: Worker) -> None:
        seen.append("run")
        if len(seen) <= count:
            raise OperationalError("server closed the connection unexpectedly")

    monkeypatch.setattr(Worker, "run", run)
    monkeypatch.setattr(_worker, "PAUSE_AFTER_OUTAGE_SECONDS", 0)
    monkeypatch.setattr(_worker.connections, "close_all", lambda: None)
    return seen


def test_survives_an_outage_of_the_database(monkeypatch):
    seen = outages(monkeypatch, 3)
    SturdyWorker(interval=0.1, worker_id="worker-1").run()
    assert len(seen) == 4


def test_once_tells_of_an_outage(monkeypatch):
    outages(monkeypatch, 1)
    with pytest.raises(OperationalError):
        SturdyWorker(interval=0.1, worker_id="worker-1", batch=True).run()


def test_a_worker_in_a_task_for_too_long_is_not_well(monkeypatch):
    worker = SturdyWorker(interval=0.1, worker_id="worker-1")
    assert worker.is_well()
    worker._busy_since = time.monotonic() - _worker.LONGEST_TASK_SECONDS - 1
    assert not worker.is_well()


def database_url() -> str:
    """Of the test database, for a process of its own."""
    name = str(connection.settings_dict["NAME"])
    if connection.vendor == "sqlite":
        return f"sqlite:///{name}"
    return urlunsplit(urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{name}"))


@pytest.fixture
def start(transactional_db: None) -> Iterator[Callable[[], subprocess.Popen[bytes]]]:
    """Starts worker processes; whatever is left of them is killed."""
    started = []

    def start() -> subprocess.Popen[bytes]:
        command = [sys.executable, "-c", PROGRAM]
        environment = {
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "tests.settings",
            "DATABASE_URL": database_url(),
            "LOG_LEVEL": "WARNING",
        }
        process = subprocess.Popen(command, cwd=Path(django_settings.BASE_DIR), env=environment)
        started.append(process)
        return process

    yield start
    for process in started:
        process.kill()
        process.wait()


def wait_until(condition: Callable[[], bool]) -> None:
    give_up_at = time.monotonic() + PATIENCE_SECONDS
    while not condition():
        assert time.monotonic() < give_up_at, "it did not come about"
        time.sleep(0.1)


def is_alone_alive() -> bool:
    beats = list(WorkerHeartbeat.objects.all())
    return len(beats) == 1 and beats[0].is_alive(timezone.now())


def test_process_sweeps_beats_and_stops_when_told(start):
    process = start()
    wait_until(is_alone_alive)
    event = rows.event()  # nobody was woken: the sweep has to find it
    wait_until(lambda: WebhookEvent.objects.get(pk=event.pk).state == "ignored")
    told_at = time.monotonic()
    process.send_signal(signal.SIGTERM)
    assert process.wait(PATIENCE_SECONDS) == 0
    assert time.monotonic() - told_at < 5
    assert not WorkerHeartbeat.objects.exists()


def test_killed_process_loses_nothing(start):
    first = start()
    wait_until(is_alone_alive)
    first.kill()
    first.wait()
    # As it would be left behind: one event in its hands, one not yet looked at, a wake-up that nobody will answer.
    now = timezone.now()
    rows.event(state="processing", lease_token=1, leased_until=now + timedelta(seconds=1))
    rows.event()
    tasks.work.enqueue("events")
    DBTaskResult.objects.update(status="RUNNING", started_at=now)
    start()
    wait_until(lambda: not WebhookEvent.objects.exclude(state="ignored").exists())


def test_a_task_under_way_is_broken_off_after_a_grace(start):
    process = start()
    slow_tasks.doze.enqueue(60)
    wait_until(lambda: DBTaskResult.objects.filter(status="RUNNING").exists())
    told_at = time.monotonic()
    process.send_signal(signal.SIGTERM)
    process.wait(PATIENCE_SECONDS)
    assert 0.5 < time.monotonic() - told_at < 8
    assert DBTaskResult.objects.get().status == "FAILED"
