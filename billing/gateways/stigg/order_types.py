"""An order as Stigg takes it, and what Stigg's preview says that it costs: money in minor units, times aware UTC.

The rest is in types.py.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from billing.money import Money


@dataclass(frozen=True, slots=True)
class DiscountSnapshot:
    """What takes off a discount: `value` is per cent (PERCENTAGE) or whole units of money (FIXED).

    `duration`: ONCE, REPEATING (for `months`) or FOREVER.
    """

    name: str
    discount_type: str
    value: Decimal
    duration: str
    months: int | None = None


@dataclass(frozen=True, slots=True)
class PreviewSnapshot:
    """What a choice costs. `due_now`: what is charged now, credit taken off; `recurring`: each period after."""

    due_now: Money
    subtotal: Money
    tax: Money | None = None
    tax_label: str = ""
    tax_percentage: Decimal | None = None
    is_tax_inclusive: bool = False
    discount: Money | None = None
    discount_details: DiscountSnapshot | None = None
    credits_initial: Money | None = None
    credits_used: Money | None = None
    credits_remaining: Money | None = None
    proration_credit: Money | None = None
    """Below zero, as Stigg has it."""
    proration_debit: Money | None = None
    proration_net: Money | None = None
    recurring: Money | None = None
    recurring_subtotal: Money | None = None
    recurring_tax: Money | None = None
    recurring_discount: Money | None = None
    recurring_discount_details: DiscountSnapshot | None = None
    period_starts_at: datetime | None = None
    period_ends_at: datetime | None = None
    is_plan_downgrade: bool = False
    has_scheduled_updates: bool = False


@dataclass(frozen=True, slots=True)
class SubscriptionChoice:
    """What a customer picked: the input shared by preview and provision."""

    plan_id: str
    billing_period: str | None = None
    unit_quantities: tuple[tuple[str, int], ...] = ()
    """(feature id, quantity) of per-unit charges."""
    addons: tuple[tuple[str, int], ...] = ()
    """(add-on id, quantity)."""
    coupon_id: str = ""
    """Of the catalog."""
    promotion_code: str = ""
    """Of the billing provider; one or the other."""
    country_code: str = ""
    resource_id: str = ""
    """The workspace, site or such that it is bought for, where a product is sold for each of them."""

    @property
    def code(self) -> str:
        """The discount code as it was typed, whichever of the two it is."""
        return self.coupon_id or self.promotion_code
