"""What a finished checkout was paid with, for its page and its e-mail; and where Stripe keeps the invoice."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils import timezone
from django.utils.translation import gettext

from billing.errors import NothingToChange
from billing.models import CheckoutSession, Invoice, PaymentMethod, Subscription
from billing.money import Money
from billing.services import invoices, next_bill, text


@dataclass(frozen=True, slots=True)
class Receipt:
    """What was paid and what comes next. `paid` is empty where nothing was charged."""

    paid: str
    facts: tuple[tuple[str, str], ...]
    next_bill: str
    has_invoice: bool
    is_invoice_awaited: bool
    invoice_url: str = ""
    pdf_url: str = ""


def receipt_of(checkout: CheckoutSession) -> Receipt:
    """Of a checkout that has succeeded. Rows only: until the invoice is mirrored, the amount is the one agreed to."""
    row, invoice = checkout.subscription, _invoice_row(checkout)
    is_trial = row is not None and row.status == Subscription.Status.IN_TRIAL
    agreed = None if is_trial else checkout.due_now
    # What credit has paid is in the invoice's total, but was not charged.
    amount = Money(invoice.amount_due_minor, invoice.currency) if invoice else agreed
    paid = text.money(amount) if amount and amount.amount_minor > 0 else ""
    facts = list(plan_facts(row)) if row else [(gettext("Plan"), checkout.plan_name)]
    if paid:
        facts.append((gettext("Paid"), paid))
        card = PaymentMethod.objects.filter(stripe_id=checkout.payment_method_id).first()
        if card is not None:
            facts.append((gettext("Paid with"), text.payment_method(card)))
    if invoice is not None and invoice.number and paid:
        facts.append((gettext("Invoice number"), invoice.number))
    return Receipt(
        paid=paid,
        facts=tuple(facts),
        next_bill=next_sentence(row) if row else "",
        has_invoice=bool(_invoice_id(checkout)) and bool(paid),
        is_invoice_awaited=bool(_invoice_id(checkout)) and invoice is None,
        invoice_url=invoice.hosted_invoice_url if invoice and paid else "",
        pdf_url=invoice.invoice_pdf if invoice and paid else "",
    )


def plan_facts(row: Subscription) -> tuple[tuple[str, str], ...]:
    """Plan and price."""
    total = row.total
    facts = [(gettext("Plan"), row.plan_name)]
    if total:
        facts.append((gettext("Price"), f"{text.money(total)} {text.period_unit(row.billing_period)}".strip()))
    return tuple(facts)


def next_sentence(row: Subscription) -> str:
    """When money is asked for next, and how much; empty where none is, or where a change or the start comes first."""
    if row.cancellation_at or row.scheduled_updates or row.status == Subscription.Status.NOT_STARTED:
        return ""
    if row.status == Subscription.Status.IN_TRIAL and not row.converts_after_trial:
        return (
            gettext("Your trial ends on %(date)s.") % {"date": text.date(row.trial_ends_at)}
            if row.trial_ends_at
            else ""
        )
    if not row.total or row.current_period_ends_at is None:
        return ""
    values = {"amount": next_bill.amount(row), "date": text.date(row.current_period_ends_at)}
    if not values["amount"]:
        return gettext("The next bill is due on %(date)s.") % values
    return gettext("The next bill, %(amount)s, is due on %(date)s.") % values


def fetch_invoice(checkout: CheckoutSession) -> Invoice:
    """The checkout's invoice; read from Stripe, one call, while our copy lacks it.

    Raises: NothingToChange, where there is none; Busy, GatewayError.
    """
    invoice_id = _invoice_id(checkout)
    if not invoice_id:
        raise NothingToChange(f"checkout {checkout.pk} has no invoice")
    if (found := _invoice_row(checkout)) is not None:
        return found
    invoices.refresh(checkout.customer_id, invoice_id, as_of=timezone.now(), wait_seconds=5)
    return Invoice.objects.get(customer=checkout.customer, stripe_id=invoice_id)


def _invoice_id(checkout: CheckoutSession) -> str:
    """The order's own; where it is not known yet, the newest, unless nothing was due: then that is an older one."""
    is_free = checkout.due_now is not None and not checkout.due_now
    latest = checkout.subscription.latest_invoice_id if checkout.subscription and not is_free else ""
    return checkout.invoice_id or latest


def _invoice_row(checkout: CheckoutSession) -> Invoice | None:
    invoice_id = _invoice_id(checkout)
    paid = Invoice.objects.filter(customer=checkout.customer, stripe_id=invoice_id, status=Invoice.Status.PAID)
    return paid.first() if invoice_id else None
