"""The comparison table under the paywall: every feature of every plan shown, what is inherited written out. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import TypeVar

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

Item = TypeVar("Item", PlanEntitlementSnapshot, CreditGrantSnapshot)


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
            _cells([_credit_text(grants.get(key)) for grants in granted], highlights),
        )
        for key, name in names.items()
    )
    return (FeatureGroup(gettext("Credits"), rows),) if rows else ()


def all_entitlements(plan: PlanSnapshot) -> tuple[PlanEntitlementSnapshot, ...]:
    """What the plan grants in all: inherited first, its own over them or, where Stigg says so, on top of them."""
    inherited = {item.feature.feature_id: item for item in plan.inherited_entitlements if item.is_granted}
    own = {item.feature.feature_id: _on_top(item, inherited.get(item.feature.feature_id)) for item in plan.entitlements}
    return tuple(_over(inherited, own).values())


def _on_top(item: PlanEntitlementSnapshot, base: PlanEntitlementSnapshot | None) -> PlanEntitlementSnapshot:
    if base is None or not item.is_increment or item.usage_limit is None:
        return item
    if base.has_unlimited_usage or base.usage_limit is None:
        return replace(item, has_unlimited_usage=base.has_unlimited_usage)
    return replace(item, usage_limit=item.usage_limit + base.usage_limit)


def _all_credits(plan: PlanSnapshot) -> Mapping[str, CreditGrantSnapshot]:
    inherited = {grant.currency_id: grant for grant in plan.inherited_credits if grant.is_granted}
    own = {grant.currency_id: _added(grant, inherited.get(grant.currency_id)) for grant in plan.credits}
    return _over(inherited, own)


def _added(grant: CreditGrantSnapshot, base: CreditGrantSnapshot | None) -> CreditGrantSnapshot:
    if base is None or not grant.is_increment or base.amount is None or grant.amount is None:
        return grant
    return replace(grant, amount=grant.amount + base.amount)


def _over(inherited: Mapping[str, Item], own: Mapping[str, Item]) -> dict[str, Item]:
    """A plan's own goes over what it inherits even where it is not to be seen: what it replaces is not true of it.

    Of one that is hidden over one that is shown, the table says that it is there, and not how much of it.
    """
    told = {key for key, item in inherited.items() if is_shown(item)}
    both = {**inherited, **own}
    return {key: item for key, item in both.items() if is_shown(item) or (item.is_granted and key in told)}


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
    if not is_shown(item):
        return ""
    if item.enum_values and not item.display_name_override:
        return text.choices(item.enum_values)
    words = entitlement_text(item)
    return "" if words == item.feature.display_name else words


def _credit_text(grant: CreditGrantSnapshot | None) -> str | None:
    """As `_feature_text`."""
    if grant is None:
        return None
    return credit_text(grant) if is_shown(grant) else ""


def _cells(texts: Iterable[str | None], highlights: list[bool]) -> tuple[Cell, ...]:
    return tuple(
        Cell(words or "", is_included=words is not None, is_highlighted=is_highlighted)
        for words, is_highlighted in zip(texts, highlights, strict=True)
    )
