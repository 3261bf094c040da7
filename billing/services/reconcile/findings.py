"""What differs between our rows and the truth about a batch of customers, on Stigg's side and on Stripe's."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from billing.mirror import compare
from billing.mirror.compare import MISSING, Change, Kind, Remedy
from billing.models import Customer
from billing.services.reconcile.truth import Truth


def at_stigg(truths: Sequence[Truth], read_at: datetime) -> list[Change]:
    """Customers, subscriptions, entitlements."""
    known = {truth.target.pk: truth for truth in truths if truth.state is not None}
    rows = compare.load(compare.SUBSCRIPTIONS, known)
    found = [(pk, snapshot) for pk, truth in known.items() for snapshot in truth.subscriptions]
    changes = [*_customers_at_stigg(truths, read_at), *compare.compare_subscriptions(rows, found, read_at)]
    for pk, truth in known.items():
        for subscription_id in truth.absent_subscriptions:
            key = (pk, subscription_id)
            if key in rows and rows[key][compare.MIRRORED_AT] < read_at:
                changes.append(compare.unknown_there(compare.SUBSCRIPTIONS, key, rows[key]))
    states = {pk: truth.state.entitlements_state.entitlements for pk, truth in known.items() if truth.state}
    return [*changes, *compare.compare_entitlements(compare.load(compare.ENTITLEMENTS, known), states, read_at)]


def at_stripe(truths: Sequence[Truth], read_at: datetime) -> list[Change]:
    """Default cards, cards, invoices."""
    known = {truth.target.pk: truth.stripe for truth in truths if truth.stripe is not None}
    changes = _customers_at_stripe(truths, read_at)
    methods = {pk: (truth.methods, truth.default_id) for pk, truth in known.items()}
    changes += compare.compare_payment_methods(compare.load(compare.PAYMENT_METHODS, known), methods, read_at)
    found = [(pk, snapshot) for pk, truth in known.items() for snapshot in truth.invoices]
    rows = compare.load(compare.INVOICES, known)
    changes += compare.compare_invoices(rows, found, _subscription_pks(known), read_at)
    for pk, truth in known.items():
        for invoice_id in truth.absent_invoices:
            if (pk, invoice_id) in rows:
                changes.append(compare.unknown_there(compare.INVOICES, (pk, invoice_id), rows[pk, invoice_id]))
    return changes


def text(value: Any) -> str:
    """A value for the report."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, Decimal):
        return f"{value.normalize():f}"
    return (json.dumps(value, ensure_ascii=False) if isinstance(value, list | dict | bool) else str(value))[:255]


def _customers_at_stigg(truths: Sequence[Truth], read_at: datetime) -> list[Change]:
    changes = []
    for row in _rows(truths):
        truth, stored = row
        if truth.state is None:
            if stored["provisioned_at"]:
                changes.append(_customer(truth, stored, {"stigg_id": (str(truth.target.pk), MISSING)}, Remedy.NONE))
            continue
        told: dict[str, tuple[Any, Any]] = {}
        billing_id = truth.state.customer.billing_id
        if billing_id and billing_id != stored["stripe_id"]:
            told["stripe_id"] = (stored["stripe_id"], billing_id)
        denied = truth.state.entitlements_state.access_denied_reason
        if denied != stored["entitlements_denied_reason"]:
            told["entitlements_denied_reason"] = (stored["entitlements_denied_reason"], denied)
        if stored["provisioned_at"] is None and (billing_id or stored["stripe_id"]):
            told["provisioned_at"] = (None, read_at)
        if told and _is_older(stored, read_at):
            changes.append(_customer(truth, stored, told, Remedy.UPDATE))
            if "provisioned_at" in told:
                changes[-1].writes |= {"provision_due_at": None, "provision_error": ""}
    return changes


def _customers_at_stripe(truths: Sequence[Truth], read_at: datetime) -> list[Change]:
    changes = []
    for truth, stored in _rows(truths):
        if truth.is_absent_at_stripe:
            changes.append(_customer(truth, stored, {"stripe_id": (stored["stripe_id"], MISSING)}, Remedy.NONE))
        elif truth.stripe is not None and truth.stripe.default_id != stored["default_payment_method_id"]:
            told = {"default_payment_method_id": (stored["default_payment_method_id"], truth.stripe.default_id)}
            if _is_older(stored, read_at):
                changes.append(_customer(truth, stored, told, Remedy.UPDATE))
    return changes


def _rows(truths: Sequence[Truth]) -> list[tuple[Truth, dict[str, Any]]]:
    fields = ("stripe_id", "default_payment_method_id", "entitlements_denied_reason", "provisioned_at", "mirrored_at")
    stored = Customer.objects.filter(pk__in=[truth.target.pk for truth in truths]).order_by()
    by_pk = {row["pk"]: row for row in stored.values("pk", *fields)}
    return [(truth, by_pk[truth.target.pk]) for truth in truths if truth.target.pk in by_pk]


def _is_older(stored: dict[str, Any], read_at: datetime) -> bool:
    """As of the same read is older, too: the pass over Stigg's side has just been there."""
    return stored["mirrored_at"] is None or stored["mirrored_at"] <= read_at


def _customer(truth: Truth, stored: dict[str, Any], told: dict[str, tuple[Any, Any]], remedy: Remedy) -> Change:
    pk = truth.target.pk
    writes = {} if remedy == Remedy.NONE else {name: theirs for name, (_ours, theirs) in told.items()}
    return Change(Kind.CUSTOMER, str(pk), pk, remedy, pk=pk, writes=writes, told=told, seen_at=stored["mirrored_at"])


def _subscription_pks(customer_ids: Sequence[UUID] | dict[UUID, Any]) -> dict[str, int]:
    rows = compare.SUBSCRIPTIONS.model._default_manager.filter(customer_id__in=list(customer_ids)).order_by()
    return dict(rows.exclude(stripe_id=None).values_list("stripe_id", "pk"))
