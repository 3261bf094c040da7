"""`manage.py billing_worker`: works the queue, and sweeps for due rows that nobody was woken for.

Killing it, at any moment and with any signal, costs a delay and nothing else. Any number may run.
"""

from __future__ import annotations

import threading
import time
from argparse import ArgumentParser
from typing import TYPE_CHECKING, Any

import structlog
from django.core.management.base import BaseCommand

from billing import tasks
from billing.management.commands import _queues, _ticker
from billing.management.commands._worker import SturdyWorker, new_worker_id

if TYPE_CHECKING:
    from billing.management.commands._rq_worker import RedisWorker

log = structlog.get_logger(__name__)

DEFAULT_INTERVAL_SECONDS = 0.2
PAUSE_BETWEEN_PASSES_SECONDS = 0.1
LONGEST_DRAIN_SECONDS = 300.0


class Command(BaseCommand):
    """With a queue that is neither in the database nor in Redis only the sweep runs here."""

    help = "Work webhooks, checkouts, customers and the catalog, until it is told to stop (or --once)."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--once", action="store_true", help="work everything that is due, then return (for cron)")
        parser.add_argument(
            "--interval",
            type=float,
            default=DEFAULT_INTERVAL_SECONDS,
            help="seconds between looks at an empty queue (default: %(default)s)",
        )

    def handle(self, **options: Any) -> None:
        if options["once"]:
            if _queues.is_database():
                SturdyWorker(interval=options["interval"], worker_id=new_worker_id(), batch=True).run()
            self.stdout.write(f"worked {drain()} due rows")
            return
        worker = _worker_for_queue(options["interval"])
        # Before the ticker starts: a signal that comes in between must find its handler.
        worker.configure_signals()
        ticker = _ticker.Ticker(worker_id=worker.worker_id, is_well=worker.is_well)
        log.info("worker.started", worker_id=worker.worker_id, queue=type(worker).__name__)
        ticker.start()
        try:
            worker.run()
        finally:
            ticker.stop()
            log.info("worker.stopped", worker_id=worker.worker_id)


class Waiting(SturdyWorker):
    """Has no queue to work, and stops when told."""

    def run(self) -> None:
        threading.Event().wait()


def _worker_for_queue(interval: float) -> SturdyWorker | RedisWorker:
    if _queues.is_redis():
        from billing.management.commands._rq_worker import RedisWorker

        return RedisWorker(worker_id=new_worker_id())
    kind = SturdyWorker if _queues.is_database() else Waiting
    return kind(interval=interval, worker_id=new_worker_id())


def drain(*, seconds: float = LONGEST_DRAIN_SECONDS) -> int:
    """Work what is due until nothing is, without the queue; how many rows were tried.

    Rows that another worker holds stay due until its lease ends, so this may wait for them, within `seconds`.
    """
    worked = tasks.KINDS["catalog"]()
    stop_at = time.monotonic() + seconds
    while (kinds := tasks.due_kinds()) and time.monotonic() < stop_at:
        worked += sum(tasks.KINDS[kind]() for kind in kinds)
        time.sleep(PAUSE_BETWEEN_PASSES_SECONDS)
    return worked
