"""What a customer has on file and may pay a checkout with: offered first on the card page. Rows only."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from billing.models import CheckoutSession, PaymentMethod
from billing.services import text


@dataclass(frozen=True, slots=True)
class SavedMethod:
    """One line to choose. An expired card is shown, so that nobody looks for it, and cannot be chosen."""

    payment_method_id: str
    label: str
    expires: str
    is_expired: bool
    is_expiring: bool
    is_chosen: bool


def saved_methods(checkout: CheckoutSession, *, now: datetime) -> list[SavedMethod]:
    """The default first and chosen; without the one that could not pay this order just now. Empty if none is usable."""
    rows = list(PaymentMethod.objects.filter(customer=checkout.customer, detached_at=None))
    rows = [row for row in rows if row.stripe_id != checkout.invoice_attempted_with]
    usable = [row for row in rows if not row.is_expired(now)]
    if not usable:
        return []
    chosen = next((row for row in usable if row.is_default), usable[0])
    return [_line(row, now=now, is_chosen=row is chosen) for row in rows]


def _line(row: PaymentMethod, *, now: datetime, is_chosen: bool) -> SavedMethod:
    is_expired = row.is_expired(now)
    return SavedMethod(
        payment_method_id=row.stripe_id,
        label=text.payment_method(row),
        expires=text.expiry(row),
        is_expired=is_expired,
        is_expiring=row.is_expiring(now) and not is_expired,
        is_chosen=is_chosen,
    )
