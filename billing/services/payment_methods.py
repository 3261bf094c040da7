"""Saved cards: mirrored from Stripe, which alone has them."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction

from billing.gateways import stripe
from billing.mirror.clock import database_now
from billing.mirror.payment_methods import replace_payment_methods, set_default
from billing.models import Customer
from billing.services import billing_details
from billing.services.customer_lease import GLANCE_SECONDS, leased


def refresh(known: Customer, *, as_of: datetime, wait_seconds: float = GLANCE_SECONDS) -> bool:
    """Read the customer's cards again, unless the rows are younger than `as_of`; whether they were read.

    `known` is the customer's row as it was just found. Raises: Busy, GatewayError.
    """
    if not _is_older(known, as_of):
        return False
    with leased(known.pk, wait_seconds=wait_seconds) as customer:
        if not _is_older(customer, as_of):
            return False
        mirror_cards(customer)
        return True


def _is_older(customer: Customer, as_of: datetime) -> bool:
    """Whether there is something to read: the cards are not of a read begun after `as_of`."""
    shown_at = customer.payment_methods_mirrored_at
    return bool(customer.stripe_id) and (shown_at is None or shown_at <= as_of)


def refresh_default(customer_id: UUID, *, wait_seconds: float = GLANCE_SECONDS) -> None:
    """Read again which card is the default.

    Raises: Busy, GatewayError.
    """
    with leased(customer_id, wait_seconds=wait_seconds) as customer:
        if customer.stripe_id:
            _mirror_default(customer)


def mirror_all(customer: Customer) -> None:
    """Cards and which of them is the default. Call under the customer's lease."""
    mirror_cards(customer)
    _mirror_default(customer)


def mirror_cards(customer: Customer) -> None:
    """The list of cards. Call under the customer's lease."""
    read_at = database_now()
    snapshots = stripe.current().fetch_payment_methods(str(customer.stripe_id))
    with transaction.atomic():
        replace_payment_methods(customer, snapshots, read_at=read_at)
    if not customer.address_line1:
        billing_details.adopt_from_cards(customer, snapshots)


def _mirror_default(customer: Customer) -> None:
    default_id = stripe.current().fetch_default_payment_method_id(str(customer.stripe_id))
    with transaction.atomic():
        set_default(customer, default_id or "")
