"""What the customer reads about a checkout: waiting, done, failed with the reason and the time left, or closed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext

from billing.models import CheckoutSession, Entitlement, Invoice, PaymentMethod
from billing.services import declines, order_words, previews, receipts, text
from billing.services.entitlement_rows import entitlement_text, labels_of
from billing.services.receipts import Receipt

State = CheckoutSession.State


@dataclass(frozen=True, slots=True)
class Wait:
    """Something is under way."""

    title: str
    text: str
    since_text: str = ""


@dataclass(frozen=True, slots=True)
class Success:
    """It is done."""

    headline: str
    sentence: str
    plan_name: str
    receipt: Receipt
    rows: tuple[str, ...]
    continue_url: str


@dataclass(frozen=True, slots=True)
class Failure:
    """The payment failed: why, what to do, and how long the order waits."""

    title: str
    explanation: str
    next_step: str
    amount: str = ""
    card_label: str = ""
    deadline_at: datetime | None = None
    seconds_left: int = 0
    deadline_text: str = ""
    can_pay_again: bool = True


@dataclass(frozen=True, slots=True)
class Closed:
    """The checkout is over without a subscription."""

    title: str
    text: str
    action_label: str
    action_url: str


def wait_for(checkout: CheckoutSession) -> Wait:
    """While the worker or the bank is busy."""
    if checkout.state == State.PROCESSING and not checkout.paid_at:
        return Wait(
            gettext("Your bank is working on the payment"),
            gettext("This can take a moment. You can close this page: we go on without it and write down how it ends."),
        )
    if checkout.attempts:
        return Wait(
            gettext("Your card is saved, and we are not done yet"),
            gettext(
                "Our billing service is slow to answer just now. Nothing is lost and nothing is charged twice: "
                "your subscription starts by itself as soon as it does. You can close this page."
            ),
        )
    return Wait(gettext("Finishing your subscription…"), gettext("This usually takes a few seconds."))


def success_for(checkout: CheckoutSession) -> Success:
    """The subscription is there, with all that comes with it."""
    headline, sentence = order_words.done(checkout)
    rows = Entitlement.objects.filter(customer=checkout.customer, is_granted=True)
    subscription = checkout.subscription
    labels = labels_of(subscription.plan_id if subscription else checkout.plan_id)
    return Success(
        headline=headline,
        sentence=sentence,
        plan_name=subscription.plan_name if subscription else checkout.plan_name,
        receipt=receipts.receipt_of(checkout),
        rows=tuple(entitlement_text(row, labels) for row in rows),
        continue_url=reverse("billing:account"),
    )


def failure_for(checkout: CheckoutSession, *, now: datetime) -> Failure:
    """Why the payment failed, in plain words; the countdown never promises more time than there is."""
    explanation = declines.explain(checkout.failure_code)
    card = PaymentMethod.objects.filter(stripe_id=checkout.invoice_attempted_with).first()
    until = None if checkout.is_for_running_plan else checkout.expires_at
    invoice = Invoice.objects.filter(stripe_id=checkout.invoice_id).first() if checkout.invoice_id else None
    due = invoice.amount_remaining if invoice else checkout.due_now
    return Failure(
        title=gettext("Your payment did not go through"),
        explanation=str(explanation.reason),
        next_step=str(explanation.next_step),
        amount=text.money(due) if due else "",
        card_label=text.payment_method(card) if card else "",
        deadline_at=until,
        seconds_left=max(0, int((until - now).total_seconds())) if until else 0,
        deadline_text=order_words.deadline(checkout, text.moment(until)) if until else "",
        can_pay_again=bool(checkout.invoice_attempted_with),
    )


def closed_for(checkout: CheckoutSession) -> Closed:
    """The checkout cannot go on; where to go instead."""
    plans = (gettext("See the plans"), reverse("billing:paywall"))
    if checkout.state == State.SUPERSEDED:
        return Closed(
            gettext("You chose something else in the meantime"),
            gettext("This order was replaced by a newer choice of yours. Nothing was charged for it."),
            gettext("Go to your account"),
            reverse("billing:account"),
        )
    if checkout.is_for_running_plan:
        return Closed(
            gettext("Your payment did not go through"),
            str(declines.explain(checkout.failure_code).reason) if checkout.failure_code else "",
            gettext("Go to your account"),
            reverse("billing:account"),
        )
    if checkout.state == State.EXPIRED:
        reason = gettext("The time to pay for this order is over, so it was canceled. Nothing was charged.")
        again = gettext("You can choose a plan again.")
        return Closed(gettext("This order has expired"), text.sentences(reason, again), *plans)
    if checkout.failure_code and checkout.provisioned_at is None:
        reason = gettext(
            "We could not start this plan for you. Your card was not charged. Please choose again or contact us."
        )
        if refusal := previews.COUPON_REFUSALS.get(checkout.failure_code):
            reason = text.sentences(str(refusal), gettext("Nothing was charged for it."))
        return Closed(gettext("This plan could not be started"), reason, *plans)
    return Closed(gettext("This order was canceled"), gettext("Nothing was charged for it."), *plans)
