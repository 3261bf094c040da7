"""PaymentMethod rows from Stripe's list of a customer's saved methods."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db.models import Q

from billing.gateways.stripe.types import PaymentMethodSnapshot
from billing.mirror.rows import make_like
from billing.models import Customer, PaymentMethod


def replace_payment_methods(
    customer: Customer, snapshots: Iterable[PaymentMethodSnapshot], *, read_at: datetime
) -> None:
    """Make the rows equal to Stripe's list; those that are gone are marked detached.

    Unless the rows show a later read already. Call inside a transaction.
    """
    shown_at = (
        Customer.objects.select_for_update(no_key=True)
        .values_list("payment_methods_mirrored_at", flat=True)
        .get(pk=customer.pk)
    )
    if shown_at is not None and shown_at > read_at:
        return
    wanted = {
        snapshot.payment_method_id: values_of(snapshot, default_id=customer.default_payment_method_id)
        | {"customer_id": customer.pk}
        for snapshot in snapshots
    }
    ours_or_listed = Q(customer=customer, detached_at=None) | Q(stripe_id__in=wanted)
    existing = {
        row.stripe_id: row for row in PaymentMethod.objects.select_for_update(no_key=True).filter(ours_or_listed)
    }
    make_like(PaymentMethod, ["stripe_id"], existing, wanted, read_at=read_at)
    if gone := existing.keys() - wanted.keys():
        attached = customer.payment_methods.filter(stripe_id__in=gone, detached_at=None)
        attached.update(detached_at=read_at, is_default=False, mirrored_at=read_at)
    customer.payment_methods_mirrored_at = read_at
    customer.save(update_fields=["payment_methods_mirrored_at"])


def values_of(snapshot: PaymentMethodSnapshot, *, default_id: str) -> dict[str, Any]:
    """The row's values."""
    return {
        "type": snapshot.type,
        "brand": snapshot.brand,
        "last4": snapshot.last4,
        "wallet": snapshot.wallet,
        "exp_month": snapshot.exp_month,
        "exp_year": snapshot.exp_year,
        "is_default": snapshot.payment_method_id == default_id,
        "detached_at": None,
    }


def set_default(customer: Customer, default_id: str) -> None:
    """Mark the one default card. Call inside a transaction."""
    customer.payment_methods.filter(is_default=True).exclude(stripe_id=default_id).update(is_default=False)
    customer.payment_methods.filter(stripe_id=default_id, is_default=False).update(is_default=True)
    if default_id != customer.default_payment_method_id:
        customer.default_payment_method_id = default_id
        customer.save(update_fields=["default_payment_method_id"])
