"""What we read from Stripe, as frozen snapshots: minor units, aware UTC, and no SDK type."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from billing.money import Money

REUSABLE_SETUP_INTENT_STATUSES = frozenset({"requires_payment_method", "requires_confirmation", "requires_action"})


@dataclass(frozen=True, slots=True)
class AddressSnapshot:
    """A postal address; `country` by ISO 3166. What is not known is empty."""

    line1: str = ""
    line2: str = ""
    city: str = ""
    state: str = ""
    postal_code: str = ""
    country: str = ""


@dataclass(frozen=True, slots=True)
class PaymentMethodSnapshot:
    """A saved payment method; never a card number."""

    payment_method_id: str
    customer_id: str | None
    type: str
    brand: str = ""
    last4: str = ""
    exp_month: int | None = None
    exp_year: int | None = None
    wallet: str = ""
    created_at: datetime | None = None
    address: AddressSnapshot | None = None
    """The billing address that was entered with it."""


@dataclass(frozen=True, slots=True)
class SetupIntentSnapshot:
    """A SetupIntent. `client_secret` is for the page of its own customer only: never stored, never logged.

    `status`: requires_payment_method, requires_confirmation, requires_action, processing, succeeded,
    canceled.
    """

    setup_intent_id: str
    status: str
    customer_id: str | None
    payment_method_id: str | None
    client_secret: str | None = field(default=None, repr=False)
    metadata: dict[str, str] = field(default_factory=dict)
    error_code: str = ""
    error_decline_code: str = ""
    error_message: str = ""
    payment_method: PaymentMethodSnapshot | None = None
    """When it was asked for (`fetch_setup_intent`)."""

    @property
    def is_reusable(self) -> bool:
        """Whether Elements accepts it (a spent one is refused since the clover version)."""
        return self.status in REUSABLE_SETUP_INTENT_STATUSES


@dataclass(frozen=True, slots=True)
class PaymentIntentSnapshot:
    """A PaymentIntent. `client_secret`: as for SetupIntentSnapshot."""

    payment_intent_id: str
    status: str
    amount: Money
    customer_id: str | None = None
    client_secret: str | None = field(default=None, repr=False)
    decline_code: str = ""
    error_code: str = ""
    error_message: str = ""


@dataclass(frozen=True, slots=True)
class InvoiceSnapshot:
    """An invoice. `status`: draft, open, paid, void, uncollectible."""

    invoice_id: str
    customer_id: str | None
    subscription_id: str | None
    status: str
    currency: str
    total: Money
    amount_due: Money
    amount_remaining: Money
    number: str = ""
    created_at: datetime | None = None
    due_at: datetime | None = None
    period_started_at: datetime | None = None
    period_ends_at: datetime | None = None
    attempt_count: int = 0
    hosted_invoice_url: str = ""
    invoice_pdf: str = ""
    billing_reason: str = ""
    tax_on_top: Money | None = None
    discount: Money | None = None
    payment_intent: PaymentIntentSnapshot | None = None
    """Of the default payment, when it was asked for (`fetch_invoice`)."""


@dataclass(frozen=True, slots=True)
class AccountSnapshot:
    """Whose key this is: for `billing_doctor`."""

    account_id: str
    livemode: bool | None = None
    display_name: str = ""


@dataclass(frozen=True, slots=True)
class WebhookEndpointSnapshot:
    """A registered webhook endpoint."""

    endpoint_id: str
    url: str
    status: str
    api_version: str
    enabled_events: tuple[str, ...] = ()
