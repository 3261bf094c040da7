"""Invoices: mirrored from Stripe, which alone has them."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction

from billing.gateways import stripe
from billing.mirror.clock import database_now
from billing.mirror.invoices import upsert_invoices
from billing.models import Customer, Invoice
from billing.services.customer_lease import GLANCE_SECONDS, leased


def refresh(customer_id: UUID, invoice_id: str, *, as_of: datetime, wait_seconds: float = GLANCE_SECONDS) -> bool:
    """Read one invoice again, unless its row is younger than `as_of`; whether it was read.

    Raises: Busy, GatewayError.
    """
    younger = Invoice.objects.filter(customer_id=customer_id, stripe_id=invoice_id, mirrored_at__gt=as_of)
    if younger.exists():
        return False
    with leased(customer_id, wait_seconds=wait_seconds) as customer:
        if younger.all().exists():
            return False
        read_at = database_now()
        snapshot = stripe.current().fetch_invoice(invoice_id)
        with transaction.atomic():
            upsert_invoices(customer, [snapshot], read_at=read_at)
        return True


def mirror_all(customer: Customer) -> None:
    """The customer's latest invoices. Call under the customer's lease."""
    read_at = database_now()
    snapshots = stripe.current().fetch_invoices(str(customer.stripe_id))
    with transaction.atomic():
        upsert_invoices(customer, snapshots, read_at=read_at)
