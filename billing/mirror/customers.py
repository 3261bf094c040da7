"""Customer rows from Stigg's customer."""

from __future__ import annotations

from datetime import datetime

from billing.gateways.stigg.types import CustomerSnapshot
from billing.models import Customer

WRITTEN = (
    "stripe_id",
    "default_payment_method_id",
    "trial_eligibility",
    "provisioned_at",
    "provision_due_at",
    "provision_error",
    "mirrored_at",
)


def apply_customer(customer: Customer, snapshot: CustomerSnapshot, *, read_at: datetime) -> None:
    """Take over Stripe's id and the default card; the name and e-mail are ours and stay.

    Unless the row shows a later read already: whoever lost the lease may come late. Locks the row, so that
    `customer.mirrored_at` then is the truth. What was asked for before the read is answered by it.
    Call inside a transaction.
    """
    locked = Customer.objects.select_for_update(no_key=True).filter(pk=customer.pk).order_by()
    shown_at, refresh_due_at = locked.values_list("mirrored_at", "refresh_due_at").get()
    if shown_at is not None and shown_at > read_at:
        customer.refresh_from_db(fields=WRITTEN)
        return
    customer.stripe_id = snapshot.billing_id or customer.stripe_id
    if snapshot.default_payment_method_id:
        customer.default_payment_method_id = snapshot.default_payment_method_id
    customer.trial_eligibility = snapshot.trial_eligibility
    if customer.stripe_id and customer.provisioned_at is None:
        customer.provisioned_at, customer.provision_due_at, customer.provision_error = read_at, None, ""
    customer.mirrored_at = read_at
    written = list(WRITTEN)
    if refresh_due_at is not None and refresh_due_at <= read_at:
        customer.refresh_due_at, customer.refresh_attempts, customer.refresh_error = None, 0, ""
        written += ["refresh_due_at", "refresh_attempts", "refresh_error"]
    customer.save(update_fields=written)
