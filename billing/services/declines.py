"""Why a card was refused, in words that a customer may read, and what to do next.

Some reasons must not be told ("stolen", "lost", "fraudulent"): they read like a plain refusal, and so does
whatever is new to us. Whoever tries stolen cards learns nothing here that Stripe's own form would not tell.
Source: https://docs.stripe.com/declines/codes
"""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from billing.errors import Text


@dataclass(frozen=True, slots=True)
class Explanation:
    """One sentence why, one what to do."""

    reason: Text
    next_step: Text

    def __str__(self) -> str:
        return f"{self.reason} {self.next_step}"


USE_ANOTHER = _("Please use another card.")
REFUSED = Explanation(
    _("Your bank declined the payment without saying why."),
    _("Please use another card, or ask your bank to allow it and try again."),
)
REFUSED_AT_SET_UP = Explanation(_("Your bank declined this card without saying why."), REFUSED.next_step)
WRONG_CODE = Explanation(
    _("The security code of this card is wrong."), _("Please enter the card again with the right code.")
)
WRONG_NUMBER = Explanation(_("The card number is wrong."), _("Please enter the card again."))
WRONG_EXPIRY = Explanation(_("The expiry date of this card is wrong."), _("Please enter the card again."))
NOT_CONFIRMED = Explanation(
    _("Your bank could not confirm that it was you."),
    _("Please try again and confirm it with your bank, or use another card."),
)
EXPLANATIONS: dict[str, Explanation] = {
    "insufficient_funds": Explanation(
        _("There is not enough money on this card."),
        _("Please use another card, or try again once there is."),
    ),
    "expired_card": Explanation(_("This card has expired."), USE_ANOTHER),
    "incorrect_cvc": WRONG_CODE,
    "invalid_cvc": WRONG_CODE,
    "incorrect_number": WRONG_NUMBER,
    "invalid_number": WRONG_NUMBER,
    "invalid_expiry_month": WRONG_EXPIRY,
    "invalid_expiry_year": WRONG_EXPIRY,
    "incorrect_zip": Explanation(
        _("The postal code does not match the card."), _("Please correct it, or use another card.")
    ),
    "processing_error": Explanation(
        _("The card could not be processed just now."),
        _("Please try again in a moment, or use another card."),
    ),
    "try_again_later": Explanation(
        _("Your bank could not answer just now."), _("Please try again in a moment, or use another card.")
    ),
    "card_velocity_exceeded": Explanation(
        _("This card has reached its limit for now."), _("Please use another card, or try again tomorrow.")
    ),
    "currency_not_supported": Explanation(_("This card cannot pay in this currency."), USE_ANOTHER),
    "card_not_supported": Explanation(_("This card cannot be used for this kind of purchase."), USE_ANOTHER),
    "authentication_required": Explanation(
        _("Your bank asked to confirm this payment, and that did not happen."),
        _("Please try again and confirm it with your bank, or use another card."),
    ),
    "payment_intent_authentication_failure": NOT_CONFIRMED,
    "setup_intent_authentication_failure": NOT_CONFIRMED,
}


def explain(code: str) -> Explanation:
    """The explanation of a Stripe decline code or error code, of a payment."""
    return EXPLANATIONS.get(code, REFUSED)


def explain_set_up(code: str) -> Explanation:
    """The same while a card is being saved: nothing was to be paid yet."""
    return EXPLANATIONS.get(code, REFUSED_AT_SET_UP)


def for_page() -> dict[str, str]:
    """What a page's script says to each code; "" is the plain refusal."""
    return {"": str(REFUSED_AT_SET_UP)} | {code: str(explanation) for code, explanation in EXPLANATIONS.items()}
