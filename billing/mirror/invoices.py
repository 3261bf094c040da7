"""Invoice rows from Stripe's invoices."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from billing.gateways.stripe.types import InvoiceSnapshot
from billing.mirror.rows import make_like
from billing.models import Customer, Invoice, Subscription
from billing.money import Money


def upsert_invoices(customer: Customer, snapshots: Iterable[InvoiceSnapshot], *, read_at: datetime) -> None:
    """Write each invoice, unless its row shows a later read. Call inside a transaction."""
    subscriptions = dict(Subscription.objects.filter(customer=customer).order_by().values_list("stripe_id", "pk"))
    told = {
        snapshot.invoice_id: values_of(snapshot, subscription_id=subscriptions.get(snapshot.subscription_id))
        | {"customer_id": customer.pk}
        for snapshot in snapshots
    }
    rows = Invoice.objects.select_for_update(no_key=True).filter(stripe_id__in=told).order_by()
    existing = {row.stripe_id: row for row in rows}
    wanted = {key: values for key, values in told.items() if key not in existing or existing[key].mirrored_at < read_at}
    make_like(Invoice, ["stripe_id"], existing, wanted, read_at=read_at)


def values_of(snapshot: InvoiceSnapshot, *, subscription_id: int | None) -> dict[str, Any]:
    """The row's values; `subscription_id` is our row's."""
    return {
        "subscription_id": subscription_id,
        "number": snapshot.number,
        "status": snapshot.status,
        "currency": snapshot.currency,
        "total_minor": snapshot.total.amount_minor,
        "amount_due_minor": snapshot.amount_due.amount_minor,
        "amount_remaining_minor": snapshot.amount_remaining.amount_minor,
        "billing_reason": snapshot.billing_reason,
        "tax_on_top_minor": _minor(snapshot.tax_on_top),
        "discount_minor": _minor(snapshot.discount),
        "attempt_count": snapshot.attempt_count,
        "hosted_invoice_url": snapshot.hosted_invoice_url,
        "invoice_pdf": snapshot.invoice_pdf,
        "issued_at": snapshot.created_at,
    }


def _minor(amount: Money | None) -> int | None:
    return None if amount is None else amount.amount_minor
