"""Stripe's side's state: plain dictionaries of API objects by id, with no logic."""

from dataclasses import dataclass, field
from typing import Any

from sandbox.stripe.cards import Card

Obj = dict[str, Any]
COLLECTIONS = (
    "customers",
    "setup_intents",
    "setup_attempts",
    "payment_methods",
    "products",
    "prices",
    "coupons",
    "promotion_codes",
    "discounts",
    "tax_rates",
    "subscriptions",
    "invoices",
    "invoice_payments",
    "payment_intents",
    "charges",
    "refunds",
    "disputes",
    "events",
    "webhook_endpoints",
    "customer_sessions",
    "confirmation_tokens",
    "test_clocks",
)


@dataclass(frozen=True, slots=True)
class Answer:
    """What was answered to a request with an idempotency key."""

    fingerprint: str
    status: int
    body: Obj
    request_id: str


def _collection() -> dict[str, Obj]:
    return {}


@dataclass(slots=True)
class StripeState:
    """Every stored object is complete as the API shows it (ids where expandable); newest last."""

    customers: dict[str, Obj] = field(default_factory=_collection)
    setup_intents: dict[str, Obj] = field(default_factory=_collection)
    setup_attempts: dict[str, Obj] = field(default_factory=_collection)
    payment_methods: dict[str, Obj] = field(default_factory=_collection)
    products: dict[str, Obj] = field(default_factory=_collection)
    prices: dict[str, Obj] = field(default_factory=_collection)
    coupons: dict[str, Obj] = field(default_factory=_collection)
    promotion_codes: dict[str, Obj] = field(default_factory=_collection)
    discounts: dict[str, Obj] = field(default_factory=_collection)
    tax_rates: dict[str, Obj] = field(default_factory=_collection)
    subscriptions: dict[str, Obj] = field(default_factory=_collection)
    invoices: dict[str, Obj] = field(default_factory=_collection)
    invoice_payments: dict[str, Obj] = field(default_factory=_collection)
    payment_intents: dict[str, Obj] = field(default_factory=_collection)
    charges: dict[str, Obj] = field(default_factory=_collection)
    refunds: dict[str, Obj] = field(default_factory=_collection)
    disputes: dict[str, Obj] = field(default_factory=_collection)
    events: dict[str, Obj] = field(default_factory=_collection)
    webhook_endpoints: dict[str, Obj] = field(default_factory=_collection)
    customer_sessions: dict[str, Obj] = field(default_factory=_collection)
    confirmation_tokens: dict[str, Obj] = field(default_factory=_collection)
    test_clocks: dict[str, Obj] = field(default_factory=_collection)
    # What the API does not show, or only on demand: which test card a payment method is, which payment method a
    # confirmation token stands for, which have passed
    # authentication, prices' tiers, proration lines that wait for a subscription's next invoice, changes
    # that wait for a payment (by subscription), subscriptions in the middle of being created, and the
    # answers kept by idempotency key.
    cards: dict[str, Card] = field(default_factory=dict)
    token_methods: dict[str, str] = field(default_factory=dict)
    authenticated: set[str] = field(default_factory=set)
    price_tiers: dict[str, list[Obj]] = field(default_factory=dict)
    pending_lines: dict[str, list[Obj]] = field(default_factory=dict)
    pending_updates: dict[str, Obj] = field(default_factory=dict)
    # The other way round, for speed: an invoice's default payment, an intent's invoice, a subscription's invoices.
    payment_of_invoice: dict[str, str] = field(default_factory=dict)
    invoice_of_intent: dict[str, str] = field(default_factory=dict)
    invoices_of_subscription: dict[str, list[str]] = field(default_factory=dict)
    # What discounts still come from.
    deleted_coupons: dict[str, Obj] = field(default_factory=dict)
    starting: set[str] = field(default_factory=set)
    answers: dict[str, Answer] = field(default_factory=dict)

    def collection(self, name: str) -> dict[str, Obj]:
        """Raises KeyError for a name that is not in COLLECTIONS."""
        if name not in COLLECTIONS:
            raise KeyError(name)
        found: dict[str, Obj] = getattr(self, name)
        return found


def drop_oldest(kept: dict[str, Any], most: int) -> None:
    """A sandbox under load must not grow for ever."""
    while len(kept) > most:
        del kept[next(iter(kept))]
