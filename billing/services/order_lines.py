"""The lines of an order summary: what is paid today, and what each period costs. Pure; amounts already in words."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from django.utils.translation import gettext

from billing.gateways.stigg.types import (
    DiscountSnapshot,
    PlanSnapshot,
    PreviewSnapshot,
    PriceSnapshot,
    SubscriptionChoice,
)
from billing.money import Money, UnitPrice
from billing.services import charges, text

LineKind = Literal["charge", "usage", "discount", "tax", "credit"]


@dataclass(frozen=True, slots=True)
class Part:
    """One slice of a tiered charge."""

    label: str
    amount: str


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the summary; `parts` are already in its amount. `value` is what it adds to the sum: None where it
    only tells something, such as the tax that is included or the price of usage."""

    label: str
    amount: str
    note: str = ""
    kind: LineKind = "charge"
    parts: tuple[Part, ...] = ()
    value: Money | None = None

    @classmethod
    def of(
        cls, label: str, value: Money, *, note: str = "", kind: LineKind = "charge", parts: tuple[Part, ...] = ()
    ) -> Line:
        """One whose amount is in the sum."""
        return cls(label, text.money(value), note, kind, parts, value)


def today(plan: PlanSnapshot, choice: SubscriptionChoice, priced: PreviewSnapshot) -> tuple[Line, ...]:
    """What makes up the sum due today; nothing where nothing is charged."""
    lines = list(_prorated(plan, priced) or _full(plan, choice, priced.subtotal))
    if priced.discount:
        lines.append(_discount(priced.discount, priced.discount_details))
    if priced.tax:
        lines.append(tax_line(priced, priced.tax))
    if priced.credits_used:
        lines.append(Line.of(gettext("Account credit"), _less(priced.credits_used), kind="credit"))
    return tuple(lines)


def each_period(plan: PlanSnapshot, choice: SubscriptionChoice, priced: PreviewSnapshot) -> tuple[Line, ...]:
    """What makes up the sum of each period after."""
    if priced.recurring is None or priced.recurring_subtotal is None:
        return ()
    lines = list(charge_lines(plan, choice, total=priced.recurring_subtotal))
    if priced.recurring_discount:
        lines.append(_discount(priced.recurring_discount, priced.recurring_discount_details))
    if priced.recurring_tax:
        lines.append(tax_line(priced, priced.recurring_tax))
    return tuple(lines)


def charge_lines(plan: PlanSnapshot, choice: SubscriptionChoice, *, total: Money) -> tuple[Line, ...]:
    """The charges one by one where they add up to what Stigg says; else what Stigg says, in one line."""
    period = text.period_name(choice.billing_period)
    parts = charges.charges(plan, choice)
    same_currency = all(part.amount.currency == total.currency for part in parts)
    if not same_currency or sum(part.amount.amount_minor for part in parts) != total.amount_minor:
        return (Line.of(plan.display_name, total, note=period), *usage_lines(plan, choice))
    tiers = _tiered_prices(plan, choice)
    return (
        *(
            Line.of(
                _charge_label(part, plan),
                part.amount,
                note=period,
                parts=tuple(_slices(tiers[part.label], part.quantity)) if part.label in tiers else (),
            )
            for part in parts
        ),
        *usage_lines(plan, choice),
    )


def usage_lines(plan: PlanSnapshot, choice: SubscriptionChoice) -> tuple[Line, ...]:
    """What is billed by use, at the end of each period: no part of the sum due today."""
    found, note = [], gettext("Billed for what you use, when a period ends")
    for price in plan.prices_in(choice.billing_period or ""):
        if price.billing_model == "USAGE_BASED" and price.feature is not None:
            amount, unit = _unit_price(price), price.feature.units or price.feature.display_name
            shown = gettext("%(amount)s per %(unit)s") % {"amount": text.money(amount), "unit": unit} if amount else ""
            found.append(Line(price.feature.display_name, shown, note=note, kind="usage"))
    return tuple(found)


def tax_line(priced: PreviewSnapshot, amount: Money) -> Line:
    """The tax on top, or, where prices include it, how much of the sum it is."""
    label, rate = priced.tax_label or gettext("Tax"), _rate(priced.tax_percentage)
    if priced.is_tax_inclusive:
        return Line(gettext("Included: %(tax)s") % {"tax": label}, text.money(amount), note=rate, kind="tax")
    return Line.of(label, amount, note=rate, kind="tax")


def _prorated(plan: PlanSnapshot, priced: PreviewSnapshot) -> list[Line]:
    """A change in the middle of a period: the rest of it at the new price, less what is left of the old one."""
    if not priced.proration_debit and not priced.proration_credit:
        return []
    zero = Money(0, priced.due_now.currency)
    debit, credit = priced.proration_debit or zero, _less(priced.proration_credit or zero)
    unused = Line.of(gettext("Credit for unused time"), credit, kind="credit")
    if debit + credit != priced.subtotal:
        changed = Line.of(gettext("Change to %(plan)s") % {"plan": plan.display_name}, priced.subtotal - credit)
        return [changed, unused]
    found = []
    if debit:
        rest = gettext("Until the end of this period") if _goes_on(priced) else ""
        found.append(Line.of(plan.display_name, debit, note=rest))
    return [*found, unused] if credit else found


def _goes_on(priced: PreviewSnapshot) -> bool:
    """Whether the running period stays as it is: then the recurring price is more than what is left of it."""
    return bool(priced.recurring and priced.proration_debit and priced.recurring_subtotal != priced.proration_debit)


def _full(plan: PlanSnapshot, choice: SubscriptionChoice, subtotal: Money) -> tuple[Line, ...]:
    if subtotal:
        return charge_lines(plan, choice, total=subtotal)
    return usage_lines(plan, choice) if plan.is_by_usage_alone(choice.billing_period or "") else ()


def _discount(amount: Money, details: DiscountSnapshot | None) -> Line:
    label = details.name if details and details.name else gettext("Discount")
    return Line.of(label, _less(amount), note=_discount_note(details), kind="discount")


def _discount_note(details: DiscountSnapshot | None) -> str:
    if details is None:
        return ""
    percent = _rate(details.value) if details.discount_type == "PERCENTAGE" else ""
    lasting = ""
    if details.duration == "ONCE":
        lasting = gettext("once")
    elif details.duration == "REPEATING" and details.months:
        lasting = gettext("for %(months)s") % {"months": text.months(details.months)}
    return ", ".join(filter(None, [percent, lasting]))


def _charge_label(charge: charges.Charge, plan: PlanSnapshot) -> str:
    if charge.kind == "units":
        return f"{plan.display_name}: {text.number(charge.quantity)} {charge.label}"
    return charge.label if charge.quantity == 1 else f"{text.number(charge.quantity)} × {charge.label}"


def _tiered_prices(plan: PlanSnapshot, choice: SubscriptionChoice) -> dict[str, PriceSnapshot]:
    """By the label that their charge has."""
    return {
        price.feature.units_plural or price.feature.display_name: price
        for price in plan.prices_in(choice.billing_period or "")
        if price.tiers and price.feature is not None
    }


def _slices(price: PriceSnapshot, quantity: int) -> Iterator[Part]:
    """GRADUATED: each tier with the units within it. VOLUME: the one tier that prices them all."""
    below = 0
    for tier in price.tiers:
        top = quantity if tier.up_to is None else min(quantity, int(tier.up_to))
        is_last = tier.up_to is None or quantity <= tier.up_to
        units = quantity if price.tiers_mode != "GRADUATED" else top - below
        if units > 0 and (price.tiers_mode == "GRADUATED" or is_last):
            amount = charges.slice_price(tier, units)
            if amount is not None:
                label = _slice_label(below + 1, top, tier.unit_price, tier.flat_price, price.tiers_mode)
                yield Part(label, text.money(amount))
        below = max(below, top)
        if is_last:
            return


def _slice_label(first: int, last: int, unit: UnitPrice | None, flat: Money | None, mode: str | None) -> str:
    span = text.number(first) if first == last else f"{text.number(first)}–{text.number(last)}"
    if mode != "GRADUATED":
        span = text.number(last)
    prices = []
    if unit is not None and (unit or not flat):
        prices.append(gettext("%(price)s each") % {"price": text.money(unit)})
    if flat:
        prices.append(gettext("%(price)s flat") % {"price": text.money(flat)})
    return f"{span}: {' + '.join(prices)}" if prices else span


def _unit_price(price: PriceSnapshot) -> UnitPrice | None:
    return price.price or next((tier.unit_price for tier in price.tiers if tier.unit_price), None)


def _less(amount: Money) -> Money:
    """The amount as one that is taken off, whichever sign it came with."""
    return -amount if amount.amount_minor > 0 else amount


def _rate(percent: Decimal | None) -> str:
    return f"{text.number(percent)} %" if percent else ""
