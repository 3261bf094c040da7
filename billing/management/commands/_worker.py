"""django-tasks' database worker, made to outlive an outage of the database and to stop promptly."""

from __future__ import annotations

import os
import secrets
import signal
import socket
import sys
import time
from types import FrameType
from typing import Any

import structlog
from django.db import Error as AnyDatabaseError
from django.db import connections
from django_tasks_db.management.commands.db_worker import Worker
from django_tasks_db.models import DBTaskResult

log = structlog.get_logger(__name__)

PAUSE_AFTER_OUTAGE_SECONDS = 1.0
STOP_WITHIN_SECONDS = 8
LONGEST_TASK_SECONDS = 300


class SturdyWorker(Worker):
    """The library's worker ends at the first database error; this one logs it, waits and goes on.

    A first SIGTERM lets the current task finish within `STOP_WITHIN_SECONDS`, then breaks it off: a
    container's grace is ten seconds, and rows under a lease come back when the lease is over.
    """

    def __init__(self, *, interval: float, worker_id: str, batch: bool = False) -> None:
        super().__init__(
            queue_names=["*"],
            excluded_queue_names=[],
            interval=interval,
            batch=batch,
            backend_name="default",
            startup_delay=False,
            max_tasks=None,
            worker_id=worker_id,
        )
        self._busy_since: float | None = None

    def run(self) -> None:
        while self.running:
            try:
                super().run()
            except AnyDatabaseError as error:
                if self.batch:
                    raise  # started by cron: a failure that is seen is better than one that waits
                log.error("worker.database_away", error=str(error))
                connections.close_all()
                time.sleep(PAUSE_AFTER_OUTAGE_SECONDS)
            else:
                return

    def run_task(self, db_task_result: DBTaskResult[Any, Any]) -> None:
        self._busy_since = time.monotonic()
        try:
            super().run_task(db_task_result)
        finally:
            self._busy_since = None

    def is_well(self) -> bool:
        """Whether it is not stuck in a task; every call to the network has a time-out far below the limit."""
        since = self._busy_since
        return since is None or time.monotonic() - since < LONGEST_TASK_SECONDS

    def shutdown(self, signum: int, frame: FrameType | None) -> None:
        if self.running and self.running_task:
            signal.signal(signal.SIGALRM, _break_off)
            signal.alarm(STOP_WITHIN_SECONDS)
        super().shutdown(signum, frame)


def new_worker_id() -> str:
    """Unique among all machines, and telling for people."""
    return f"{socket.gethostname()[:40]}-{os.getpid()}-{secrets.token_hex(3)}"


def _break_off(_signum: int, _frame: FrameType | None) -> None:
    log.warning("worker.broken_off", after_seconds=STOP_WITHIN_SECONDS)
    sys.exit(0)
