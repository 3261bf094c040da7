"""Entitlement rows from Stigg's entitlements state: the whole set is replaced."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any

from billing.gateways.stigg.types import EntitlementSnapshot, EntitlementsStateSnapshot
from billing.mirror.rows import make_like
from billing.models import Customer, Entitlement

DECIMAL_PLACES = 6
COMPARED = ("is_granted", "usage_limit", "has_unlimited_usage", "has_soft_limit", "enum_values")
"""Fields that decide what a customer may do; usage alone is no change of entitlements."""


def replace_entitlements(customer: Customer, state: EntitlementsStateSnapshot, *, read_at: datetime) -> bool:
    """Make the rows equal to `state`; whether anything that decides access changed.

    Call inside a transaction, after `apply_customer`, which has locked the customer and knows a later read.
    """
    existing = {row.feature_id: row for row in customer.entitlements.select_for_update(no_key=True)}
    is_old = any(row.mirrored_at >= read_at for row in existing.values())
    if is_old or (customer.mirrored_at is not None and customer.mirrored_at > read_at):
        return False
    wanted = {item.feature.feature_id: values_of(item) | {"customer_id": customer.pk} for item in state.entitlements}
    changed = existing.keys() != wanted.keys() or any(
        getattr(existing[feature_id], name) != values[name]
        for feature_id, values in wanted.items()
        for name in COMPARED
    )
    make_like(Entitlement, ["customer_id", "feature_id"], existing, wanted, read_at=read_at)
    if existing.keys() - wanted.keys():
        customer.entitlements.exclude(feature_id__in=wanted).delete()
    if customer.entitlements_denied_reason != state.access_denied_reason:
        customer.entitlements_denied_reason = state.access_denied_reason
        customer.save(update_fields=["entitlements_denied_reason"])
        changed = True
    return changed


def values_of(item: EntitlementSnapshot) -> dict[str, Any]:
    """The row's values; figures as exact as the row keeps them."""
    feature = item.feature
    return {
        "display_name": feature.display_name,
        "feature_type": feature.feature_type,
        "meter_type": feature.meter_type or "",
        "units": feature.units,
        "units_plural": feature.units_plural,
        "is_granted": item.is_granted,
        "denied_reason": item.access_denied_reason,
        "usage_limit": _rounded(item.usage_limit),
        "has_unlimited_usage": item.has_unlimited_usage,
        "has_soft_limit": item.has_soft_limit,
        "current_usage": _rounded(item.current_usage),
        "enum_values": list(item.enum_values),
        "reset_period": item.reset_period or "",
        "usage_period_ends_at": item.usage_period_ends_at,
    }


def _rounded(figure: Decimal | None) -> Decimal | None:
    return None if figure is None else round(figure, DECIMAL_PLACES)
