"""A customer's entitlements in words, with the usage where it is counted."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext

from billing.gateways.stigg.types import FeatureSnapshot
from billing.models import Entitlement
from billing.services import catalog, text

WARN_PERCENT = 70


@dataclass(frozen=True, slots=True)
class EntitlementRow:
    """One line of the usage list; `percent` is None where nothing is counted."""

    name: str
    text: str
    percent: int | None = None
    tone: str = "ok"
    detail: str = ""


def labels_of(plan_id: str) -> dict[str, str]:
    """The words that the price list itself has for what a plan grants: feature id → label."""
    plan = catalog.stored_plan(plan_id)
    items = (*plan.inherited_entitlements, *plan.entitlements) if plan else ()
    return {item.feature.feature_id: item.display_name_override for item in items if item.display_name_override}


def entitlement_text(row: Entitlement, labels: dict[str, str]) -> str:
    """What the customer has, e.g. "10,000 API calls per month"."""
    if row.feature_id in labels:
        return labels[row.feature_id]
    if row.enum_values:
        return f"{row.display_name}: {', '.join(row.enum_values)}"
    feature = FeatureSnapshot(row.feature_id, row.display_name, units=row.units, units_plural=row.units_plural)
    return text.limit(
        feature,
        usage_limit=row.usage_limit,
        is_unlimited=row.has_unlimited_usage,
        reset_period=row.reset_period,
    )


def _amount(row: Entitlement, labels: dict[str, str]) -> str:
    """As `entitlement_text`, to stand beside the feature's name."""
    if row.enum_values and row.feature_id not in labels:
        return ", ".join(row.enum_values)
    whole = entitlement_text(row, labels)
    return gettext("Included") if whole == row.display_name else whole


def entitlement_row(row: Entitlement, labels: dict[str, str]) -> EntitlementRow:
    """With a meter where usage counts against a limit."""
    percent = row.used_percent
    if percent is None:
        return EntitlementRow(name=row.display_name, text=_amount(row, labels))
    tone = "bad" if percent >= 100 else "warn" if percent >= WARN_PERCENT else "ok"
    used = gettext("%(used)s of %(limit)s used") % {
        "used": text.number(row.current_usage or 0),
        "limit": text.number(row.usage_limit or 0),
    }
    resets = row.usage_period_ends_at
    detail = gettext("Resets on %(date)s") % {"date": text.date(resets)} if resets else ""
    return EntitlementRow(name=row.display_name, text=used, percent=percent, tone=tone, detail=detail)
