"""The queue in Redis: woken through it, and a Redis that forgets, or is away, costs a delay and nothing else."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import pytest
from django.conf import settings as django_settings
from django.core.cache import cache
from django.core.exceptions import ImproperlyConfigured
from django.core.management import call_command
from django.db import connection
from django.utils import timezone

from billing import tasks
from billing.management.commands import _queues, _ticker
from billing.models import WebhookEvent, WorkerHeartbeat
from billing.webhooks import inbox
from checkout_site import queues
from checkout_site.cache import ForgetfulRedisCache
from tests.integration.commands import rows, slow_tasks
from tests.redis_server import RedisServer
from tests.sandbox_process import free_port

PATIENCE_SECONDS = 20.0
PROGRAM = """
import django; django.setup()
from django.core.management import call_command
from billing.management.commands import _rq_worker
_rq_worker.STOP_WITHIN_SECONDS = 1
call_command("billing_worker")
"""


@pytest.fixture
def redis_server() -> Iterator[RedisServer]:
    server = RedisServer()
    server.start()
    yield server
    server.kill()


@pytest.fixture
def in_redis(redis_server: RedisServer, settings: Any) -> RedisServer:
    """Wake-ups and cache of this process go through Redis, as with TASKS_URL."""
    settings.TASKS, settings.CACHES, settings.RQ_QUEUES = queues.config(redis_server.url)
    return redis_server


@pytest.fixture
def start(transactional_db: None, in_redis: RedisServer) -> Iterator[Callable[[], subprocess.Popen[bytes]]]:
    """Starts worker processes; whatever is left of them is killed."""
    started = []

    def start() -> subprocess.Popen[bytes]:
        environment = {
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "tests.settings",
            "DATABASE_URL": database_url(),
            "TASKS_URL": in_redis.url,
            "LOG_LEVEL": "CRITICAL",
        }
        command = [sys.executable, "-c", PROGRAM]
        started.append(subprocess.Popen(command, cwd=Path(django_settings.BASE_DIR), env=environment))
        return started[-1]

    yield start
    for process in started:
        process.kill()
        process.wait()


def database_url() -> str:
    name = str(connection.settings_dict["NAME"])
    if connection.vendor == "sqlite":
        return f"sqlite:///{name}"
    return urlunsplit(urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{name}"))


def wait_until(condition: Callable[[], object]) -> None:
    give_up_at = time.monotonic() + PATIENCE_SECONDS
    while not condition():
        assert time.monotonic() < give_up_at, "it did not come about"
        time.sleep(0.05)


def is_worker_there() -> bool:
    return WorkerHeartbeat.objects.filter(beat_at__gt=timezone.now() - _ticker.LOST_WORKERS_KEPT).exists()


def store(count: int, label: str) -> None:
    """As the endpoint does, wake-up included; their type has no handler."""
    for number in range(count):
        inbox.store(source="stripe", external_id=f"evt_{label}_{number}", event_type="moon.full", payload={})


def all_worked() -> bool:
    return not WebhookEvent.objects.exclude(state="ignored").exists()


# Settings


def test_one_setting_switches_queue_and_cache() -> None:
    in_database = queues.config("")
    assert in_database[0]["default"]["BACKEND"] == "django_tasks_db.DatabaseBackend"
    assert in_database[2] == {}
    task_settings, caches, rq_queues = queues.config("rediss://user:word@redis.example:6380/3?socket_timeout=9")
    assert task_settings["default"]["BACKEND"] == "django_tasks_rq.RQBackend"
    url = rq_queues["default"]["URL"]
    assert caches["default"]["LOCATION"] == url
    assert url.startswith("rediss://user:word@redis.example:6380/3?")
    assert "socket_timeout=9" in url
    assert "socket_connect_timeout=1" in url


@pytest.mark.parametrize("url", ["memcached://127.0.0.1", "redis://", "127.0.0.1:6379"])
def test_another_address_is_refused(url: str) -> None:
    with pytest.raises(ImproperlyConfigured, match="TASKS_URL"):
        queues.config(url)


@pytest.mark.usefixtures("in_redis")
def test_the_backends_own_checks_are_content() -> None:
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "tests.settings", "TASKS_URL": "redis://127.0.0.1:1"}
    command = [sys.executable, "manage.py", "check"]
    subprocess.run(command, cwd=django_settings.BASE_DIR, env=environment, check=True, capture_output=True)


# Cache


@pytest.mark.usefixtures("in_redis")
def test_the_cache_keeps_what_it_is_given() -> None:
    cache.set("a", 1)
    assert cache.get("a") == 1
    assert cache.add("a", 2) is False
    assert cache.incr("a") == 2
    assert cache.get_many(["a", "b"]) == {"a": 2}
    assert cache.delete("a") is True
    with pytest.raises(ValueError, match="not found"):
        cache.incr("a")


def test_without_redis_the_cache_is_empty() -> None:
    away = ForgetfulRedisCache(f"redis://127.0.0.1:{free_port()}/0", {})
    away.set("a", 1)
    assert away.get("a") is None
    assert away.get("a", "default") == "default"
    assert away.add("a", 1) is True
    assert away.incr("a") == 1
    assert away.get_many(["a"]) == {}
    assert away.set_many({"a": 1}) == ["a"]
    assert away.has_key("a") is False
    assert away.touch("a") is False
    assert away.delete("a") is False
    away.delete_many(["a"])


# Queue


@pytest.mark.django_db(transaction=True)
def test_a_burst_is_one_task_and_the_ticker_adds_none(in_redis: RedisServer) -> None:
    store(10, "burst")
    assert _queues.waiting_kinds() == {"events"}
    cache.clear()
    # The cache and the queue share one Redis, and clearing the one empties the other: queue it again.
    tasks.wake_worker("events")
    cache.delete("tollgate.wake.events")
    _ticker.wake_for_due_rows()
    assert in_redis.client.llen("rq:queue:default") == 1


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("in_redis")
def test_once_works_the_rows_without_the_queue(capsys: pytest.CaptureFixture[str]) -> None:
    store(3, "once")
    call_command("billing_worker", "--once")
    assert "worked 3 due rows" in capsys.readouterr().out


def test_a_worker_is_woken_beats_and_stops_when_told(start: Callable[[], Any]) -> None:
    process = start()
    wait_until(is_worker_there)
    store(20, "woken")
    wait_until(all_worked)
    told_at = time.monotonic()
    process.send_signal(signal.SIGTERM)
    assert process.wait(PATIENCE_SECONDS) == 0
    assert time.monotonic() - told_at < 5
    assert not WorkerHeartbeat.objects.exists()


def test_a_task_under_way_is_broken_off_after_a_grace(start: Callable[[], Any], in_redis: RedisServer) -> None:
    process = start()
    wait_until(is_worker_there)
    slow_tasks.doze.enqueue(60)
    wait_until(lambda: in_redis.client.llen("rq:queue:default") == 0)
    time.sleep(0.5)
    told_at = time.monotonic()
    process.send_signal(signal.SIGTERM)
    process.wait(PATIENCE_SECONDS)
    assert 0.5 < time.monotonic() - told_at < 8


def test_a_flushed_redis_costs_a_delay_only(start: Callable[[], Any], in_redis: RedisServer) -> None:
    store(30, "before")
    assert in_redis.client.dbsize() > 0
    in_redis.client.flushall()
    assert in_redis.client.dbsize() == 0
    process = start()
    wait_until(all_worked)
    for number in range(5):
        store(5, f"during_{number}")
        in_redis.client.flushall()
    wait_until(all_worked)
    assert WebhookEvent.objects.count() == 55
    assert WebhookEvent.objects.filter(attempts__gt=1).count() == 0
    assert process.poll() is None


def test_without_redis_the_rows_are_worked_all_the_same(start: Callable[[], Any], in_redis: RedisServer) -> None:
    process = start()
    wait_until(is_worker_there)
    in_redis.kill()
    store(10, "away")
    wait_until(all_worked)
    in_redis.start()
    store(10, "back")
    wait_until(all_worked)
    wait_until(lambda: in_redis.client.keys("rq:worker*"))
    assert process.poll() is None


def test_a_killed_worker_loses_nothing(start: Callable[[], Any], in_redis: RedisServer) -> None:
    first = start()
    wait_until(is_worker_there)
    first.kill()
    first.wait()
    rows.event(state="processing", lease_token=1, leased_until=timezone.now())
    store(5, "orphans")
    start()
    wait_until(all_worked)


@pytest.mark.django_db
def test_failed_wake_ups_are_thrown_away_after_a_while(in_redis: RedisServer) -> None:
    from django_rq import get_queue
    from django_tasks_rq import Job
    from rq.worker import SimpleWorker

    queue = get_queue("default", job_class=Job)
    tasks.work.enqueue("no-such-kind")
    SimpleWorker([queue], connection=queue.connection, job_class=Job).work(burst=True, logging_level="CRITICAL")
    [job_id] = queue.failed_job_registry.get_job_ids()
    assert _queues.prune() == 0
    job = queue.fetch_job(job_id)
    job.ended_at = timezone.now() - _queues.FINISHED_TASKS_KEPT * 2
    job.save()
    assert _queues.prune() == 1
    assert queue.failed_job_registry.count == 0
    assert not in_redis.client.exists(f"rq:job:{job_id}")
