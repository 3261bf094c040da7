"""What we read of Stigg's catalog, as frozen snapshots: money in minor units. The rest is in types.py.

Only fields that the product uses, in Stigg's own words.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Literal

from billing.money import Money, UnitPrice

BillingPeriod = Literal["MONTHLY", "ANNUALLY"]
PricingType = Literal["FREE", "PAID", "CUSTOM"]


@dataclass(frozen=True, slots=True)
class FeatureSnapshot:
    """A feature of the catalog. `meter_type` is None, "Fluctuating" or "Incremental"."""

    feature_id: str
    display_name: str
    description: str = ""
    feature_type: str = "BOOLEAN"
    meter_type: str | None = None
    units: str = ""
    units_plural: str = ""
    group: str = ""
    """Under which heading of a comparison it belongs: `group` of its metadata in Stigg; empty: not said."""


@dataclass(frozen=True, slots=True)
class PlanEntitlementSnapshot:
    """What a plan grants of one feature."""

    feature: FeatureSnapshot
    usage_limit: Decimal | None = None
    has_unlimited_usage: bool = False
    has_soft_limit: bool = False
    is_custom: bool = False
    is_granted: bool = True
    reset_period: str | None = None
    enum_values: tuple[str, ...] = ()
    display_name_override: str = ""
    hidden_from_widgets: tuple[str, ...] = ()
    description: str = ""
    is_increment: bool = False
    """Adds to what is inherited, instead of standing in its place."""


@dataclass(frozen=True, slots=True)
class CreditGrantSnapshot:
    """Credits that a plan or add-on gives once per `cadence` (MONTH or YEAR)."""

    currency_id: str
    display_name: str
    amount: Decimal | None
    cadence: str
    units: str = ""
    units_plural: str = ""
    description: str = ""
    is_custom: bool = False
    is_granted: bool = True
    is_increment: bool = False
    display_name_override: str = ""
    hidden_from_widgets: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PriceTierSnapshot:
    """One tier; `up_to` None is the last, unbounded one."""

    up_to: Decimal | None
    unit_price: UnitPrice | None
    flat_price: Money | None


@dataclass(frozen=True, slots=True)
class PriceSnapshot:
    """One charge of a plan or add-on in one billing period. `price` is None when the charge is tiered, and a Rate
    only where it is for units."""

    billing_period: BillingPeriod
    billing_model: str
    billing_cadence: str = "RECURRING"
    price: UnitPrice | None = None
    tiers_mode: str | None = None
    tiers: tuple[PriceTierSnapshot, ...] = ()
    min_unit_quantity: Decimal | None = None
    max_unit_quantity: Decimal | None = None
    block_size: Decimal | None = None
    billing_country_code: str | None = None
    feature: FeatureSnapshot | None = None


@dataclass(frozen=True, slots=True)
class TrialConfigSnapshot:
    """Length and end of a plan's default trial; `units` is DAY or MONTH."""

    duration: int
    units: str
    trial_end_behavior: str | None = None


@dataclass(frozen=True, slots=True)
class AddonSnapshot:
    """An add-on that a plan accepts."""

    addon_id: str
    display_name: str
    description: str = ""
    max_quantity: int | None = None
    pricing_type: PricingType | None = None
    prices: tuple[PriceSnapshot, ...] = ()
    dependencies: tuple[str, ...] = ()
    dependency_names: tuple[str, ...] = ()
    entitlements: tuple[PlanEntitlementSnapshot, ...] = ()
    credits: tuple[CreditGrantSnapshot, ...] = ()
    hidden_from_widgets: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PlanSnapshot:
    """A published plan; the order of plans is the order in which Stigg lists them."""

    plan_id: str
    display_name: str
    description: str
    product_id: str
    pricing_type: PricingType | None
    version_number: int = 0
    base_plan_id: str | None = None
    base_plan_name: str = ""
    prices: tuple[PriceSnapshot, ...] = ()
    entitlements: tuple[PlanEntitlementSnapshot, ...] = ()
    inherited_entitlements: tuple[PlanEntitlementSnapshot, ...] = ()
    compatible_addons: tuple[AddonSnapshot, ...] = ()
    default_trial: TrialConfigSnapshot | None = None
    hidden_from_widgets: tuple[str, ...] = ()
    metadata: dict[str, Any] = field(default_factory=dict)
    product_name: str = ""
    credits: tuple[CreditGrantSnapshot, ...] = ()
    inherited_credits: tuple[CreditGrantSnapshot, ...] = ()
    overage_prices: tuple[PriceSnapshot, ...] = ()
    """What units cost beyond those that the plan includes."""

    def prices_in(self, period: str) -> tuple[PriceSnapshot, ...]:
        """Recurring charges in `period`."""
        return tuple(p for p in self.prices if p.billing_period == period and p.billing_cadence != "ONE_OFF")

    def overage_prices_in(self, period: str) -> tuple[PriceSnapshot, ...]:
        """What units beyond cost who pays by `period`. Overage may be billed by the month of who pays by the year, so
        where there are none for the period they are the same for both."""
        found = tuple(price for price in self.overage_prices if price.billing_period == period)
        return found or self.overage_prices

    def is_by_usage_alone(self, period: str) -> bool:
        """Whether nothing is charged in advance."""
        prices = self.prices_in(period)
        return bool(prices) and all(price.billing_model == "USAGE_BASED" for price in prices)

    @property
    def periods(self) -> tuple[BillingPeriod, ...]:
        """Billing periods in which the plan can be bought, monthly first."""
        offered = {price.billing_period for price in self.prices}
        return tuple(p for p in ("MONTHLY", "ANNUALLY") if p in offered)


@dataclass(frozen=True, slots=True)
class PricePointSnapshot:
    """The headline price that Stigg computed for a plan in a period."""

    plan_id: str
    billing_period: BillingPeriod
    amount: Money
    additional_charges_may_apply: bool = False
    billing_country_code: str | None = None


@dataclass(frozen=True, slots=True)
class PaywallSnapshot:
    """The whole price list as Stigg publishes it to a paywall."""

    plans: tuple[PlanSnapshot, ...]
    currency: str
    price_points: tuple[PricePointSnapshot, ...] = ()
    configuration: dict[str, Any] = field(default_factory=dict)
    price_countries: tuple[tuple[str, str], ...] = ()
    """(country, currency) of every country that has prices of its own, where Stigg was asked for all of them."""

    def find_plan(self, plan_id: str) -> PlanSnapshot | None:
        """The plan, or None when it is not offered."""
        return next((plan for plan in self.plans if plan.plan_id == plan_id), None)

    def find_price_point(self, plan_id: str, period: str) -> PricePointSnapshot | None:
        """The headline price of a plan in a period, or None."""
        return next((p for p in self.price_points if (p.plan_id, p.billing_period) == (plan_id, period)), None)
