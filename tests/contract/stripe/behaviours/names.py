"""The behaviours of Stripe that this flow needs, by name: what the stand-in is judged by."""

from collections.abc import Callable
from typing import Any

BEHAVIOURS = {
    "auth-errors": "No key, an unknown key and the wrong kind of key are refused",
    "response-headers": "Answers carry Request-Id, Stripe-Version and Idempotency-Key",
    "customer-crud": "A customer is made, read, changed and deleted (`deleted: true`)",
    "unknown-id": "An unknown id is a 404 `resource_missing`",
    "missing-parameter": "A missing parameter is named",
    "unknown-parameter": "An unknown parameter is named",
    "pagination": "Lists come newest first, by cursor, with `has_more`",
    "setup-intent-create": "A SetupIntent takes `automatic_payment_methods` and no `payment_method_types`",
    "setup-intent-confirm": "Confirming with `pm_card_visa` succeeds once and attaches the card",
    "setup-intent-client-side": "The browser confirms with the publishable key and the client secret alone",
    "setup-intent-decline": "A declined card is a 402 that shows the SetupIntent, which can be tried again",
    "decline-by-number": "Each test card number declines as documented",
    "setup-intent-3d-secure": "3-D Secure at set-up: requires_action, then succeeded or failed",
    "setup-intent-cancel": "A cancelled SetupIntent stays cancelled",
    "payment-method-attach": "Cards are attached, made the default and detached",
    "declining-card-attach": "A declining card cannot be attached",
    "product-and-price": "Products and prices are made, read and listed",
    "subscription-active": "A subscription with a saved card is active at once, its invoice paid",
    "default-incomplete": "`default_incomplete` waits for the browser to pay the first invoice",
    "charge-fails": "A failed first charge leaves it incomplete until another card pays",
    "error-if-incomplete": "`error_if_incomplete` creates nothing when the charge fails",
    "first-invoice-3d-secure": "3-D Secure on the first invoice: incomplete until the customer has acted",
    "trial-and-cancel": "A trial begins unbilled and can be cancelled",
    "quantity-update": "Another quantity is prorated and billed",
    "pay-paid-invoice": "Paying a paid invoice is an error",
    "payment-intent": "PaymentIntents are made, confirmed, cancelled and listed with their charges",
    "idempotent-replay": "The same idempotency key replays the answer",
    "idempotent-mismatch": "The same idempotency key with other parameters is a 400 `idempotency_error`",
    "idempotent-concurrent": "The same idempotency key while in flight is a 409",
    "events-list": "Events are listed and read, with what they changed",
    "webhook-signature": "Webhooks are signed with their endpoint's own secret",
    "webhook-retry": "A refused webhook comes again",
    "clock-renewal": "A test clock that moves on renews and bills",
    "clock-incomplete-expired": "An unpaid start expires after 23 hours, its invoice void",
    "clock-past-due": "A failed renewal is past_due, and active again when paid",
    "customer-session": "A CustomerSession has its components and its own secret",
    "stripe-js": "The Stripe.js stand-in is served, and its wire works with the publishable key",
}

Test = Callable[..., None]


def shows(name: str) -> Callable[[Test], Test]:
    """Marks the test that shows a behaviour. KeyError for a name that is not listed."""
    BEHAVIOURS[name]

    def mark(test: Test) -> Test:
        test.__dict__["shows"] = name
        return test

    return mark


def shown_by(module: Any) -> dict[str, list[str]]:
    """The tests of a module by the behaviour that they show."""
    found: dict[str, list[str]] = {}
    for test_name, test in vars(module).items():
        if (name := getattr(test, "shows", None)) is not None:
            found.setdefault(name, []).append(test_name)
    return found
