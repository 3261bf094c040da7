"""RQ's worker, made to outlive Redis and the database, to stop promptly, and to go on without a queue when it must.

Imported only where the queue is in Redis. It works in its own process, without a fork for each task: ours are
short, and keep their connections.
"""

from __future__ import annotations

import logging
import signal
import sys
import time
from types import FrameType
from typing import Any

import django_rq
import structlog
from django.db import Error as AnyDatabaseError
from django.db import close_old_connections
from django_tasks_rq import Job
from redis.exceptions import RedisError
from rq.exceptions import StopRequested
from rq.worker import SimpleWorker

from billing import tasks
from billing.management.commands._worker import LONGEST_TASK_SECONDS, STOP_WITHIN_SECONDS

log = structlog.get_logger(__name__)

PAUSE_SECONDS = 1.0
WORKER_TTL_SECONDS = 60


class RedisWorker:
    """With the face of `SturdyWorker`. Any number may run, on any machine."""

    def __init__(self, *, worker_id: str) -> None:
        self.worker_id = worker_id
        self._running = True
        self._births = 0
        self._current: _Worker | None = None

    def configure_signals(self) -> None:
        """Before anything else runs, as RQ would do it only when its loop begins."""
        signal.signal(signal.SIGTERM, self._stop)
        signal.signal(signal.SIGINT, self._stop)

    def run(self) -> None:
        """Until told to stop. RQ's loop ends at the first surprise: then another begins."""
        try:
            while self._running:
                self._work()
                time.sleep(PAUSE_SECONDS if self._running else 0)
        except StopRequested:
            pass

    def is_well(self) -> bool:
        """Whether it is not stuck in a task."""
        since = self._current.busy_since if self._current else None
        return since is None or time.monotonic() - since < LONGEST_TASK_SECONDS

    def _work(self) -> None:
        try:
            self._current = self._new_worker()
            self._current.work(logging_level="WARNING")
        except RedisError as error:
            log.error("worker.redis_away", error=str(error))
            work_without_queue()

    def _new_worker(self) -> _Worker:
        """Under a name of its own: Redis may still hold the last one's."""
        self._births += 1
        queue = django_rq.get_queue("default", job_class=Job)
        return _Worker(
            [queue],
            name=f"{self.worker_id}-{self._births}",
            connection=queue.connection,
            job_class=Job,
            worker_ttl=WORKER_TTL_SECONDS,
            log_job_description=False,
        )

    def _stop(self, _signum: int, _frame: FrameType | None) -> None:
        """A task under way may finish within `STOP_WITHIN_SECONDS`; then it is broken off."""
        self._running = False
        if self._current is not None and self._current.busy_since is not None:
            self._current.stop_after_task()
            signal.signal(signal.SIGALRM, _break_off)
            signal.alarm(STOP_WITHIN_SECONDS)
            return
        raise StopRequested


class _Worker(SimpleWorker):
    """Goes on from the rows while Redis is away."""

    max_connection_wait_time = PAUSE_SECONDS

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.busy_since: float | None = None
        self.log.setLevel(logging.WARNING)

    def stop_after_task(self) -> None:
        """The loop looks at this between two tasks."""
        self._stop_requested = True

    def execute_job(self, job: Any, queue: Any) -> None:
        self.busy_since = time.monotonic()
        close_old_connections()
        try:
            super().execute_job(job, queue)
        finally:
            close_old_connections()
            self.busy_since = None

    def heartbeat(self, *args: Any, **kwargs: Any) -> None:
        """Each turn of RQ's loop begins with this, and while Redis is away nothing else of it is run."""
        try:
            super().heartbeat(*args, **kwargs)
        except RedisError:
            if self.busy_since is None:
                work_without_queue()
            raise

    def _install_signal_handlers(self) -> None:
        """Ours are there already."""


def work_without_queue() -> None:
    """Work what is due, unwoken."""
    close_old_connections()
    try:
        for kind in tasks.due_kinds():
            tasks.KINDS[kind]()
    except AnyDatabaseError as error:
        log.error("worker.database_away", error=str(error))


def _break_off(_signum: int, _frame: FrameType | None) -> None:
    log.warning("worker.broken_off", after_seconds=STOP_WITHIN_SECONDS)
    sys.exit(0)
