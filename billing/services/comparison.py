"""The comparison table under the paywall: every feature of every plan shown, what is inherited written out. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from django.utils.translation import gettext

from billing.gateways.stigg.types import (
    CreditGrantSnapshot,
    FeatureSnapshot,
    PaywallSnapshot,
    PlanEntitlementSnapshot,
    PlanSnapshot,
    PriceSnapshot,
)
from billing.services import text
from billing.services.plan_cards import PlanCard
from billing.services.plan_quantities import unit_prices
from billing.services.plan_rows import credit_text, entitlement_text, is_shown


@dataclass(frozen=True, slots=True)
class PlanColumn:
    """The head of one column."""

    plan_id: str
    name: str
    is_highlighted: bool


@dataclass(frozen=True, slots=True)
class Cell:
    """What one plan has of one feature; an empty text with `is_included` reads "yes"."""

    text: str
    is_included: bool
    is_highlighted: bool


@dataclass(frozen=True, slots=True)
class FeatureRow:
    """One feature over all plans."""

    name: str
    detail: str
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class FeatureGroup:
    """Features that belong together."""

    name: str
    rows: tuple[FeatureRow, ...]


@dataclass(frozen=True, slots=True)
class Comparison:
    """The whole table."""

    plans: tuple[PlanColumn, ...]
    groups: tuple[FeatureGroup, ...]

    @property
    def rows(self) -> tuple[FeatureRow, ...]:
        """Of all groups."""
        return tuple(row for group in self.groups for row in group.rows)


def comparison(paywall: PaywallSnapshot, cards: tuple[PlanCard, ...]) -> Comparison | None:
    """The table for the plans on show; None when there is nothing to compare."""
    plans = [plan for card in cards if (plan := paywall.find_plan(card.plan_id)) is not None]
    highlights = [card.is_highlighted for card in cards]
    groups = (*_feature_groups(plans, highlights), *_credit_group(plans, highlights))
    if len(plans) < 2 or not groups:
        return None
    return Comparison(
        plans=tuple(PlanColumn(card.plan_id, card.name, card.is_highlighted) for card in cards),
        groups=groups,
    )


def _feature_groups(plans: list[PlanSnapshot], highlights: list[bool]) -> tuple[FeatureGroup, ...]:
    """By the group that a feature's metadata names, else numbers and the rest apart; in the order of first sight."""
    granted = [{item.feature.feature_id: item for item in all_entitlements(plan)} for plan in plans]
    features: dict[str, FeatureSnapshot] = {}
    for plan, items in zip(plans, granted, strict=True):
        bought = {price.feature.feature_id: price.feature for price in _prices_by_number(plan) if price.feature}
        for key, feature in (bought | {key: item.feature for key, item in items.items()}).items():
            features.setdefault(key, feature)
    grouped: dict[str, list[FeatureRow]] = {}
    for feature_id, feature in features.items():
        texts = [
            _bought(plan, feature_id) or _feature_text(items.get(feature_id))
            for plan, items in zip(plans, granted, strict=True)
        ]
        row = FeatureRow(feature.display_name, feature.description, _cells(texts, highlights))
        grouped.setdefault(_group_of(feature), []).append(row)
    return tuple(FeatureGroup(name, tuple(rows)) for name, rows in grouped.items())


def _group_of(feature: FeatureSnapshot) -> str:
    if feature.group:
        return feature.group
    return gettext("How much you get") if feature.feature_type == "NUMBER" else gettext("What you can do")


def _credit_group(plans: list[PlanSnapshot], highlights: list[bool]) -> tuple[FeatureGroup, ...]:
    granted = [_all_credits(plan) for plan in plans]
    names = {key: grant.display_name for grants in granted for key, grant in grants.items()}
    rows = tuple(
        FeatureRow(
            name,
            "",
            _cells([credit_text(found) if (found := grants.get(key)) else None for grants in granted], highlights),
        )
        for key, name in names.items()
    )
    return (FeatureGroup(gettext("Credits"), rows),) if rows else ()


def all_entitlements(plan: PlanSnapshot) -> tuple[PlanEntitlementSnapshot, ...]:
    """What the plan grants in all: inherited first, its own over them or, where Stigg says so, on top of them."""
    inherited = {item.feature.feature_id: item for item in plan.inherited_entitlements if is_shown(item)}
    own = [_on_top(item, inherited.get(item.feature.feature_id)) for item in plan.entitlements if is_shown(item)]
    return (*inherited.values(), *own)


def _on_top(item: PlanEntitlementSnapshot, base: PlanEntitlementSnapshot | None) -> PlanEntitlementSnapshot:
    if base is None or not item.is_increment or item.usage_limit is None:
        return item
    if base.has_unlimited_usage or base.usage_limit is None:
        return replace(item, has_unlimited_usage=base.has_unlimited_usage)
    return replace(item, usage_limit=item.usage_limit + base.usage_limit)


def _all_credits(plan: PlanSnapshot) -> Mapping[str, CreditGrantSnapshot]:
    found = {grant.currency_id: grant for grant in plan.inherited_credits if is_shown(grant)}
    for grant in filter(is_shown, plan.credits):
        base = found.get(grant.currency_id)
        if grant.is_increment and base and base.amount is not None and grant.amount is not None:
            grant = replace(grant, amount=grant.amount + base.amount)  # noqa: PLW2901 - the sum is the grant
        found[grant.currency_id] = grant
    return found


def _prices_by_number(plan: PlanSnapshot) -> tuple[PriceSnapshot, ...]:
    return next((found for period in plan.periods if (found := unit_prices(plan, period))), ())


def _bought(plan: PlanSnapshot, feature_id: str) -> str:
    """What can be had of a feature whose units are bought by number; "" of any other."""
    for price in _prices_by_number(plan):
        if price.feature and price.feature.feature_id == feature_id:
            most = int(price.max_unit_quantity) if price.max_unit_quantity else None
            words = text.unit_range(price.feature, int(price.min_unit_quantity or 1), most)
            return words or gettext("As many as you buy")
    return ""


def _feature_text(item: PlanEntitlementSnapshot | None) -> str | None:
    """None: not included; "": included, and that is all there is to say."""
    if item is None:
        return None
    if item.enum_values and not item.display_name_override:
        return text.choices(item.enum_values)
    words = entitlement_text(item)
    return "" if words == item.feature.display_name else words


def _cells(texts: Iterable[str | None], highlights: list[bool]) -> tuple[Cell, ...]:
    return tuple(
        Cell(words or "", is_included=words is not None, is_highlighted=is_highlighted)
        for words, is_highlighted in zip(texts, highlights, strict=True)
    )
