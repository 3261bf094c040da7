"""Stripe's test cards: what each does when it is set up and when it is charged.

Source: https://docs.stripe.com/testing
"""

from dataclasses import dataclass
from typing import Any, Literal

from sandbox.stripe.errors import StripeError

Authentication = Literal["never", "unless_set_up", "always"]


@dataclass(frozen=True, slots=True)
class Decline:
    code: str
    message: str
    decline_code: str | None = None

    def error(self, **extra: Any) -> StripeError:
        return StripeError(
            402, self.message, kind="card_error", code=self.code, decline_code=self.decline_code, **extra
        )


@dataclass(frozen=True, slots=True)
class Card:
    """`on_set_up` also applies to attaching; `name` is the ready-made payment method's id.

    `disputed_as`: the reason for which each charge is disputed as soon as it has succeeded.
    """

    number: str
    name: str
    brand: str = "visa"
    country: str = "US"
    funding: str = "credit"
    on_set_up: Decline | None = None
    on_charge: Decline | None = None
    authentication: Authentication = "never"
    disputed_as: str | None = None


DECLINED = "Your card was declined."
GENERIC = Decline("card_declined", DECLINED, "generic_decline")
FUNDS = Decline("card_declined", "Your card has insufficient funds.", "insufficient_funds")
LOST = Decline("card_declined", DECLINED, "lost_card")
STOLEN = Decline("card_declined", DECLINED, "stolen_card")
EXPIRED = Decline("expired_card", "Your card has expired.", "expired_card")
CVC = Decline("incorrect_cvc", "Your card's security code is incorrect.", "incorrect_cvc")
PROCESSING = Decline(
    "processing_error",
    "An error occurred while processing your card. Try again in a little bit.",
    "processing_error",
)
NUMBER = Decline("incorrect_number", "Your card number is incorrect.")
LIVE_CARD = Decline(
    "card_declined",
    "Your card was declined. Your request was in test mode, but used a non test (live) card. "
    "For a list of valid test cards, visit: https://stripe.com/docs/testing.",
    "test_mode_live_card",
)
UNAUTHENTICATED = Decline(
    "authentication_required",
    "Your card was declined. This transaction requires authentication.",
    "authentication_required",
)

TEST_CARDS = (
    Card("4242424242424242", "pm_card_visa"),
    Card("4000056655665556", "pm_card_visa_debit", funding="debit"),
    Card("5555555555554444", "pm_card_mastercard", "mastercard"),
    Card("2223003122003222", "pm_card_mastercard_series2", "mastercard"),
    Card("5200828282828210", "pm_card_mastercard_debit", "mastercard", funding="debit"),
    Card("378282246310005", "pm_card_amex", "amex"),
    Card("6011111111111117", "pm_card_discover", "discover"),
    Card("3056930009020004", "pm_card_diners", "diners"),
    Card("3566002020360505", "pm_card_jcb", "jcb", "JP"),
    Card("4000002760000016", "pm_card_de", country="DE"),
    Card("4000008260000000", "pm_card_gb", country="GB"),
    Card("4000000000000002", "pm_card_visa_chargeDeclined", on_set_up=GENERIC, on_charge=GENERIC),
    Card("4000000000009995", "pm_card_visa_chargeDeclinedInsufficientFunds", on_set_up=FUNDS, on_charge=FUNDS),
    Card("4000000000009987", "pm_card_visa_chargeDeclinedLostCard", on_set_up=LOST, on_charge=LOST),
    Card("4000000000009979", "pm_card_visa_chargeDeclinedStolenCard", on_set_up=STOLEN, on_charge=STOLEN),
    Card("4000000000000069", "pm_card_chargeDeclinedExpiredCard", on_set_up=EXPIRED, on_charge=EXPIRED),
    Card("4000000000000127", "pm_card_chargeDeclinedIncorrectCvc", on_set_up=CVC, on_charge=CVC),
    Card("4000000000000119", "pm_card_chargeDeclinedProcessingError", on_set_up=PROCESSING, on_charge=PROCESSING),
    Card("4000000000000341", "pm_card_chargeCustomerFail", on_charge=GENERIC),
    Card("4000000000000259", "pm_card_createDispute", disputed_as="fraudulent"),
    Card("4000000000002685", "pm_card_createDisputeProductNotReceived", disputed_as="product_not_received"),
    Card("4000002500003155", "pm_card_authenticationRequiredOnSetup", authentication="unless_set_up"),
    Card("4000002760003184", "pm_card_authenticationRequired", authentication="always"),
    Card("4000000000003220", "pm_card_threeDSecure2Required", authentication="always"),
    Card(
        "4000008260003178",
        "pm_card_authenticationRequiredChargeDeclinedInsufficientFunds",
        on_charge=FUNDS,
        authentication="always",
    ),
)
_BY_NUMBER = {card.number: card for card in TEST_CARDS}
# Shorter names that mean the same.
_ALIASES = {
    "pm_card_chargeDeclined": "pm_card_visa_chargeDeclined",
    "pm_card_chargeDeclinedInsufficientFunds": "pm_card_visa_chargeDeclinedInsufficientFunds",
}
_BY_NAME = {card.name: card for card in TEST_CARDS}


def card_by_name(name: str) -> Card | None:
    """A ready-made payment method such as `pm_card_visa`."""
    return _BY_NAME.get(_ALIASES.get(name, name))


def card_by_number(number: str) -> Card:
    """Raises incorrect_number for a mistyped number, and a decline for one that is no test card."""
    digits = number.replace(" ", "").replace("-", "")
    if not digits.isdigit() or not _luhn(digits):
        raise StripeError(402, NUMBER.message, kind="card_error", code=NUMBER.code, param="number")
    if digits not in _BY_NUMBER:
        raise LIVE_CARD.error()
    return _BY_NUMBER[digits]


def _luhn(digits: str) -> bool:
    total = 0
    for index, digit in enumerate(reversed(digits)):
        doubled = int(digit) * (1 + index % 2)
        total += doubled - 9 if doubled > 9 else doubled
    return len(digits) >= 12 and total % 10 == 0
