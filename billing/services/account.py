"""The account page: what the customer has, what it costs, what is wrong and how to mend it. Rows only, no network."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext

from billing.models import Customer, Entitlement, Invoice, PaymentMethod, Subscription, SubscriptionChange
from billing.services import current, next_bill, text
from billing.services.entitlement_rows import EntitlementRow, entitlement_row, entitlement_text, labels_of
from billing.services.scheduled_changes import Waiting, waiting_for
from billing.services.trials import TrialPanel, panel_for

SHOWN_INVOICES = 12
SHOWN_CHANGES = 15


@dataclass(frozen=True, slots=True)
class Alert:
    """Something that the customer should act on; `url` takes a POST."""

    title: str
    text: str
    action_label: str
    url: str


@dataclass(frozen=True, slots=True)
class SubscriptionCard:
    """One subscription, ready to print."""

    stigg_id: str
    plan_name: str
    status_label: str
    status_tone: str
    price: str
    period_sentence: str
    next_bill: str
    alert: Alert | None
    rows: tuple[str, ...] = ()
    waiting: Waiting | None = None
    waiting_url: str = ""
    trial: TrialPanel | None = None
    change_url: str = ""


@dataclass(frozen=True, slots=True)
class CardLine:
    """One saved payment method."""

    label: str
    expires: str
    is_default: bool
    is_expiring: bool
    is_expired: bool = False


@dataclass(frozen=True, slots=True)
class InvoiceLine:
    """One invoice."""

    number: str
    date: str
    amount: str
    status_label: str
    tone: str
    url: str
    pdf_url: str


@dataclass(frozen=True, slots=True)
class HistoryLine:
    """One change of a subscription."""

    when: datetime
    text: str


@dataclass(frozen=True, slots=True)
class AccountPage:
    """Everything that the account page shows."""

    customer_name: str
    email: str
    subscriptions: tuple[SubscriptionCard, ...]
    entitlements: tuple[EntitlementRow, ...]
    cards: tuple[CardLine, ...]
    invoices: tuple[InvoiceLine, ...]
    history: tuple[HistoryLine, ...]
    has_nothing: bool
    may_pay: bool


def page(customer: Customer, *, may_pay: bool, now: datetime) -> AccountPage:
    """The account of `customer`; cards, invoices and what is to be paid only for those who may pay."""
    subscriptions = [row for row in customer.subscriptions.all() if not row.is_finished]
    changes = SubscriptionChange.objects.filter(subscription__customer=customer).select_related("subscription")
    granted = [row for row in customer.entitlements.all() if row.is_granted]
    labels: dict[str, str] = {}
    for row in subscriptions:
        labels |= labels_of(row.plan_id)
    cards = customer.payment_methods.filter(detached_at=None) if may_pay else []
    invoices = customer.invoices.exclude(status="draft")[:SHOWN_INVOICES] if may_pay else []
    return AccountPage(
        customer_name=customer.name,
        email=customer.email,
        subscriptions=tuple(
            _subscription(row, customer, granted, labels, may_pay=may_pay, now=now) for row in subscriptions
        ),
        entitlements=tuple(entitlement_row(row, labels) for row in granted),
        cards=tuple(_card(row, now=now) for row in cards),
        invoices=tuple(_invoice(row) for row in invoices),
        history=tuple(_history(change) for change in changes[:SHOWN_CHANGES]),
        has_nothing=not subscriptions,
        may_pay=may_pay,
    )


def alert_for(customer: Customer) -> Alert | None:
    """The most pressing payment trouble, for the banner on every page."""
    troubled = customer.subscriptions.all().with_payment_trouble().first()
    return _alert(troubled) if troubled else None


def _subscription(
    row: Subscription,
    customer: Customer,
    granted: list[Entitlement],
    labels: dict[str, str],
    *,
    may_pay: bool,
    now: datetime,
) -> SubscriptionCard:
    label, tone = _status(row)
    total = row.total
    return SubscriptionCard(
        stigg_id=row.stigg_id,
        plan_name=row.plan_name,
        status_label=label,
        status_tone=tone,
        price=f"{text.money(total)} {text.period_unit(row.billing_period)}" if total else gettext("Free"),
        period_sentence=_period_sentence(row, may_pay=may_pay),
        next_bill=_next_bill(row),
        alert=_alert(row) if may_pay and row.has_payment_trouble else None,
        rows=tuple(entitlement_text(item, labels) for item in granted) if row.grants_access else (),
        waiting=waiting_for(row),
        waiting_url=reverse("billing:cancel_scheduled_change", args=[row.stigg_id]) if may_pay else "",
        trial=panel_for(row, customer, now=now) if may_pay else None,
        change_url=_change_url(row) if may_pay and current.is_paid(row) else "",
    )


def _change_url(row: Subscription) -> str:
    """The review page of the plan that they have, for its quantities, add-ons and period."""
    return f"{reverse('billing:checkout_start')}?{urlencode({'plan': row.plan_id})}"


def _status(row: Subscription) -> tuple[str, str]:
    """An active subscription with a failed payment says so: access stays, the fix is one click away."""
    status = Subscription.Status
    if row.status == status.PAYMENT_PENDING:
        return gettext("Waiting for payment"), "bad"
    if row.has_payment_trouble:
        return gettext("Active – payment failed"), "warn"
    if row.status == status.IN_TRIAL:
        return gettext("Free trial"), "ok"
    if row.status == status.NOT_STARTED:
        return gettext("Starts later"), "neutral"
    if row.cancellation_at:
        return gettext("Ends soon"), "warn"
    return gettext("Active"), "ok"


def _alert(row: Subscription) -> Alert:
    url = reverse("billing:recover", args=[row.stigg_id])
    if row.payment_collection == Subscription.PaymentCollection.ACTION_REQUIRED:
        return Alert(
            gettext("Your bank wants you to confirm a payment"),
            gettext("Confirm it, or use another card, to keep %(plan)s.") % {"plan": row.plan_name},
            gettext("Confirm the payment"),
            url,
        )
    if row.status == Subscription.Status.PAYMENT_PENDING:
        return Alert(
            gettext("Your payment for %(plan)s did not go through") % {"plan": row.plan_name},
            gettext("Your plan starts as soon as it is paid."),
            gettext("Pay with another card"),
            url,
        )
    if row.pending_updates:
        return Alert(
            gettext("The payment for your change did not go through"),
            gettext("You keep %(plan)s as it is. Pay with another card, or drop the change.") % {"plan": row.plan_name},
            gettext("Pay with another card"),
            url,
        )
    return Alert(
        gettext("Your last payment for %(plan)s failed") % {"plan": row.plan_name},
        gettext("You keep your access for now. Please pay with another card to stay on your plan."),
        gettext("Fix the payment"),
        url,
    )


def _period_sentence(row: Subscription, *, may_pay: bool) -> str:
    if row.trial_ends_at and row.status == Subscription.Status.IN_TRIAL:
        if may_pay:
            return ""  # the panel of the trial says it
        return gettext("Your trial ends on %(date)s.") % {"date": text.date(row.trial_ends_at)}
    if row.cancellation_at:
        return gettext("Ends on %(date)s.") % {"date": text.date(row.cancellation_at)}
    if row.started_at and row.status == Subscription.Status.NOT_STARTED:
        return gettext("Starts on %(date)s.") % {"date": text.date(row.started_at)}
    if row.started_at:
        return gettext("Since %(date)s.") % {"date": text.date(row.started_at)}
    return ""


def _next_bill(row: Subscription) -> str:
    ends_at = row.current_period_ends_at
    if row.scheduled_updates:
        return ""  # the change says what comes
    if row.status != Subscription.Status.ACTIVE or row.cancellation_at or not row.total or ends_at is None:
        return ""
    words = {"amount": next_bill.amount(row), "date": text.date(ends_at)}
    return (gettext("Next bill: %(amount)s on %(date)s") if words["amount"] else gettext("Next bill: %(date)s")) % words


def _card(row: PaymentMethod, *, now: datetime) -> CardLine:
    is_expired = row.is_expired(now)
    is_expiring = row.is_expiring(now) and not is_expired
    return CardLine(text.payment_method(row), text.expiry(row), row.is_default, is_expiring, is_expired)


def _invoice(row: Invoice) -> InvoiceLine:
    tones = {"paid": "ok", "open": "bad", "uncollectible": "bad"}
    return InvoiceLine(
        number=row.number or row.stripe_id,
        date=text.date(row.issued_at) if row.issued_at else "",
        amount=text.money(row.total),
        status_label=str(row.get_status_display()).capitalize(),
        tone=tones.get(row.status, "neutral"),
        url=row.hosted_invoice_url,
        pdf_url=row.invoice_pdf,
    )


def _history(change: SubscriptionChange) -> HistoryLine:
    return HistoryLine(change.happened_at, _change_text(change))


def _change_text(change: SubscriptionChange) -> str:
    plan = change.subscription.plan_name
    if change.field == "status":
        words = dict(Subscription.Status.choices)
        return gettext("%(plan)s is now %(status)s") % {
            "plan": plan,
            "status": words.get(change.new_value, change.new_value),
        }
    if change.field == "payment_collection":
        words = dict(Subscription.PaymentCollection.choices)
        status = words.get(change.new_value, change.new_value)
        return gettext("Payment for %(plan)s: %(status)s") % {"plan": plan, "status": status}
    if change.field == "billing_period":
        is_yearly = change.new_value == "ANNUALLY"
        sentence = gettext("%(plan)s is billed per year") if is_yearly else gettext("%(plan)s is billed per month")
        return sentence % {"plan": plan}
    if change.field == "cancellation_at":
        done = gettext("%(plan)s was set to end") if change.new_value else gettext("%(plan)s will go on after all")
        return done % {"plan": plan}
    if change.field == "quantity":
        return gettext("%(plan)s: quantity is now %(count)s") % {"plan": plan, "count": change.new_value}
    return gettext("Plan changed to %(plan)s") % {"plan": plan}
