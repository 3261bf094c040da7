"""What a choice costs: charges, tiers, coupons, proration. Pure functions on minor units; no state."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal

from sandbox.catalog.model import Addon, Coupon, Package, Plan, Price
from sandbox.stigg.state import TaxRate


@dataclass(frozen=True)
class Line:
    """One charge of a subscription for one billing period."""

    package: Package
    price: Price
    quantity: int
    amount: int

    @property
    def billed_quantity(self) -> int:
        """As Stripe counts it: blocks, where units come in blocks."""
        return blocks(self.price, self.quantity)

    @property
    def is_metered(self) -> bool:
        """Whether Stripe is told later how many there were."""
        return self.price.billing_model == "USAGE_BASED"

    @property
    def is_addon(self) -> bool:
        return isinstance(self.package, Addon)


@dataclass(frozen=True)
class Totals:
    """Of one invoice. `tax` is on top of `total_excluding_tax`; `included` says how much of it the prices hold."""

    subtotal: int
    discount: int
    tax: int
    included: int = 0

    @property
    def total_excluding_tax(self) -> int:
        return self.subtotal - self.discount - self.included

    @property
    def total(self) -> int:
        return self.total_excluding_tax + self.tax


@dataclass(frozen=True)
class Proration:
    """`credit` for the time left of the old choice, `debit` for the same time of the new one."""

    credit: int
    debit: int

    @property
    def net(self) -> int:
        return self.debit - self.credit


def charge_amount(price: Price, quantity: int) -> int:
    """What `quantity` units cost for one period in advance; a flat fee counts its package's own quantity.

    Usage is billed at the period's end. What is finer than the minor unit is rounded once, as on Stripe's side.
    """
    if price.billing_model == "USAGE_BASED":
        return 0
    if price.tiers:
        return rounded(
            Decimal(_volume(price, quantity) if price.tiers_mode == "VOLUME" else _graduated(price, quantity))
        )
    return rounded(Decimal(price.amount or 0) * blocks(price, quantity))


def blocks(price: Price, quantity: int) -> int:
    """Begun blocks count whole."""
    return -(-quantity // (price.block_size or 1))


def offered_prices(package: Package, period: str, country: str | None) -> list[Price]:
    """The charges of a package for a period, the country's own price before the one for everywhere."""
    by_charge: dict[tuple[str, str | None], Price] = {}
    for price in package.prices:
        if price.billing_period != period or price.country not in {None, country}:
            continue
        charge = (price.billing_model, price.feature_id)
        if charge not in by_charge or price.country is not None:
            by_charge[charge] = price
    return list(by_charge.values())


def lines(
    plan: Plan,
    period: str,
    *,
    quantities: Mapping[str, int],
    addons: Iterable[tuple[Addon, int]] = (),
    country: str | None = None,
) -> list[Line]:
    """Every charge of a plan with its add-ons; units without a stated quantity count their minimum, or 1."""
    found = [_line(plan, price, 1, quantities) for price in offered_prices(plan, period, country)]
    for addon, count in addons:
        found += [_line(addon, price, count, quantities) for price in offered_prices(addon, period, country)]
    return found


def discounts(amounts: Sequence[int], coupon: Coupon | None, currency: str) -> list[int]:
    """What the coupon takes off each of an invoice's lines; never more than there is.

    As Stripe's side bills: a percentage is rounded line by line, an amount is used up line after line.
    """
    if coupon is None:
        return [0 for _ in amounts]
    if coupon.percent_off is not None:
        share = Decimal(str(coupon.percent_off)) / 100
        return [rounded(amount * share) for amount in amounts]
    found, left = [], coupon.amounts_off.get(currency, 0)
    for amount in amounts:
        found.append(min(left, amount))
        left -= found[-1]
    return found


def discount(amounts: Sequence[int], coupon: Coupon | None, currency: str) -> int:
    return sum(discounts(amounts, coupon, currency))


def totals(amounts: Sequence[int], coupon: Coupon | None, currency: str, tax_rates: Iterable[TaxRate]) -> Totals:
    """Each rate is of what is left of a line, and rounded there."""
    off = discounts(amounts, coupon, currency)
    taxable = [amount - less for amount, less in zip(amounts, off, strict=True)]
    taxes = [(rate.inclusive, tax(each, rate)) for rate in tax_rates for each in taxable]
    return Totals(
        subtotal=sum(amounts),
        discount=sum(off),
        tax=sum(amount for _included, amount in taxes),
        included=sum(amount for included, amount in taxes if included),
    )


def tax(amount: int, rate: TaxRate) -> int:
    """Of a price that includes 19 %, the tax is 19 parts of 119."""
    percentage = Decimal(str(rate.percentage))
    return rounded(amount * percentage / (100 + percentage if rate.inclusive else 100))


def proration(old: int, new: int, *, start: datetime, end: datetime, at: datetime) -> Proration:
    """Shares of the period that is left at `at`, to the second.

    Source: https://docs.stripe.com/billing/subscriptions/prorations
    """
    whole = int((end - start).total_seconds())
    left = max(0, min(whole, int((end - at).total_seconds())))
    if whole <= 0:
        return Proration(credit=0, debit=0)
    share = Decimal(left) / Decimal(whole)
    return Proration(credit=rounded(old * share), debit=rounded(new * share))


def monthly_value(amount: int, period: str) -> Decimal:
    """For comparing plans whose periods differ."""
    return Decimal(amount) / 12 if period == "ANNUALLY" else Decimal(amount)


def rounded(amount: Decimal) -> int:
    return int(amount.quantize(Decimal(1), rounding=ROUND_HALF_UP))


def _line(package: Package, price: Price, count: int, quantities: Mapping[str, int]) -> Line:
    if price.billing_model == "FLAT_FEE" or price.feature_id is None:
        return Line(package, price, count, charge_amount(price, count))
    if price.billing_model == "USAGE_BASED":
        return Line(package, price, 0, 0)
    quantity = quantities.get(price.feature_id, price.min_quantity or 1) * count
    return Line(package, price, quantity, charge_amount(price, quantity))


def _volume(price: Price, quantity: int) -> int | Decimal:
    """One tier, the one that the quantity falls into, prices all units."""
    tier = next(t for t in price.tiers if t.up_to is None or quantity <= t.up_to)
    return tier.unit_amount * quantity + tier.flat_amount


def _graduated(price: Price, quantity: int) -> int | Decimal:
    """Each tier prices the units within it."""
    total: int | Decimal = 0
    reached = 0
    for tier in price.tiers:
        upper = quantity if tier.up_to is None else min(quantity, tier.up_to)
        if upper > reached or (reached == 0 and quantity == 0):
            total += tier.unit_amount * (upper - reached) + tier.flat_amount
            reached = upper
        if reached >= quantity:
            break
    return total
