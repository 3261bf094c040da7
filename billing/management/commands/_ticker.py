"""The ticker: beside the worker, once a second, looks at which rows are due and wakes the worker for them.

The rows are the record, so whatever the ticker or the queue loses comes back with the next tick.
It runs in a thread of its own with a database connection of its own, and outlives an outage of the database.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta

import structlog
from django.db import close_old_connections, connections
from django.utils import timezone

from billing import conf, tasks
from billing.management.commands import _queues
from billing.models import CatalogSnapshot, WorkerHeartbeat
from billing.services import catalog
from billing.webhooks import inbox

log = structlog.get_logger(__name__)

TICK_SECONDS = 1.0
LOST_WORKERS_KEPT = timedelta(hours=1)


@dataclass
class Chore:
    """Something to do every `seconds`; also after it failed."""

    seconds: float
    do: Callable[[], object]
    due_at: float = field(default=0.0)


class Ticker(threading.Thread):
    """Start it, and stop it with `stop()`. `is_well` says whether the worker beside it still gets on."""

    def __init__(self, *, worker_id: str, is_well: Callable[[], bool] = lambda: True) -> None:
        super().__init__(name="ticker", daemon=True)
        self._worker_id = worker_id
        self._is_well = is_well
        self._stopping = threading.Event()
        self._chores = [
            Chore(TICK_SECONDS, wake_for_due_rows),
            Chore(5, self._beat),
            Chore(60, wake_for_stale_catalog),
            Chore(60, _queues.prune),
            Chore(3600, prune_events),
        ]

    def run(self) -> None:
        while not self._stopping.is_set():
            self.tick(time.monotonic())
            self._stopping.wait(TICK_SECONDS)
        self._say_goodbye()
        connections.close_all()

    def tick(self, now: float) -> None:
        """Do what is due by `now` (monotonic seconds). One failing chore keeps none of the others."""
        for chore in self._chores:
            if chore.due_at > now:
                continue
            chore.due_at = now + chore.seconds
            close_old_connections()
            try:
                chore.do()
            except Exception as error:
                log.warning("ticker.failed", chore=getattr(chore.do, "__name__", ""), error=str(error))

    def stop(self, *, wait_seconds: float = 3.0) -> None:
        """Ask it to end, and wait for that a moment."""
        self._stopping.set()
        if self.is_alive():
            self.join(wait_seconds)

    def _beat(self) -> None:
        if self._is_well():
            beat(self._worker_id)

    def _say_goodbye(self) -> None:
        try:
            close_old_connections()
            WorkerHeartbeat.objects.filter(worker_id=self._worker_id).delete()
        except Exception as error:
            log.warning("ticker.failed", chore="say_goodbye", error=str(error))


def wake_for_due_rows() -> None:
    """One task for each kind of due rows, unless one is queued already: a long backlog needs no second wake-up."""
    kinds = tasks.due_kinds()
    queued = _queues.waiting_kinds() if kinds else set()
    for kind in kinds:
        if kind not in queued:
            tasks.wake_worker(kind)


def wake_for_stale_catalog() -> None:
    """Keep the price list fresh, so that no visitor is the one who finds it stale."""
    if has_stale_catalog():
        tasks.wake_worker("catalog")


def has_stale_catalog() -> bool:
    """Whether a stored price list is older than it should be; those that nobody asks for any more do not count."""
    now, options = timezone.now(), conf.current()
    oldest = now - timedelta(seconds=options.catalog_max_age_seconds)
    return CatalogSnapshot.objects.filter(
        product_id__in=catalog.product_ids(), checked_at__lte=oldest, checked_at__gte=now - timedelta(days=30)
    ).exists()


def beat(worker_id: str) -> None:
    """Say that this worker lives; forget workers that went without a word."""
    now = timezone.now()
    WorkerHeartbeat.objects.update_or_create(worker_id=worker_id, defaults={"beat_at": now})
    WorkerHeartbeat.objects.filter(beat_at__lt=now - LOST_WORKERS_KEPT).delete()


def prune_events() -> int:
    """Delete webhook events that came to their end long ago; how many."""
    return inbox.prune(now=timezone.now())
