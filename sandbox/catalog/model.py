"""What a catalogue holds: features, plans, add-ons, prices, coupons. Values only; no file reading here.

Amounts are minor units of an upper-case ISO currency. Words are Stigg's own, as its API spells them.
"""

from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any
from uuid import NAMESPACE_URL, uuid5


def stable_uuid(kind: str, ref_id: str) -> str:
    """The same id at every start, so that links and snapshots survive a restart of the sandbox."""
    return str(uuid5(NAMESPACE_URL, f"tollgate-sandbox/{kind}/{ref_id}"))


@dataclass(frozen=True)
class Feature:
    ref_id: str
    display_name: str
    feature_type: str
    meter_type: str
    description: str | None = None
    unit: str | None = None
    units: str | None = None
    enum_values: tuple[str, ...] = ()
    event_name: str | None = None
    """Reported events of this name count for the feature, one each."""
    credit_id: str | None = None
    credit_rate: float = 0.0
    """What one unit of it takes of the credit."""
    metadata: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Credit:
    """A currency of one's own, such as AI credits."""

    ref_id: str
    display_name: str
    description: str | None = None
    unit: str | None = None
    units: str | None = None
    symbol: str | None = None


@dataclass(frozen=True)
class CreditGrant:
    """So much of a credit for each period."""

    credit_id: str
    amount: float
    cadence: str
    soft_limit: bool = False
    behavior: str = "Override"


@dataclass(frozen=True)
class Grant:
    """One entitlement of a plan or add-on."""

    feature_id: str
    usage_limit: float | None = None
    unlimited: bool = False
    soft_limit: bool = False
    custom: bool = False
    reset_period: str | None = None
    enum_values: tuple[str, ...] = ()
    behavior: str = "Override"
    display_name: str | None = None
    description: str | None = None
    hidden_from: tuple[str, ...] = ()


@dataclass(frozen=True)
class Tier:
    up_to: int | None
    unit_amount: int | Decimal = 0
    """Finer than the minor unit where units cost that little."""
    flat_amount: int = 0


@dataclass(frozen=True)
class Price:
    """One charge for one period. `key` names it within its package, and so Stripe's price for it."""

    key: str
    billing_model: str
    billing_period: str
    currency: str
    amount: int | Decimal | None = None
    feature_id: str | None = None
    tiers_mode: str | None = None
    tiers: tuple[Tier, ...] = ()
    min_quantity: int | None = None
    max_quantity: int | None = None
    block_size: int | None = None
    country: str | None = None


@dataclass(frozen=True)
class Trial:
    duration: int
    units: str
    end_behavior: str


@dataclass(frozen=True)
class Addon:
    ref_id: str
    display_name: str
    pricing_type: str
    description: str | None = None
    prices: tuple[Price, ...] = ()
    grants: tuple[Grant, ...] = ()
    credits: tuple[CreditGrant, ...] = ()
    max_quantity: int | None = None
    dependencies: tuple[str, ...] = ()
    hidden_from: tuple[str, ...] = ()
    metadata: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Plan:
    ref_id: str
    product_id: str
    display_name: str
    pricing_type: str
    order: int
    description: str | None = None
    base_plan_id: str | None = None
    prices: tuple[Price, ...] = ()
    grants: tuple[Grant, ...] = ()
    credits: tuple[CreditGrant, ...] = ()
    addon_ids: tuple[str, ...] = ()
    trial: Trial | None = None
    hidden_from: tuple[str, ...] = ()
    metadata: dict[str, Any] = field(default_factory=dict)


Package = Plan | Addon


@dataclass(frozen=True)
class Product:
    ref_id: str
    display_name: str
    description: str | None
    downgrade_time: str
    start_setup: str
    start_plan_id: str | None
    end_setup: str
    downgrade_plan_id: str | None
    cancellation_time: str
    metadata: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Coupon:
    ref_id: str
    name: str
    description: str | None = None
    percent_off: float | None = None
    amounts_off: dict[str, int] = field(default_factory=dict)
    duration_months: int | None = None
    once: bool = False
    status: str = "ACTIVE"
    promotion_codes: tuple[str, ...] = ()
    metadata: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Behaviour:
    """Answers that Stigg's documentation leaves open, so that a client can be tried against both."""

    duplicate_customer: str = "refuse"
    unknown_customer: str = "null"
    pending_is_active: bool = False
    trial_conversion: str = "immediate"
    tax_name: str = "Tax"
    tax_percentage: float = 0.0
    """Of every order that says nothing of taxes."""
    tax_included: bool = False
    rate_limits: bool = False
    planned_end: str = "active"
    error_codes: str = "CustomerNotFound"
    trial_events: str = "subscription.trial_started"
    promotional_events: str = "promotionalEntitlement.granted"


@dataclass(frozen=True)
class Catalog:
    currency: str
    products: dict[str, Product]
    plans: dict[str, Plan]
    addons: dict[str, Addon]
    features: dict[str, Feature]
    coupons: dict[str, Coupon]
    behaviour: Behaviour
    paywall: dict[str, Any]
    credits: dict[str, Credit] = field(default_factory=dict)

    def plans_of(self, product_id: str) -> list[Plan]:
        return [plan for plan in self.plans.values() if plan.product_id == product_id]

    def lineage(self, plan: Plan) -> list[Plan]:
        """The plans that this one inherits from, nearest first."""
        found: list[Plan] = []
        base = plan.base_plan_id
        while base is not None:
            found.append(self.plans[base])
            base = self.plans[base].base_plan_id
        return found
