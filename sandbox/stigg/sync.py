"""Brings a subscription up to what Stripe says of it. Stripe's events are hints; its API is asked.

What the application is told about the outcome is decided in `lifecycle`.
"""

from datetime import UTC, datetime

from sandbox.stigg.side import Side
from sandbox.stigg.state import Invoice, Subscription
from sandbox.stigg.stripe_link import Obj

INVOICE_STATUSES = {"paid": "PAID", "void": "CANCELED", "uncollectible": "CANCELED"}
BILLING_REASONS = {
    "subscription_create": "SUBSCRIPTION_CREATION",
    "subscription_cycle": "BILLING_CYCLE",
    "subscription_update": "SUBSCRIPTION_UPDATE",
    "manual": "MANUAL",
}
ENDED = frozenset({"canceled", "incomplete_expired"})


async def read(side: Side, subscription: Subscription) -> None:
    """Asks Stripe and applies the answer. One that has ended stays as it is."""
    if subscription.billing_id is None or not subscription.is_open:
        return
    found = await side.stripe.get(f"/v1/subscriptions/{subscription.billing_id}")
    await apply(side, subscription, found)


async def apply(side: Side, subscription: Subscription, found: Obj) -> None:
    subscription.billing_id = found["id"]
    invoice_id = id_of(found.get("latest_invoice"))
    if invoice_id is not None:
        subscription.latest_invoice = await _read_invoice(side, invoice_id)
    _apply_period(subscription, found)
    _apply_status(side, subscription, found)
    _apply_pending(subscription)


async def _read_invoice(side: Side, invoice_id: str) -> Invoice:
    expand = ["confirmation_secret", "payments.data.payment.payment_intent"]
    found = await side.stripe.get(f"/v1/invoices/{invoice_id}", {"expand": expand})
    intent = _payment_intent(found)
    error = intent.get("last_payment_error") or {}
    status = INVOICE_STATUSES.get(found["status"], "OPEN")
    is_open = status == "OPEN"
    secret = (found.get("confirmation_secret") or {}).get("client_secret") or intent.get("client_secret")
    total, untaxed = found["total"], found.get("total_excluding_tax")
    return Invoice(
        billing_id=found["id"],
        status=status,
        created_at=_moment(found["created"]) or side.now(),
        updated_at=side.now(),
        due_at=_moment(found.get("due_date")),
        currency=str(found["currency"]).upper(),
        subtotal=found["subtotal"],
        total=total,
        total_excluding_tax=total if untaxed is None else untaxed,
        tax=0 if untaxed is None else total - untaxed,
        amount_due=found["amount_due"],
        attempt_count=found.get("attempt_count") or 0,
        error_message=error.get("message") if is_open else None,
        error_code=(error.get("decline_code") or error.get("code")) if is_open else None,
        requires_action=is_open and intent.get("status") == "requires_action",
        processing=is_open and intent.get("status") == "processing",
        payment_secret=secret if is_open else None,
        payment_url=found.get("hosted_invoice_url") if is_open else None,
        pdf_url=found.get("invoice_pdf"),
        billing_reason=BILLING_REASONS.get(found.get("billing_reason") or "", "OTHER"),
    )


def _payment_intent(invoice: Obj) -> Obj:
    payments = (invoice.get("payments") or {}).get("data") or []
    for payment in reversed(payments):
        intent = (payment.get("payment") or {}).get("payment_intent")
        if isinstance(intent, dict):
            return intent
    return {}


def _apply_period(subscription: Subscription, found: Obj) -> None:
    items = found["items"]["data"]
    if items:
        subscription.period_start = _moment(items[0]["current_period_start"])
        subscription.period_end = _moment(items[0]["current_period_end"])
    ends = _moment(found.get("cancel_at"))
    if found.get("cancel_at_period_end") and ends is None:
        ends = subscription.period_end
    subscription.effective_end_at = subscription.cancellation_at = ends


def _apply_status(side: Side, subscription: Subscription, found: Obj) -> None:
    status = found["status"]
    if status in ENDED:
        _apply_end(side, subscription, status)
        return
    subscription.payment_collection = _payment_collection(subscription.latest_invoice, status)
    subscription.status = "ACTIVE" if status in {"active", "past_due", "trialing"} else "PAYMENT_PENDING"


def _apply_end(side: Side, subscription: Subscription, status: str) -> None:
    reason = "CancelledByBilling"
    if status == "incomplete_expired":
        reason = "PendingPaymentExpired"
    elif subscription.effective_end_at is not None:
        reason = "ScheduledCancellation"
    end(subscription, reason, side.now())


def end(subscription: Subscription, reason: str, now: datetime, status: str = "CANCELED") -> None:
    """Over, for this reason; a reason already given stands."""
    subscription.status = status
    subscription.cancel_reason = subscription.cancel_reason or reason
    subscription.cancellation_at = subscription.cancellation_at or now
    subscription.end_at = now
    subscription.effective_end_at = now
    subscription.payment_collection = "NOT_REQUIRED"
    for update in subscription.future_updates:
        if update.status in {"Scheduled", "PendingPayment"}:
            update.status = "Canceled"
    if subscription.latest_invoice is not None and subscription.latest_invoice.status == "OPEN":
        subscription.latest_invoice.status = "CANCELED"


def _payment_collection(invoice: Invoice | None, stripe_status: str) -> str:
    if invoice is None or invoice.status != "OPEN" or invoice.amount_due == 0:
        return "NOT_REQUIRED"
    if invoice.requires_action:
        return "ACTION_REQUIRED"
    if invoice.processing:
        return "PROCESSING"
    failed = invoice.error_message is not None or stripe_status in {"past_due", "incomplete", "unpaid"}
    return "FAILED" if failed else "NOT_REQUIRED"


def _apply_pending(subscription: Subscription) -> None:
    """A change that waited for its payment is now paid, or its invoice was voided."""
    invoice = subscription.latest_invoice
    for update in subscription.updates("PendingPayment"):
        if invoice is None or invoice.billing_id != update.billing_invoice_id or invoice.status == "OPEN":
            continue
        update.status = "Done" if invoice.status == "PAID" else "Canceled"
        if update.status == "Done":
            subscription.choice = update.choice


def _moment(timestamp: int | None) -> datetime | None:
    return None if timestamp is None else datetime.fromtimestamp(timestamp, UTC)


def id_of(value: object) -> str | None:
    """An expandable field: the id, or the object that has it."""
    if isinstance(value, dict):
        return str(value["id"])
    return value if isinstance(value, str) else None
