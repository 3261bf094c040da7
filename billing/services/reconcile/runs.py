"""A run from its first batch to its last: found or begun, kept alive, stopped and gone on with.

The run's row holds how far it has come, under a lease: one process works it, and when that is killed the next
one goes on behind the last batch that was written down.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol
from uuid import UUID

import structlog
from django.db import Error as AnyDatabaseError
from django.db import connection
from django.db.models import F
from django.utils import timezone

from billing import conf
from billing.errors import Busy, ConfigurationError, GatewayError, GatewayUnauthorized, GatewayUnavailable
from billing.models import LeaseLost, ReconcileDrift, ReconcileRun
from billing.services.reconcile import batch, targets
from billing.services.reconcile.batch import Outcome
from billing.services.reconcile.truth import Reader

log = structlog.get_logger(__name__)

State = ReconcileRun.State
BATCH = 100
LEASE_SECONDS = 30
BEAT_SECONDS = 5.0
RETRY_PAUSES_SECONDS = (2.0, 15.0)
LISTED = "listed:"


class OutOfReach(GatewayUnavailable):
    """Nothing of a whole batch could be read: the run stops here and can be gone on with."""


@dataclass(frozen=True, slots=True)
class Options:
    """What to compare and how. `max_seconds`: stop after the batch in which that time is over."""

    is_dry_run: bool = False
    customer_id: UUID | None = None
    since: datetime | None = None
    calls_per_minute: int | None = None
    is_fresh: bool = False
    max_seconds: float | None = None


class Watcher(Protocol):
    """Whoever looks on: a terminal, a log, nobody."""

    def begun(self, run: ReconcileRun, *, is_resumed: bool) -> None: ...

    def progressed(self, run: ReconcileRun, read_in_batch: int) -> None: ...

    def found(self, drifts: Sequence[ReconcileDrift]) -> None: ...

    def unread(self, customer_id: UUID, reason: str) -> None: ...


def reconcile(options: Options, watcher: Watcher) -> ReconcileRun:
    """Work a run until it is finished or its time is over. An unfinished one of the same kind is gone on with.

    Raises: Busy (another process works it), OutOfReach, GatewayUnauthorized, ConfigurationError, LeaseLost.
    """
    reader = Reader(calls_per_minute=options.calls_per_minute or conf.current().reconcile_calls_per_minute)
    run, is_resumed = _open(options)
    watcher.begun(run, is_resumed=is_resumed)
    work = _Work(run, reader, watcher, options.max_seconds)
    try:
        is_complete = work.go()
    except BaseException as error:
        _close(run, state=State.STOPPED, error=f"{type(error).__name__}: {error}")
        raise
    state = State.FINISHED if is_complete else State.STOPPED
    _close(run, state=state, finished_at=timezone.now() if is_complete else None)
    log.info("reconcile.ended", run=run.pk, state=state, customers=run.customers_seen, rows_written=run.rows_written)
    return run


def reconcile_due(*, every: timedelta, options: Options, watcher: Watcher) -> ReconcileRun | None:
    """For cron: as `reconcile`, unless a run over all customers was finished within `every`; then None."""
    full = ReconcileRun.objects.filter(is_dry_run=options.is_dry_run, customer=None, since=None)
    if full.filter(state=State.FINISHED, finished_at__gt=timezone.now() - every).exists():
        return None
    return reconcile(options, watcher)


def _open(options: Options) -> tuple[ReconcileRun, bool]:
    now = timezone.now()
    _prune(now)
    alike = ReconcileRun.objects.filter(
        state__in=ReconcileRun.UNFINISHED, is_dry_run=options.is_dry_run, customer=None, since=options.since
    )
    unfinished = None if options.customer_id else alike.first()
    if unfinished is not None:
        taken = ReconcileRun.take_lease(unfinished.pk, seconds=LEASE_SECONDS, now=now)
        if taken is None:
            raise Busy(f"{unfinished} is under way (last sign of life {unfinished.beat_at:%H:%M:%S} UTC)")
        if not options.is_fresh:
            taken.write_under_lease(state=State.RUNNING, error="", beat_at=now)
            return taken, True
        taken.write_under_lease(state=State.ABANDONED, finished_at=now, leased_until=None)
    selected = targets.select(customer_id=options.customer_id, since=options.since)
    run = ReconcileRun.objects.create(
        is_dry_run=options.is_dry_run,
        customer_id=options.customer_id,
        since=options.since,
        total=selected.count(),
        beat_at=now,
        lease_token=1,
        leased_until=now + timedelta(seconds=LEASE_SECONDS),
    )
    return run, False


def _prune(now: datetime) -> None:
    """Reports are kept as long as the events that they name."""
    ReconcileRun.objects.filter(finished_at__lt=now - timedelta(days=conf.current().hooks_keep_days)).delete()


def _close(run: ReconcileRun, **values: Any) -> None:
    values |= {"leased_until": None, "beat_at": timezone.now()}
    try:
        try:
            run.write_under_lease(**values)
        except AnyDatabaseError:
            # A signal may have stopped us in the middle of a statement: its connection takes no other.
            connection.close()
            connection.connect()
            run.write_under_lease(**values)
    except (LeaseLost, AnyDatabaseError) as error:
        log.warning("reconcile.not_closed", run=run.pk, error=str(error))


class _Work:
    """One process's share of a run."""

    def __init__(self, run: ReconcileRun, reader: Reader, watcher: Watcher, max_seconds: float | None) -> None:
        self._run = run
        self._reader = reader
        self._watcher = watcher
        self._stop_at = time.monotonic() + max_seconds if max_seconds is not None else None
        self._beat_at = time.monotonic()
        self._read_in_batch = 0
        self._selected = targets.select(customer_id=run.customer_id, since=run.since)

    def go(self) -> bool:
        """Whether the end was reached."""
        for pks, cursor in self._batches():
            self._advance(pks, cursor, self._persist(pks))
            if self._stop_at is not None and time.monotonic() >= self._stop_at:
                return False
        return True

    def _batches(self) -> Iterator[tuple[list[UUID], str]]:
        """Batches with the cursor behind each: our customers by key, then those that only Stigg's list names."""
        cursor = self._run.cursor
        if not cursor.startswith(LISTED):
            while pks := targets.after(self._selected, cursor, size=BATCH):
                cursor = str(pks[-1])
                yield pks, cursor
        if self._run.since is None or self._run.customer_id is not None:
            return
        after = cursor.removeprefix(LISTED) if cursor.startswith(LISTED) else ""
        while True:
            page = self._reader.list_since(self._run.since.isoformat(), after)
            ours = targets.mentioned(mention.customer_id for mention in page.mentions)
            others = set(ours) - set(self._selected.filter(pk__in=ours).values_list("pk", flat=True))
            after = page.next_cursor
            yield sorted(others), LISTED + after
            if not after:
                return

    def _persist(self, pks: Sequence[UUID]) -> Outcome:
        """Customers that could not be read are tried again, twice; when that is all of them the run stops.

        Raises: OutOfReach, GatewayUnauthorized.
        """
        total, pending = Outcome(), list(pks)
        self._read_in_batch = 0
        for pause in (*RETRY_PAUSES_SECONDS, None):
            outcome = self._try(pending)
            self._watcher.found(outcome.drifts)
            passing = [pk for pk, error in outcome.unread.items() if isinstance(error, GatewayUnavailable)]
            total.add(outcome)
            if not passing or pause is None:
                break
            total.unread = {pk: error for pk, error in total.unread.items() if pk not in passing}
            self._pause(pause)
            pending = passing
        unavailable = [error for error in total.unread.values() if isinstance(error, GatewayUnavailable)]
        if unavailable and len(unavailable) == len(pks):
            first = unavailable[0]
            raise OutOfReach(str(first), provider=first.provider, operation=first.operation)
        return total

    def _try(self, pks: Sequence[UUID]) -> Outcome:
        try:
            outcome = batch.reconcile(self._run, pks, self._reader, self._beat)
        except GatewayUnauthorized:
            raise
        except GatewayError as error:
            outcome = Outcome(unread=dict.fromkeys(pks, error))
        for problem in outcome.unread.values():
            if isinstance(problem, GatewayUnauthorized | ConfigurationError):
                raise problem
        return outcome

    def _pause(self, seconds: float) -> None:
        until = time.monotonic() + seconds
        while (left := until - time.monotonic()) > 0:
            time.sleep(min(left, BEAT_SECONDS))
            self._stay()

    def _beat(self) -> None:
        self._read_in_batch += 1
        self._watcher.progressed(self._run, self._read_in_batch)
        self._stay()

    def _stay(self) -> None:
        """Say that we live. Raises: LeaseLost, when somebody else has gone on with the run."""
        if time.monotonic() - self._beat_at >= BEAT_SECONDS:
            self._run.write_under_lease(**_lease())
            self._beat_at = time.monotonic()

    def _advance(self, pks: Sequence[UUID], cursor: str, outcome: Outcome) -> None:
        self._run.write_under_lease(
            cursor=cursor,
            customers_seen=F("customers_seen") + len(pks),
            customers_unread=F("customers_unread") + len(outcome.unread),
            drifts_found=F("drifts_found") + len(outcome.drifts),
            rows_written=F("rows_written") + outcome.rows_written,
            **_lease(),
        )
        self._beat_at = time.monotonic()
        for customer_id, error in outcome.unread.items():
            self._watcher.unread(customer_id, str(error))
        self._watcher.progressed(self._run, 0)


def _lease() -> dict[str, datetime]:
    now = timezone.now()
    return {"beat_at": now, "leased_until": now + timedelta(seconds=LEASE_SECONDS)}
