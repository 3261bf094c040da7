"""What we read from Stigg, as frozen snapshots: money already in minor units, times aware UTC.

Only fields that the product uses. Statuses keep Stigg's own words (contract of the GraphQL API).
The types of the catalog and of an order live in catalog_types.py and order_types.py and are offered here as well.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

from billing.gateways.stigg.catalog_types import (
    AddonSnapshot,
    BillingPeriod,
    CreditGrantSnapshot,
    FeatureSnapshot,
    PaywallSnapshot,
    PlanEntitlementSnapshot,
    PlanSnapshot,
    PricePointSnapshot,
    PriceSnapshot,
    PriceTierSnapshot,
    PricingType,
    TrialConfigSnapshot,
)
from billing.gateways.stigg.order_types import DiscountSnapshot, PreviewSnapshot, SubscriptionChoice
from billing.money import Money

__all__ = [
    "AddonSnapshot",
    "Address",
    "BillingInformation",
    "BillingPeriod",
    "CreditGrantSnapshot",
    "CustomerSnapshot",
    "CustomerStateSnapshot",
    "DiscountSnapshot",
    "EntitlementSnapshot",
    "EntitlementsStateSnapshot",
    "FeatureSnapshot",
    "InvoiceSnapshot",
    "PaywallSnapshot",
    "PlanEntitlementSnapshot",
    "PlanSnapshot",
    "PreviewSnapshot",
    "PricePointSnapshot",
    "PriceSnapshot",
    "PriceTierSnapshot",
    "PricingType",
    "ProvisionResult",
    "ScheduledUpdateSnapshot",
    "SubscriptionAddonSnapshot",
    "SubscriptionChoice",
    "SubscriptionMention",
    "SubscriptionPage",
    "SubscriptionSnapshot",
    "TrialConfigSnapshot",
]


@dataclass(frozen=True, slots=True)
class CustomerSnapshot:
    """A customer as Stigg holds it. `billing_id` is the Stripe customer id, None until synced."""

    customer_id: str
    name: str
    email: str
    billing_id: str | None
    metadata: dict[str, Any] = field(default_factory=dict)
    has_payment_method: bool = False
    default_payment_method_id: str | None = None
    default_card_brand: str = ""
    default_card_last4: str = ""
    trial_eligibility: dict[str, bool] = field(default_factory=dict)
    """product id → may start a trial; a product that is not listed is eligible."""


@dataclass(frozen=True, slots=True)
class InvoiceSnapshot:
    """`latestInvoice` of a subscription. Never store `payment_secret`."""

    billing_id: str
    status: str
    """OPEN, PAID or CANCELED."""
    created_at: datetime | None = None
    due_at: datetime | None = None
    error_message: str = ""
    requires_action: bool = False
    payment_secret: str | None = field(default=None, repr=False)
    payment_url: str | None = None
    pdf_url: str | None = None
    total: Money | None = None
    amount_due: Money | None = None
    attempt_count: int = 0


@dataclass(frozen=True, slots=True)
class SubscriptionAddonSnapshot:
    """An add-on on a subscription."""

    addon_id: str
    display_name: str
    quantity: int


@dataclass(frozen=True, slots=True)
class ScheduledUpdateSnapshot:
    """A change that Stigg will make later, or that waits for payment (`status` PendingPayment)."""

    schedule_type: str
    status: str
    scheduled_at: datetime
    target_id: str = ""
    target_name: str = ""
    billing_period: str | None = None
    feature_id: str = ""
    quantity: int | None = None
    """Of units of that feature, or of an add-on, where it is that which changes."""


@dataclass(frozen=True, slots=True)
class SubscriptionSnapshot:
    """A subscription as Stigg holds it.

    `status`: ACTIVE, IN_TRIAL, PAYMENT_PENDING, NOT_STARTED, CANCELED, EXPIRED; the first two grant access.
    `payment_collection`: NOT_REQUIRED (healthy), ACTION_REQUIRED, FAILED, PROCESSING.
    """

    subscription_id: str
    customer_id: str
    status: str
    payment_collection: str
    plan_id: str
    plan_name: str
    product_id: str
    pricing_type: str
    billing_id: str | None = None
    billing_period: str | None = None
    started_at: datetime | None = None
    ends_at: datetime | None = None
    effective_ends_at: datetime | None = None
    trial_ends_at: datetime | None = None
    trial_end_behavior: str = ""
    """CONVERT_TO_PAID or CANCEL_SUBSCRIPTION; empty without a trial."""
    cancellation_at: datetime | None = None
    cancel_reason: str = ""
    current_period_started_at: datetime | None = None
    current_period_ends_at: datetime | None = None
    created_at: datetime | None = None
    total: Money | None = None
    unit_quantity: int | None = None
    """Of the first per-unit charge; `unit_quantities` has them all."""
    unit_quantities: tuple[tuple[str, int], ...] = ()
    """(feature id, quantity) of per-unit charges, as SubscriptionChoice takes them."""
    addons: tuple[SubscriptionAddonSnapshot, ...] = ()
    scheduled_updates: tuple[ScheduledUpdateSnapshot, ...] = ()
    future_updates: tuple[ScheduledUpdateSnapshot, ...] = ()
    latest_invoice: InvoiceSnapshot | None = None
    metadata: dict[str, Any] = field(default_factory=dict)
    resource_id: str = ""
    """The workspace, site or such that it is for, where a customer may have several of a product."""


@dataclass(frozen=True, slots=True)
class SubscriptionMention:
    """What a list of subscriptions says of one: who has it and how it stands."""

    subscription_id: str
    customer_id: str
    status: str


@dataclass(frozen=True, slots=True)
class SubscriptionPage:
    """One page of a list; `next_cursor` is empty on the last one."""

    mentions: tuple[SubscriptionMention, ...]
    next_cursor: str = ""


@dataclass(frozen=True, slots=True)
class EntitlementSnapshot:
    """What a customer may use of one feature, usage included."""

    feature: FeatureSnapshot
    is_granted: bool
    access_denied_reason: str = ""
    usage_limit: Decimal | None = None
    has_unlimited_usage: bool = False
    has_soft_limit: bool = False
    current_usage: Decimal | None = None
    enum_values: tuple[str, ...] = ()
    reset_period: str | None = None
    usage_period_ends_at: datetime | None = None
    updated_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class EntitlementsStateSnapshot:
    """All entitlements of a customer, or the one reason why there is none."""

    entitlements: tuple[EntitlementSnapshot, ...]
    access_denied_reason: str = ""


@dataclass(frozen=True, slots=True)
class CustomerStateSnapshot:
    """Customer, active subscriptions and entitlements, read in one round trip."""

    customer: CustomerSnapshot
    active_subscriptions: tuple[SubscriptionSnapshot, ...]
    entitlements_state: EntitlementsStateSnapshot


@dataclass(frozen=True, slots=True)
class ProvisionResult:
    """Answer of provisionSubscription. `status` SUCCESS says nothing about payment: see the subscription."""

    status: str
    subscription: SubscriptionSnapshot | None
    checkout_url: str | None = None


@dataclass(frozen=True, slots=True)
class Address:
    """A postal address as Stigg's `Address` input takes it."""

    line1: str = ""
    line2: str = ""
    city: str = ""
    state: str = ""
    postal_code: str = ""
    country: str = ""


@dataclass(frozen=True, slots=True)
class BillingInformation:
    """Billing details; always sent whole, because Stigg keeps no copy.

    Source: https://docs.stigg.io/api-and-sdks/integration/backend/customers
    """

    customer_name: str = ""
    address: Address | None = None
    tax_ids: tuple[tuple[str, str], ...] | None = None
    """(type, value) pairs, e.g. ("eu_vat", "DE123456789"); None: not known, those at Stripe are left alone."""
    payment_method_id: str | None = None
    language: str = ""
    metadata: dict[str, str] = field(default_factory=dict)
