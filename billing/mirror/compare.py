"""Our rows against snapshots of the truth: what differs, as `Change`s that `mend` can write. Reads rows, writes none.

A row that shows a read as late as ours, or later, is left out: whatever it says is newer news.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from operator import itemgetter
from typing import Any
from uuid import UUID

from django.db import models

from billing.gateways.stigg.types import EntitlementSnapshot, SubscriptionSnapshot
from billing.gateways.stripe.types import InvoiceSnapshot, PaymentMethodSnapshot
from billing.mirror import entitlements, invoices, payment_methods, subscriptions
from billing.models import Entitlement, Invoice, PaymentMethod, ReconcileDrift, Subscription

Kind = ReconcileDrift.Kind
Row = tuple[Any, ...]
PK, CUSTOMER, MIRRORED_AT, FIRST_FIELD = 0, 1, 2, 3
MISSING = "missing"


class Remedy(StrEnum):
    """What makes our row right again."""

    INSERT = "insert"
    UPDATE = "update"
    DELETE = "delete"
    NONE = "none"
    """Nothing that we could write: somebody has to look."""


@dataclass(slots=True)
class Change:
    """One row that is not as the truth is. `told`: field → (ours, theirs), what a report should say."""

    kind: str
    object_id: str
    customer_id: UUID
    remedy: Remedy
    pk: Any = None
    writes: dict[str, Any] = field(default_factory=dict)
    told: dict[str, tuple[Any, Any]] = field(default_factory=dict)
    seen_at: datetime | None = None
    """When our row was last read from the truth."""


@dataclass(frozen=True, slots=True)
class Table:
    """A mirrored model: `key` finds a row, `fields` are compared; those that move by themselves are `quiet`."""

    kind: str
    model: type[models.Model]
    key: str
    fields: tuple[str, ...]
    quiet: frozenset[str] = frozenset()


SUBSCRIPTIONS = Table(
    Kind.SUBSCRIPTION,
    Subscription,
    "stigg_id",
    (
        *("status", "payment_collection", "plan_id", "plan_name", "product_id", "pricing_type", "billing_period"),
        *("resource_id", "quantity", "quantities", "addons", "total_minor", "currency", "stripe_id", "started_at"),
        *("current_period_started_at", "current_period_ends_at", "trial_ends_at", "trial_end_behavior"),
        *("cancellation_at", "ends_at", "cancel_reason", "scheduled_updates", "pending_updates"),
        *("latest_invoice_id", "latest_invoice_error", "payment_deadline_at"),
    ),
)
ENTITLEMENTS = Table(
    Kind.ENTITLEMENT,
    Entitlement,
    "feature_id",
    (
        *("display_name", "feature_type", "meter_type", "units", "units_plural", "is_granted", "denied_reason"),
        *("usage_limit", "has_unlimited_usage", "has_soft_limit", "current_usage", "enum_values", "reset_period"),
        "usage_period_ends_at",
    ),
    quiet=frozenset({"current_usage", "usage_period_ends_at"}),
)
PAYMENT_METHODS = Table(
    Kind.PAYMENT_METHOD,
    PaymentMethod,
    "stripe_id",
    ("type", "brand", "last4", "wallet", "exp_month", "exp_year", "is_default", "detached_at"),
)
INVOICES = Table(
    Kind.INVOICE,
    Invoice,
    "stripe_id",
    (
        *("status", "number", "currency", "total_minor", "amount_due_minor", "amount_remaining_minor"),
        *("billing_reason", "attempt_count", "hosted_invoice_url", "invoice_pdf", "issued_at", "subscription_id"),
    ),
)
TABLES = {table.kind: table for table in (SUBSCRIPTIONS, ENTITLEMENTS, PAYMENT_METHODS, INVOICES)}
DEADLINE = FIRST_FIELD + SUBSCRIPTIONS.fields.index("payment_deadline_at")
STATUS = FIRST_FIELD + SUBSCRIPTIONS.fields.index("status")
DETACHED_AT = FIRST_FIELD + PAYMENT_METHODS.fields.index("detached_at")


def load(table: Table, customer_ids: Iterable[UUID]) -> dict[tuple[UUID, str], Row]:
    """Our rows of these customers by (customer, key): (pk, customer, mirrored_at, *fields)."""
    rows = table.model._default_manager.filter(customer_id__in=customer_ids).order_by()
    found = rows.values_list(table.key, "pk", "customer_id", "mirrored_at", *table.fields)
    return {(row[2], row[0]): row[1:] for row in found.iterator(chunk_size=2000)}


def compare_subscriptions(
    rows: Mapping[tuple[UUID, str], Row], found: Iterable[tuple[UUID, SubscriptionSnapshot]], read_at: datetime
) -> list[Change]:
    """Subscriptions that were not read (long over on both sides) are not among `found`, and left alone."""
    wanted = {}
    for customer_id, snapshot in found:
        key = (customer_id, snapshot.subscription_id)
        row = rows.get(key)
        said = row[DEADLINE] if row else None
        values = subscriptions.values_of(snapshot)
        wanted[key] = values | subscriptions.deadline_of(snapshot, said, read_at)
    return _differences(SUBSCRIPTIONS, rows, wanted, read_at)


def compare_entitlements(
    rows: Mapping[tuple[UUID, str], Row], found: Mapping[UUID, Iterable[EntitlementSnapshot]], read_at: datetime
) -> list[Change]:
    """The whole set of each customer in `found`: what is ours only is to be deleted."""
    wanted = {
        (customer_id, item.feature.feature_id): entitlements.values_of(item)
        for customer_id, items in found.items()
        for item in items
    }
    gone = [
        _gone(ENTITLEMENTS, key, row, Remedy.DELETE)
        for key, row in rows.items()
        if key[0] in found and key not in wanted and row[MIRRORED_AT] < read_at
    ]
    return [*_differences(ENTITLEMENTS, rows, wanted, read_at), *gone]


def compare_payment_methods(
    rows: Mapping[tuple[UUID, str], Row],
    found: Mapping[UUID, tuple[Iterable[PaymentMethodSnapshot], str]],
    read_at: datetime,
) -> list[Change]:
    """The whole list of each customer, with the id of the default: what is ours only was detached."""
    wanted = {
        (customer_id, item.payment_method_id): payment_methods.values_of(item, default_id=default_id)
        for customer_id, (items, default_id) in found.items()
        for item in items
    }
    changes = _differences(PAYMENT_METHODS, rows, wanted, read_at)
    for key, row in rows.items():
        if key[0] in found and key not in wanted and row[DETACHED_AT] is None and row[MIRRORED_AT] < read_at:
            change = _gone(PAYMENT_METHODS, key, row, Remedy.UPDATE)
            change.writes = {"detached_at": read_at, "is_default": False}
            changes.append(change)
    return changes


def compare_invoices(
    rows: Mapping[tuple[UUID, str], Row],
    found: Iterable[tuple[UUID, InvoiceSnapshot]],
    subscription_pks: Mapping[str, int],
    read_at: datetime,
) -> list[Change]:
    """Invoices that were not read are left alone. `subscription_pks`: our rows by Stripe's id."""
    wanted = {}
    for customer_id, snapshot in found:
        subscription_id = subscription_pks.get(snapshot.subscription_id or "")
        wanted[customer_id, snapshot.invoice_id] = invoices.values_of(snapshot, subscription_id=subscription_id)
    return _differences(INVOICES, rows, wanted, read_at)


def unknown_there(table: Table, key: tuple[UUID, str], row: Row) -> Change:
    """Ours names an object that the other side does not have: nothing is deleted for that."""
    return _gone(table, key, row, Remedy.NONE)


def _differences(
    table: Table,
    rows: Mapping[tuple[UUID, str], Row],
    wanted: Mapping[tuple[UUID, str], dict[str, Any]],
    read_at: datetime,
) -> list[Change]:
    changes = []
    values_in_order = itemgetter(*table.fields)
    for key, values in wanted.items():
        row = rows.get(key)
        if row is None:
            changes.append(_new(table, key, values))
        elif row[MIRRORED_AT] < read_at and row[FIRST_FIELD:] != (theirs := values_in_order(values)):
            changes.append(_changed(table, key, row, theirs))
    return changes


def _new(table: Table, key: tuple[UUID, str], values: dict[str, Any]) -> Change:
    name = table.fields[0]
    return Change(table.kind, key[1], key[0], Remedy.INSERT, writes=values, told={name: (MISSING, values[name])})


def _changed(table: Table, key: tuple[UUID, str], row: Row, theirs: Row) -> Change:
    pairs = zip(table.fields, row[FIRST_FIELD:], theirs, strict=True)
    different = {name: (old, new) for name, old, new in pairs if old != new}
    return Change(
        table.kind,
        key[1],
        key[0],
        Remedy.UPDATE,
        pk=row[PK],
        writes={name: new for name, (_old, new) in different.items()},
        told={name: pair for name, pair in different.items() if name not in table.quiet},
        seen_at=row[MIRRORED_AT],
    )


def _gone(table: Table, key: tuple[UUID, str], row: Row, remedy: Remedy) -> Change:
    told = {table.fields[0]: (row[FIRST_FIELD], MISSING)}
    return Change(table.kind, key[1], key[0], remedy, pk=row[PK], told=told, seen_at=row[MIRRORED_AT])
