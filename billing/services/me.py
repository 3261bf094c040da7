"""`me.json`: customer, subscriptions and entitlements for front ends of the host application; the guide's `refresh`."""

from __future__ import annotations

from typing import Any

from billing.models import Customer, Entitlement, Subscription


def document(customer: Customer | None) -> dict[str, Any]:
    """The answer: amounts in minor units with their currency, times in ISO 8601, UTC."""
    if customer is None:
        return {"customer": None, "subscriptions": [], "entitlements": []}
    return {
        "customer": {
            "id": customer.stigg_id,
            "name": customer.name,
            "mirrored_at": customer.mirrored_at,
            "entitlements_denied_reason": customer.entitlements_denied_reason or None,
        },
        "subscriptions": [_subscription(row) for row in customer.subscriptions.all() if not row.is_finished],
        "entitlements": [_entitlement(row) for row in customer.entitlements.all()],
    }


def _subscription(row: Subscription) -> dict[str, Any]:
    return {
        "id": row.stigg_id,
        "plan_id": row.plan_id,
        "plan_name": row.plan_name,
        "status": row.status,
        "grants_access": row.grants_access,
        "payment_collection": row.payment_collection,
        "payment_deadline_at": row.payment_deadline_at,
        "billing_period": row.billing_period or None,
        "total_minor": row.total_minor,
        "currency": row.currency or None,
        "current_period_ends_at": row.current_period_ends_at,
        "trial_ends_at": row.trial_ends_at,
        "cancellation_at": row.cancellation_at,
    }


def _entitlement(row: Entitlement) -> dict[str, Any]:
    return {
        "feature_id": row.feature_id,
        "display_name": row.display_name,
        "type": row.feature_type,
        "is_granted": row.is_granted,
        "denied_reason": row.denied_reason or None,
        "usage_limit": row.usage_limit,
        "has_unlimited_usage": row.has_unlimited_usage,
        "has_soft_limit": row.has_soft_limit,
        "current_usage": row.current_usage,
        "enum_values": row.enum_values,
        "usage_period_ends_at": row.usage_period_ends_at,
    }
