"""A customer's entitlements in words, with the usage where it is counted."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from django.utils.translation import gettext

from billing.gateways.stigg.types import FeatureSnapshot, PlanEntitlementSnapshot
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
    """The words that the price list itself has for what a plan grants: grant → label."""
    plan = catalog.stored_plan(plan_id)
    items = (*plan.inherited_entitlements, *plan.entitlements) if plan else ()
    return {_grant_of_plan(item): item.display_name_override for item in items if item.display_name_override}


def _grant_of_plan(item: PlanEntitlementSnapshot) -> str:
    limit = None if item.has_unlimited_usage else item.usage_limit
    return _grant(item.feature.feature_id, limit, item.enum_values)


def _label(row: Entitlement, labels: dict[str, str]) -> str:
    """The price list's word for just that; "" where an add-on or a promotion has made it more, or another plan less."""
    limit = None if row.has_unlimited_usage else row.usage_limit
    return labels.get(_grant(row.feature_id, limit, row.enum_values), "")


def _grant(feature_id: str, limit: Decimal | None, values: Iterable[str]) -> str:
    """A feature with how much of it is granted, in one word: the same for everybody who has as much."""
    amount = "" if limit is None else f"{Decimal(limit).normalize():f}"
    return f"{feature_id} {amount} {' '.join(sorted(values))}"


def entitlement_text(row: Entitlement, labels: dict[str, str]) -> str:
    """What the customer has, e.g. "10,000 API calls per month"."""
    label = _label(row, labels)
    if label:
        return label
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
    if row.enum_values and not _label(row, labels):
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
