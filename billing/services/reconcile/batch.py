"""One batch of customers: read the truth, find what differs, mend it, write down why. Races with whoever else works.

No lease is taken for looking: where nobody took a customer's lease between our look at it and our write,
no other read can have crossed ours. Where somebody did, ours is thrown away, and the customer is looked at
once more, under the lease.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from django.db import DataError, IntegrityError, OperationalError, transaction
from django.utils import timezone

from billing.errors import BillingError, Busy
from billing.mirror import mend
from billing.mirror.clock import database_now
from billing.mirror.compare import Change, Remedy
from billing.models import Customer, ReconcileDrift, ReconcileRun
from billing.services.customer_lease import leased
from billing.services.reconcile import effects, findings, targets
from billing.services.reconcile.causes import Causes, refs_of
from billing.services.reconcile.targets import Target
from billing.services.reconcile.truth import Reader, Truth

WAIT_FOR_LEASE_SECONDS = 5.0
CROSSED_TRIES = 3

Heartbeat = Callable[[], None]
"""Called after each customer that was read."""


@dataclass(slots=True)
class Outcome:
    """What came of a batch. `unread`: customers that could not be compared, and why."""

    rows_written: int = 0
    drifts: list[ReconcileDrift] = field(default_factory=list)
    unread: dict[UUID, BillingError] = field(default_factory=dict)

    def add(self, other: Outcome) -> None:
        """Take another outcome's figures over."""
        self.rows_written += other.rows_written
        self.drifts += other.drifts
        self.unread |= other.unread


def reconcile(run: ReconcileRun, pks: Sequence[UUID], reader: Reader, heartbeat: Heartbeat) -> Outcome:
    """Raises: GatewayError, when Stigg's list cannot be read: then the whole batch is to be done again."""
    loaded = targets.load(pks, now=timezone.now())
    free = [target for target in loaded if not target.is_leased]
    outcome, crossed = _look(run, free, reader, heartbeat)
    for pk in [*crossed, *(target.pk for target in loaded if target.is_leased)]:
        outcome.add(_look_under_lease(run, pk, reader, heartbeat))
    return outcome


def _look_under_lease(run: ReconcileRun, pk: UUID, reader: Reader, heartbeat: Heartbeat) -> Outcome:
    try:
        with leased(pk, wait_seconds=WAIT_FOR_LEASE_SECONDS):
            outcome, crossed = _look(run, targets.load([pk], now=timezone.now()), reader, heartbeat)
    except Busy as error:
        return Outcome(unread={pk: error})
    if crossed:
        outcome.unread[pk] = Busy(f"customer {pk} is being worked on")
    return outcome


def _look(
    run: ReconcileRun, loaded: Sequence[Target], reader: Reader, heartbeat: Heartbeat
) -> tuple[Outcome, list[UUID]]:
    """Compare and mend; also the customers at whom somebody else was meanwhile."""
    outcome = Outcome()
    read_at = database_now()
    truths: list[Truth] = []
    with closing(reader.read(loaded)) as reading:
        for truth in reading:
            heartbeat()
            if truth.error is not None:
                outcome.unread[truth.target.pk] = truth.error
            truths.append(truth)
    readable = [truth for truth in truths if truth.error is None]
    crossed: set[UUID] = set()
    # Stripe's side second: an invoice names the row of a subscription that the first pass may have made.
    for find in (findings.at_stigg, findings.at_stripe):
        changes = find([truth for truth in readable if truth.target.pk not in crossed], read_at)
        crossed |= _take_over(run, [truth.target for truth in readable], changes, read_at, outcome)
    return outcome, sorted(crossed)


def _take_over(
    run: ReconcileRun, loaded: Sequence[Target], changes: Sequence[Change], read_at: datetime, outcome: Outcome
) -> set[UUID]:
    """Write what differs and report it; the customers whose lease somebody took since we looked at them."""
    if not changes:
        return set()
    concerned = {change.customer_id for change in changes}
    tokens = {target.pk: target.lease_token for target in loaded if target.pk in concerned}
    causes = Causes(refs_of([(target.pk, target.stripe_id) for target in loaded if target.pk in concerned]))
    if run.is_dry_run:
        untouched = _untouched(tokens)
        still = [change for change in changes if change.customer_id in untouched]
        outcome.drifts += _report(run, still, (), causes, read_at)
        return tokens.keys() - untouched
    for attempt in range(CROSSED_TRIES):
        try:
            with transaction.atomic():
                return _write(run, tokens, changes, causes, read_at, outcome)
        except OperationalError:
            # The database chose us to resolve a deadlock, or was busy for too long: nothing was written.
            if attempt + 1 == CROSSED_TRIES:
                raise
        except (IntegrityError, DataError) as error:
            return _write_apart(run, loaded, changes, read_at, outcome, error)
    return set()


def _write(
    run: ReconcileRun,
    tokens: dict[UUID, int],
    changes: Sequence[Change],
    causes: Causes,
    read_at: datetime,
    outcome: Outcome,
) -> set[UUID]:
    untouched = _untouched(tokens, lock=True)
    changes = [change for change in changes if change.customer_id in untouched]
    mendable = [change for change in changes if change.remedy != Remedy.NONE]
    written = mend.write(mendable, read_at=read_at, cause=str(run))
    effects.follow(written, str(run))
    drifts = _report(run, changes, written, causes, read_at)
    outcome.rows_written += len(written)
    outcome.drifts += drifts
    return tokens.keys() - untouched


def _untouched(tokens: dict[UUID, int], *, lock: bool = False) -> set[UUID]:
    """The customers whose lease nobody has taken since."""
    rows = Customer.objects.filter(pk__in=tokens).order_by("pk")
    rows = rows.select_for_update(no_key=True) if lock else rows
    return {pk for pk, token in rows.values_list("pk", "lease_token") if tokens[pk] == token}


def _write_apart(
    run: ReconcileRun,
    loaded: Sequence[Target],
    changes: Sequence[Change],
    read_at: datetime,
    outcome: Outcome,
    error: Exception,
) -> set[UUID]:
    """One row of the batch cannot be stored: customer by customer, so that it keeps no other from being mended."""
    concerned = {change.customer_id for change in changes}
    if len(concerned) == 1:
        outcome.unread[concerned.pop()] = BillingError(f"cannot be stored: {error}")
        return set()
    crossed: set[UUID] = set()
    for target in loaded:
        own = [change for change in changes if change.customer_id == target.pk]
        crossed |= _take_over(run, [target], own, read_at, outcome)
    return crossed


def _report(
    run: ReconcileRun, changes: Sequence[Change], written: Iterable[Change], causes: Causes, found_at: datetime
) -> list[ReconcileDrift]:
    """The drifts as rows. A batch that is done a second time after a kill reports nothing twice."""
    mended = {id(change) for change in written}
    drifts = []
    for change in changes:
        if not change.told:
            continue
        why = causes.explain(change)
        for name, (ours, theirs) in change.told.items():
            drifts.append(
                ReconcileDrift(
                    run=run,
                    customer_id=change.customer_id,
                    kind=change.kind,
                    object_id=change.object_id,
                    field=name,
                    ours=findings.text(ours),
                    theirs=findings.text(theirs),
                    cause=why.cause,
                    cause_detail=why.detail,
                    event_id=why.event_id,
                    is_mended=id(change) in mended,
                    found_at=found_at,
                )
            )
    ReconcileDrift.objects.bulk_create(drifts, ignore_conflicts=True, batch_size=1000)
    return drifts
