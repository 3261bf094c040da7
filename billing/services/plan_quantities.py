"""How many units of a plan: what the visitor can set on its card, and what each tier of the price is. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from django.utils.translation import gettext

from billing.gateways.stigg.types import FeatureSnapshot, PlanSnapshot, PriceSnapshot, PriceTierSnapshot
from billing.services import text
from billing.services.charges import amount_for, minimum_of
from billing.services.price_words import unit_word

MAX_UNITS = 1_000_000


@dataclass(frozen=True, slots=True)
class QuantityChoice:
    """One bundle of units that is sold as a whole."""

    value: int
    label: str
    is_current: bool


@dataclass(frozen=True, slots=True)
class QuantityField:
    """A number of units that can be set on a card: typed in, or one of `choices` where units come in bundles."""

    feature_id: str
    parameter: str
    """Its name in the paywall's address."""
    label: str
    value: int
    minimum: int
    maximum: int
    step: int = 1
    hint: str = ""
    choices: tuple[QuantityChoice, ...] = ()
    units: str = ""
    is_asked: bool = False
    """Whether the visitor set it."""


@dataclass(frozen=True, slots=True)
class TierRow:
    """Units and what they cost."""

    units: str
    price: str


@dataclass(frozen=True, slots=True)
class TierTable:
    """How a price goes by the number of units."""

    name: str
    rule: str
    rows: tuple[TierRow, ...]


def unit_prices(plan: PlanSnapshot, period: str) -> tuple[PriceSnapshot, ...]:
    """The charges of a plan that are bought by number."""
    return tuple(p for p in plan.prices_in(period) if p.billing_model == "PER_UNIT" and p.feature is not None)


def quantity_fields(
    plan: PlanSnapshot, period: str, *, asked: Mapping[str, str], own: Mapping[str, int]
) -> tuple[QuantityField, ...]:
    """One per charge by number. `asked`: the parameters of the address; `own`: what the customer has of this plan."""
    return tuple(
        _field(price, price.feature, parameter(plan.plan_id, price.feature.feature_id, is_first=index == 0), asked, own)
        for index, price in enumerate(unit_prices(plan, period))
        if price.feature is not None
    )


def parameter(plan_id: str, feature_id: str, *, is_first: bool) -> str:
    """The name in the address: short for the one that most plans have."""
    return f"quantity-{plan_id}" if is_first else f"quantity-{plan_id}.{feature_id}"


def _field(
    price: PriceSnapshot, feature: FeatureSnapshot, name: str, asked: Mapping[str, str], own: Mapping[str, int]
) -> QuantityField:
    least, most = minimum_of(price), _maximum_of(price)
    wanted = asked.get(name, "")
    is_asked = wanted.isascii() and wanted.isdecimal() and len(wanted) < 12
    value = int(wanted) if is_asked else own.get(feature.feature_id, default_of(price))
    value = max(least, min(value, most))
    return QuantityField(
        feature_id=feature.feature_id,
        parameter=name,
        label=feature.display_name,
        value=value,
        minimum=_first_step(price),
        maximum=most,
        step=int(price.block_size or 1),
        hint=text.unit_range(feature, least, most if price.max_unit_quantity else None),
        choices=_choices(price, feature, value) if is_bulk(price) else (),
        units=unit_word(feature, value),
        is_asked=is_asked,
    )


def default_of(price: PriceSnapshot) -> int:
    """Of whom nothing is known: the first bundle, else the least that can be bought, in whole blocks."""
    bundles = _bundles(price) if is_bulk(price) else ()
    return bundles[0].size if bundles else _first_step(price)


def _first_step(price: PriceSnapshot) -> int:
    """Where steps of a block begin, so that each ends with a full one: begun blocks count whole."""
    block = int(price.block_size or 1)
    return min(-(-minimum_of(price) // block) * block, _maximum_of(price))


def _maximum_of(price: PriceSnapshot) -> int:
    return min(int(price.max_unit_quantity or MAX_UNITS), MAX_UNITS)


def is_bulk(price: PriceSnapshot) -> bool:
    """Whether units are sold in bundles: every tier with a limit has a price as a whole, and none by the unit.

    Stigg writes "no price" as nothing or as zero.
    """
    bounded = [tier for tier in price.tiers if tier.up_to is not None]
    return bool(bounded) and all(tier.flat_price and not tier.unit_price for tier in bounded)


@dataclass(frozen=True, slots=True)
class _Bundle:
    """A tier as far as its units are sold, from `first` to `last`; `limit` is its own, None of an open one."""

    first: int
    last: int
    limit: int | None

    @property
    def size(self) -> int:
        """What it is worth: all of it, or the first unit of an open one."""
        return max(self.first, self.limit or 0)


def _bundles(price: PriceSnapshot) -> tuple[_Bundle, ...]:
    """Those of which something is sold. The last holds whatever is beyond its limit."""
    found, below, least, most = [], 0, minimum_of(price), _maximum_of(price)
    for tier in price.tiers:
        limit = min(int(tier.up_to), most) if tier.up_to is not None else None
        first = max(below + 1, least)
        last = most if limit is None or tier is price.tiers[-1] else limit
        if first <= last:
            found.append(_Bundle(first, last, limit))
        below = limit or below
    return tuple(found)


def _choices(price: PriceSnapshot, feature: FeatureSnapshot, value: int) -> tuple[QuantityChoice, ...]:
    """Only what can be bought; the one that holds `value` stands for it."""
    found = []
    for bundle in _bundles(price):
        holds = bundle.first <= value <= bundle.last
        shown = value if holds else bundle.size
        found.append(QuantityChoice(shown, _choice_label(price, feature, bundle, shown), holds))
    return tuple(found)


def _choice_label(price: PriceSnapshot, feature: FeatureSnapshot, bundle: _Bundle, count: int) -> str:
    amount = amount_for(price, count)
    shown = text.money(amount) if amount is not None else ""
    many, words = count, "%(count)s %(units)s"
    if bundle.limit is not None and count <= bundle.limit:
        many, words = bundle.limit, gettext("Up to %(count)s %(units)s")
    elif bundle.limit is None and count == bundle.first:
        words = gettext("From %(count)s %(units)s")
    label = words % {"count": text.number(many), "units": unit_word(feature, many)}
    return f"{label}: {shown}" if shown else label


def tier_tables(plan: PlanSnapshot, period: str) -> tuple[TierTable, ...]:
    """One for each charge whose price goes by tiers."""
    return tuple(
        TierTable(
            name=price.feature.display_name if price.feature else plan.display_name,
            rule=_rule(price),
            rows=_rows(price),
        )
        for price in plan.prices_in(period)
        if price.tiers
    )


def _rule(price: PriceSnapshot) -> str:
    period = text.period_unit(price.billing_period)
    if price.tiers_mode == "GRADUATED":
        return gettext("Each unit costs what its own row says, %(period)s.") % {"period": period}
    return gettext("The row that your number falls in prices all units, %(period)s.") % {"period": period}


def _rows(price: PriceSnapshot) -> tuple[TierRow, ...]:
    found, below = [], Decimal(0)
    for index, tier in enumerate(price.tiers):
        is_last = index == len(price.tiers) - 1
        found.append(TierRow(_span(below, None if is_last else tier.up_to), _tier_price(tier)))
        below = tier.up_to or below
    return tuple(found)


def _span(below: Decimal, up_to: Decimal | None) -> str:
    first = text.number(below + 1)
    if up_to is None:
        return gettext("%(first)s and more") % {"first": first}
    return first if up_to == below + 1 else f"{first}–{text.number(up_to)}"


def _tier_price(tier: PriceTierSnapshot) -> str:
    unit, flat = tier.unit_price, tier.flat_price
    if unit and flat:
        return gettext("%(unit)s each, plus %(flat)s") % {"unit": text.money(unit), "flat": text.money(flat)}
    if unit:
        return gettext("%(unit)s each") % {"unit": text.money(unit)}
    if flat:
        return gettext("%(flat)s in all") % {"flat": text.money(flat)}
    return gettext("Included")
