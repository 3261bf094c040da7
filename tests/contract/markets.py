"""Catalogs by chance, and something to buy from each: every way to charge, in three currencies."""

from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import yaml
from hypothesis import strategies as st

from billing.gateways.stigg.types import SubscriptionChoice
from billing.money import exponent

PRODUCT = "product-market"
CURRENCIES = {"": "USD", "DE": "EUR", "JP": "JPY"}
PERIODS = {"monthly": "MONTHLY", "annually": "ANNUALLY"}
UNITS = ("feature-seats", "feature-calls")
FINE = 4
"""So many decimals more than a coin has may the price of a unit have."""

Entry = dict[str, Any]


@dataclass(frozen=True)
class Charge:
    """A way to count units, the same in all currencies; amounts differ."""

    feature: str
    kind: str
    bounds: tuple[int, ...] = ()
    block: int = 1
    minimum: int | None = None
    maximum: int | None = None


@dataclass(frozen=True)
class Market:
    """A catalog as the sandbox reads it, and a choice of something in it."""

    catalog: Entry
    choice: SubscriptionChoice
    quantities: tuple[tuple[str, int], ...]

    def write(self, path: Path) -> None:
        path.write_text(yaml.safe_dump(self.catalog), encoding="utf-8")


@st.composite
def markets(draw: st.DrawFn) -> Market:
    periods = draw(st.sampled_from([["monthly"], ["annually"], ["monthly", "annually"]]))
    addons = {f"addon-{number}": _addon(draw, periods) for number in range(draw(st.integers(0, 2)))}
    plans, charges = {}, {}
    for plan_id in [f"plan-{number}" for number in range(draw(st.integers(1, 2)))]:
        charges[plan_id] = [_charge(draw, feature) for feature in UNITS[: draw(st.sampled_from([2, 1, 2, 0]))]]
        plans[plan_id] = _plan(draw, charges[plan_id], periods) | {"addons": list(addons)}
    coupons = {"OFF": _coupon(draw)}
    catalog = {
        "currency": "USD",
        "products": {PRODUCT: {"name": "Market"}},
        "features": {
            name: {"name": name, "type": "number", "unit": "one", "units": name} for name in (*UNITS, "feature-usage")
        },
        "plans": plans,
        "addons": addons,
        "coupons": coupons,
    }
    plan_id = draw(st.sampled_from(sorted(plans)))
    quantities = tuple((charge.feature, _quantity(draw, charge)) for charge in charges[plan_id])
    choice = SubscriptionChoice(
        plan_id,
        PERIODS[draw(st.sampled_from(periods))],
        unit_quantities=quantities,
        addons=tuple((addon_id, draw(st.integers(1, 5))) for addon_id in addons if draw(st.booleans())),
        coupon_id=draw(st.sampled_from(["", "OFF"])),
        country_code=draw(st.sampled_from(sorted(CURRENCIES))),
    )
    return Market(catalog, choice, quantities)


def _plan(draw: st.DrawFn, charges: list[Charge], periods: list[str]) -> Entry:
    has_base = not charges or draw(st.booleans())
    has_usage = draw(st.booleans())
    prices = []
    for where, currency in _everywhere(periods):
        prices += [where | {"amount": _coins(draw, currency, 99_999)}] if has_base else []
        prices += [where | _price(draw, charge, currency) for charge in charges]
        if has_usage:
            usage = {"model": "usage_based", "feature": "feature-usage"}
            prices.append(where | usage | {"amount": _fine(draw, currency)})
    return {"product": PRODUCT, "name": "By chance", "pricing": "paid", "prices": prices}


def _addon(draw: st.DrawFn, periods: list[str]) -> Entry:
    prices = [where | {"amount": _coins(draw, currency, 9_999)} for where, currency in _everywhere(periods)]
    return {"name": "More", "prices": prices}


def _everywhere(periods: list[str]) -> list[tuple[Entry, str]]:
    return [
        ({"period": period} | ({"country": country, "currency": currency} if country else {}), currency)
        for country, currency in CURRENCIES.items()
        for period in periods
    ]


def _charge(draw: st.DrawFn, feature: str) -> Charge:
    kind = draw(st.sampled_from(["graduated", "volume", "block", "plain"]))
    sizes = draw(st.lists(st.integers(1, 30), min_size=1, max_size=3)) if kind in ("volume", "graduated") else []
    return Charge(
        feature,
        kind,
        bounds=tuple(sum(sizes[: index + 1]) for index in range(len(sizes))),
        block=draw(st.integers(2, 100)) if kind == "block" else 1,
        minimum=draw(st.sampled_from([None, 2])),
        maximum=draw(st.sampled_from([None, 500])),
    )


def _price(draw: st.DrawFn, charge: Charge, currency: str) -> Entry:
    limits = {"min": charge.minimum, "max": charge.maximum}
    price = {"model": "per_unit", "feature": charge.feature} | {k: v for k, v in limits.items() if v}
    if charge.bounds:
        tiers = [{"up_to": bound} | _tier(draw, currency) for bound in charge.bounds]
        return price | {"tiers_mode": charge.kind, "tiers": [*tiers, _tier(draw, currency)]}
    return price | {"amount": _fine(draw, currency)} | ({"block": charge.block} if charge.kind == "block" else {})


def _tier(draw: st.DrawFn, currency: str) -> Entry:
    unit, flat = _fine(draw, currency), _coins(draw, currency, 99_999)
    return draw(st.sampled_from([{"unit": unit}, {"flat": flat}, {"unit": unit, "flat": flat}]))


def _coins(draw: st.DrawFn, currency: str, most: int) -> float:
    return float(Decimal(draw(st.integers(0, most))).scaleb(-exponent(currency)))


def _fine(draw: st.DrawFn, currency: str) -> float:
    """The price of a unit: of whole coins, or finer than any."""
    places = draw(st.sampled_from([FINE, 0]))
    return float(Decimal(draw(st.integers(1, 9_999))).scaleb(-exponent(currency) - places))


def _coupon(draw: st.DrawFn) -> Entry:
    if draw(st.booleans()):
        return {"name": "Off", "percent_off": draw(st.sampled_from([5, 12.5, 17.5, 33.3, 100]))}
    return {"name": "Off", "amounts_off": {code: _coins(draw, code, 20_000) or 1 for code in CURRENCIES.values()}}


def _quantity(draw: st.DrawFn, charge: Charge) -> int:
    """Anything that is sold, and often what lies at a boundary."""
    near = [bound + step for bound in (*charge.bounds, charge.block) for step in (-1, 0, 1)]
    wanted = draw(st.one_of(st.integers(50, 500), st.sampled_from(near)))
    return max(charge.minimum or 1, min(wanted, charge.maximum or wanted))
