"""What Stigg's side remembers: customers, subscriptions, usage. Data and look-ups; no rules, no network.

Amounts are minor units, times aware UTC. `ref_id` is the public id, `id` Stigg's UUID.
"""

import asyncio
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sandbox.catalog.model import Catalog, Coupon, Grant
from sandbox.stigg.periods import add_months

GRANTING = frozenset({"ACTIVE", "IN_TRIAL"})
OPEN = frozenset({"ACTIVE", "IN_TRIAL", "PAYMENT_PENDING", "NOT_STARTED"})
ACCOUNT_ID = "8f1c7e0a-5b7e-4c55-9d1c-5a0d6f3f8e11"
ENVIRONMENT_ID = "4de6b3c2-9a41-4b0e-8a3a-2f6c1f7f0b22"


@dataclass
class PaymentMethod:
    """The default card of a customer, as far as Stigg shows it."""

    id: str
    kind: str = "CARD"
    brand: str | None = None
    last4: str | None = None
    exp_month: int | None = None
    exp_year: int | None = None
    wallet: str | None = None


@dataclass(frozen=True)
class Promotion:
    """A feature given to one customer apart from any plan."""

    id: str
    feature_id: str
    period: str
    starts_at: datetime
    ends_at: datetime | None = None
    usage_limit: float | None = None
    unlimited: bool = False
    soft_limit: bool = False
    reset_period: str | None = None
    is_told: bool = False
    """That it is over has been told."""

    def holds(self, now: datetime) -> bool:
        return self.ends_at is None or self.ends_at > now


@dataclass
class Customer:
    id: str
    ref_id: str
    created_at: datetime
    updated_at: datetime
    name: str | None = None
    email: str | None = None
    billing_id: str | None = None
    currency: str | None = None
    metadata: dict[str, Any] = field(default_factory=dict)
    coupon_ref_id: str | None = None
    crm_id: str | None = None
    salesforce_id: str | None = None
    aws_customer_id: str | None = None
    exclude_from_experiment: bool = False
    payment_method: PaymentMethod | None = None
    trialed: list[tuple[str, str]] = field(default_factory=list)
    """(product ref id, plan ref id) of each trial begun: one per product."""
    has_paid: set[str] = field(default_factory=set)
    """Products that this customer has paid for: no trial of those any more."""
    promotions: list[Promotion] = field(default_factory=list)
    tax_ids: list[tuple[str, str]] = field(default_factory=list)
    archived_at: datetime | None = None
    sync_failed: bool = False
    billing_deleted: bool = False
    """The customer is gone at Stripe."""
    lock: asyncio.Lock = field(default_factory=asyncio.Lock, repr=False)


@dataclass
class Invoice:
    """The latest Stripe invoice of a subscription."""

    billing_id: str
    status: str
    created_at: datetime
    updated_at: datetime
    currency: str
    subtotal: int
    total: int
    total_excluding_tax: int
    tax: int
    amount_due: int
    attempt_count: int = 0
    due_at: datetime | None = None
    error_message: str | None = None
    error_code: str | None = None
    requires_action: bool = False
    processing: bool = False
    payment_secret: str | None = None
    payment_url: str | None = None
    pdf_url: str | None = None
    billing_reason: str | None = None


@dataclass(frozen=True)
class TaxRate:
    """One of Stripe's, on top of the price or included in it."""

    billing_id: str
    display_name: str
    percentage: float
    inclusive: bool = False


@dataclass(frozen=True)
class Choice:
    """What is bought: the part of a subscription that a change replaces."""

    plan_id: str
    billing_period: str | None = None
    quantities: tuple[tuple[str, int], ...] = ()
    addons: tuple[tuple[str, int], ...] = ()
    country: str | None = None


@dataclass
class FutureUpdate:
    """A change that waits: for its day (`Scheduled`) or for a payment (`PendingPayment`)."""

    kind: str
    status: str
    executes_at: datetime
    choice: Choice
    billing_invoice_id: str | None = None


@dataclass
class Subscription:
    id: str
    ref_id: str
    customer_ref_id: str
    product_id: str
    choice: Choice
    pricing_type: str
    status: str
    created_at: datetime
    start_at: datetime
    currency: str
    payment_collection: str = "NOT_REQUIRED"
    payment_collection_method: str = "CHARGE"
    metadata: dict[str, Any] = field(default_factory=dict)
    resource_id: str | None = None
    billing_id: str | None = None
    end_at: datetime | None = None
    effective_end_at: datetime | None = None
    cancellation_at: datetime | None = None
    cancel_reason: str | None = None
    trial_end_at: datetime | None = None
    trial_end_behavior: str | None = None
    period_start: datetime | None = None
    period_end: datetime | None = None
    coupon: Coupon | None = None
    coupon_from: datetime | None = None
    latest_invoice: Invoice | None = None
    future_updates: list[FutureUpdate] = field(default_factory=list)
    salesforce_id: str | None = None
    billing_metadata: dict[str, Any] = field(default_factory=dict)
    days_until_due: int | None = None
    tax_rates: tuple[TaxRate, ...] = ()
    overrides: tuple[Grant, ...] = ()
    """Entitlements of its own, before those of the plan."""
    payer_ref_id: str | None = None
    """The customer who pays, where it is another one."""

    @property
    def plan_id(self) -> str:
        return self.choice.plan_id

    @property
    def grants_access(self) -> bool:
        return self.status in GRANTING

    @property
    def is_open(self) -> bool:
        return self.status in OPEN

    def coupon_at(self, moment: datetime) -> Coupon | None:
        """The coupon that a whole period beginning now is billed with; one for a single invoice is used up."""
        coupon = self.coupon
        if coupon is None or coupon.once:
            return None
        if coupon.duration_months is None:
            return coupon
        ends = add_months(self.coupon_from or self.start_at, coupon.duration_months)
        # Stripe counts whole seconds, and periods are its own.
        return coupon if moment < ends.replace(microsecond=0) else None

    def updates(self, status: str) -> list[FutureUpdate]:
        return [update for update in self.future_updates if update.status == status]


@dataclass
class Usage:
    """What a customer has used of one metered feature; in a later reset window it counts as nothing."""

    value: float
    updated_at: datetime


@dataclass(frozen=True)
class Measurement:
    """One report of usage; `value` is what had been used by then, in the reset window that began at `since`."""

    at: datetime
    change: float
    value: float
    since: datetime | None
    dimensions: tuple[tuple[str, str], ...] = ()


class StiggState:
    """The catalogue is put in place by `seed.seed` when the servers listen."""

    def __init__(self) -> None:
        self.customers: dict[str, Customer] = {}
        self.subscriptions: dict[str, Subscription] = {}
        self.usage: dict[tuple[str, str | None, str], Usage] = {}
        self.measurements: dict[tuple[str, str | None, str], list[Measurement]] = {}
        self.usage_keys: set[tuple[str, str]] = set()
        self.stripe_prices: dict[tuple[str, str], str] = {}
        """(package ref id, price key) to Stripe's price id."""
        self.stripe_products: dict[str, str] = {}
        self.stripe_coupons: dict[tuple[str, str | None], str] = {}
        """(coupon ref id, currency of a fixed amount) to Stripe's coupon id."""
        self._catalog: Catalog | None = None

    @property
    def catalog(self) -> Catalog:
        if self._catalog is None:
            raise RuntimeError("the catalogue has not been seeded yet")
        return self._catalog

    @catalog.setter
    def catalog(self, catalog: Catalog) -> None:
        self._catalog = catalog

    def customer_by_billing_id(self, billing_id: str) -> Customer | None:
        return next((c for c in self.customers.values() if c.billing_id == billing_id), None)

    def subscription_by_billing_id(self, billing_id: str) -> Subscription | None:
        return next((s for s in self.subscriptions.values() if s.billing_id == billing_id), None)

    def subscriptions_of(self, customer: Customer) -> list[Subscription]:
        """Newest first."""
        found = [s for s in self.subscriptions.values() if s.customer_ref_id == customer.ref_id]
        return sorted(found, key=lambda s: s.created_at, reverse=True)
