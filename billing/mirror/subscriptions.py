"""Subscription rows from Stigg's subscriptions, with a SubscriptionChange for each transition."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from billing import conf
from billing.gateways.stigg.types import ScheduledUpdateSnapshot, SubscriptionSnapshot
from billing.models import Customer, Subscription, SubscriptionChange

TOLD = ("status", "payment_collection", "plan_id", "billing_period", "quantity", "cancellation_at")
"""Fields whose changes are history worth telling."""


@dataclass(slots=True)
class UpsertResult:
    """The row and what became different."""

    subscription: Subscription
    changed: dict[str, tuple[Any, Any]] = field(default_factory=dict)

    @property
    def is_activation(self) -> bool:
        """Whether the subscription began to grant access with this."""
        old, new = self.changed.get("status", (None, None))
        return new in Subscription.GRANTING and old not in Subscription.GRANTING

    @property
    def is_payment_failure(self) -> bool:
        """Whether a payment failed with this."""
        _old, new = self.changed.get("payment_collection", (None, None))
        return bool(new == Subscription.PaymentCollection.FAILED)


def upsert_subscription(
    customer: Customer, snapshot: SubscriptionSnapshot, *, read_at: datetime, cause: str
) -> UpsertResult:
    """Write `snapshot`, unless the row already shows a later read. Call inside a transaction."""
    values = values_of(snapshot)
    row, created = Subscription.objects.select_for_update(no_key=True).get_or_create(
        stigg_id=snapshot.subscription_id,
        defaults={
            **values,
            **deadline_of(snapshot, None, read_at),
            "customer": customer,
            "mirrored_at": read_at,
        },
    )
    if created:
        changed = {"status": (None, row.status), "payment_collection": (None, row.payment_collection)}
    elif row.mirrored_at >= read_at:
        return UpsertResult(row)
    else:
        values |= deadline_of(snapshot, row.payment_deadline_at, read_at)
        changed = {name: (getattr(row, name), values[name]) for name in TOLD if getattr(row, name) != values[name]}
        for name, value in values.items():
            setattr(row, name, value)
        row.mirrored_at = read_at
        row.save(update_fields=[*values, "mirrored_at"])
    SubscriptionChange.objects.bulk_create(
        SubscriptionChange(
            subscription=row,
            field=name,
            old_value=old_value,
            new_value=new_value,
            cause=cause[:255],
            happened_at=read_at,
        )
        for name, old_value, new_value in history(changed, is_new=created)
    )
    return UpsertResult(row, changed)


def history(changed: dict[str, tuple[Any, Any]], *, is_new: bool) -> Iterator[tuple[str, str, str]]:
    """What is to be told of `changed` (field → (old, new)): field, old value, new value."""
    for name, (old, new) in changed.items():
        if not (is_new and name == "payment_collection" and new == Subscription.PaymentCollection.NOT_REQUIRED):
            yield name, _text(old), _text(new)


def values_of(snapshot: SubscriptionSnapshot) -> dict[str, Any]:
    """The row's values, all but the payment deadline."""
    invoice = snapshot.latest_invoice
    return {
        "stripe_id": snapshot.billing_id or None,
        "status": snapshot.status,
        "payment_collection": snapshot.payment_collection,
        "product_id": snapshot.product_id,
        "plan_id": snapshot.plan_id,
        "plan_name": snapshot.plan_name or snapshot.plan_id,
        "pricing_type": snapshot.pricing_type,
        "billing_period": snapshot.billing_period or "",
        "resource_id": snapshot.resource_id,
        "quantity": snapshot.unit_quantity,
        "quantities": dict(snapshot.unit_quantities),
        "addons": [
            {"addon_id": a.addon_id, "display_name": a.display_name, "quantity": a.quantity} for a in snapshot.addons
        ],
        "total_minor": snapshot.total.amount_minor if snapshot.total else None,
        "currency": snapshot.total.currency if snapshot.total else "",
        "started_at": snapshot.started_at,
        "current_period_started_at": snapshot.current_period_started_at,
        "current_period_ends_at": snapshot.current_period_ends_at,
        "trial_ends_at": snapshot.trial_ends_at,
        "trial_end_behavior": snapshot.trial_end_behavior,
        "cancellation_at": snapshot.cancellation_at,
        "ends_at": snapshot.effective_ends_at or snapshot.ends_at,
        "cancel_reason": snapshot.cancel_reason,
        "scheduled_updates": [_scheduled(update) for update in snapshot.scheduled_updates],
        "pending_updates": [_scheduled(row) for row in snapshot.future_updates if row.status == "PendingPayment"],
        "latest_invoice_id": invoice.billing_id if invoice else "",
        "latest_invoice_error": invoice.error_message[:500] if invoice else "",
    }


def deadline_of(snapshot: SubscriptionSnapshot, said: datetime | None, read_at: datetime) -> dict[str, Any]:
    """Until when an unpaid first invoice can be paid: never later than what we once `said`, none when nothing waits.

    Counted from the earliest of what the two sides and we ourselves saw, so that it never promises
    more time than there is.
    """
    if snapshot.status != Subscription.Status.PAYMENT_PENDING:
        return {"payment_deadline_at": None}
    if said is not None:
        return {"payment_deadline_at": said}
    invoice = snapshot.latest_invoice
    beginnings = [read_at, snapshot.created_at, snapshot.started_at, invoice.created_at if invoice else None]
    begun_at = min(moment for moment in beginnings if moment is not None)
    return {"payment_deadline_at": begun_at + timedelta(hours=conf.current().payment_deadline_hours)}


def _scheduled(update: ScheduledUpdateSnapshot) -> dict[str, Any]:
    return {
        "type": update.schedule_type,
        "status": update.status,
        "scheduled_at": update.scheduled_at.isoformat(),
        "target_id": update.target_id,
        "target_name": update.target_name,
        "billing_period": update.billing_period or "",
        "feature_id": update.feature_id,
        "quantity": update.quantity,
    }


def _text(value: Any) -> str:
    if value is None:
        return ""
    return value.isoformat() if isinstance(value, datetime) else str(value)[:255]
