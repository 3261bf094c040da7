"""Writes many `Change`s at once, each row only where it shows an older read. Call inside a transaction.

Whoever calls has locked the customers. Inserts never overwrite: a row that somebody else made meanwhile
is the newer one.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from django.db.models import Q

from billing.mirror import bulk, subscriptions
from billing.mirror.compare import TABLES, Change, Kind, Remedy
from billing.models import Customer, SubscriptionChange

INSERT_BATCH = 1000


def write(changes: Iterable[Change], *, read_at: datetime, cause: str) -> list[Change]:
    """Mend the rows and tell the history of subscriptions; the changes that were really written."""
    written: list[Change] = []
    by_kind: defaultdict[str, list[Change]] = defaultdict(list)
    for change in changes:
        by_kind[change.kind].append(change)
    # In the order of `Kind`: rows of subscriptions are there before the invoices that name them.
    for kind in Kind.values:
        group = by_kind[kind]
        model: Any = Customer if kind == Kind.CUSTOMER else TABLES[kind].model
        done = [
            *_insert(model, [change for change in group if change.remedy == Remedy.INSERT], read_at),
            *_update(model, [change for change in group if change.remedy == Remedy.UPDATE], read_at),
            *_delete(model, [change for change in group if change.remedy == Remedy.DELETE], read_at),
        ]
        if kind == Kind.SUBSCRIPTION:
            _tell(done, read_at=read_at, cause=cause)
        written += done
    _date_customers(written, read_at)
    return written


def _insert(model: Any, changes: Sequence[Change], read_at: datetime) -> list[Change]:
    """Those that found their place empty; they get their `pk`."""
    if not changes:
        return []
    key = TABLES[changes[0].kind].key
    rows = [model(customer_id=c.customer_id, mirrored_at=read_at, **{key: c.object_id}, **c.writes) for c in changes]
    model._default_manager.bulk_create(rows, ignore_conflicts=True, batch_size=INSERT_BATCH)
    there = model._default_manager.filter(customer_id__in={c.customer_id for c in changes}, mirrored_at=read_at)
    pks = {(customer_id, name): pk for customer_id, name, pk in there.values_list("customer_id", key, "pk")}
    for change in changes:
        change.pk = pks.get((change.customer_id, change.object_id))
    return [change for change in changes if change.pk is not None]


def _update(model: Any, changes: Sequence[Change], read_at: datetime) -> list[Change]:
    """Only the columns that differ: one statement for all rows that differ in the same ones."""
    by_columns: defaultdict[tuple[str, ...], list[Change]] = defaultdict(list)
    for change in changes:
        by_columns[tuple(change.writes)].append(change)
    done: list[Change] = []
    for names, group in by_columns.items():
        rows = [(change.pk, *change.writes.values()) for change in group]
        # A customer is written twice at most, for Stigg's side and for Stripe's, both as of the same read.
        written = bulk.update_older(model, names, rows, read_at, as_old=model is Customer)
        done += [change for change in group if change.pk in written]
    return done


def _delete(model: Any, changes: Sequence[Change], read_at: datetime) -> list[Change]:
    if not changes:
        return []
    rows = model._default_manager.filter(pk__in=[change.pk for change in changes], mirrored_at__lt=read_at)
    older = set(rows.select_for_update().values_list("pk", flat=True))
    model._default_manager.filter(pk__in=older).delete()
    return [change for change in changes if change.pk in older]


def _tell(changes: Iterable[Change], *, read_at: datetime, cause: str) -> None:
    """A new row's history begins with its status, as when a webhook brings it."""
    told = [
        (change.pk, *line, cause[:255], read_at)
        for change in changes
        for line in subscriptions.history(transitions(change), is_new=change.remedy == Remedy.INSERT)
    ]
    names = ("subscription_id", "field", "old_value", "new_value", "cause", "happened_at")
    bulk.insert(SubscriptionChange, names, told)


def transitions(change: Change) -> dict[str, tuple[Any, Any]]:
    """What of a subscription's change is history: field → (old, new)."""
    if change.remedy == Remedy.INSERT:
        return {name: (None, change.writes[name]) for name in ("status", "payment_collection")}
    return {name: pair for name, pair in change.told.items() if name in subscriptions.TOLD}


def _date_customers(written: Iterable[Change], read_at: datetime) -> None:
    """Rows that are gone carry no date, and cards are dated as a list: there the customer says as of which read."""
    dated = {
        "mirrored_at": {change.customer_id for change in written if change.remedy == Remedy.DELETE},
        "payment_methods_mirrored_at": {c.customer_id for c in written if c.kind == Kind.PAYMENT_METHOD},
    }
    for field, pks in dated.items():
        if pks:
            older = Q(**{f"{field}__lt": read_at}) | Q(**{field: None})
            Customer.objects.filter(older, pk__in=pks).update(**{field: read_at})
