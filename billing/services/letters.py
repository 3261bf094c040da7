"""What the e-mails say. From rows alone, in the active language; None where it is no longer true."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from django.urls import reverse
from django.utils.translation import gettext

from billing import conf
from billing.errors import GatewayError
from billing.models import CheckoutSession, Invoice, OutgoingEmail, Subscription
from billing.services import catalog, declines, order_words, receipts, text

PATIENCE_FOR_INVOICE = timedelta(minutes=10)
SAME_STEP = timedelta(minutes=15)


class NotReady(Exception):
    """What it is to tell of has not been mirrored yet: try again in a moment."""


@dataclass(frozen=True, slots=True)
class Letter:
    """One e-mail, ready for its templates. `facts` and `links` are (label, value) and (label, address) pairs."""

    subject: str
    title: str
    greeting: str
    paragraphs: tuple[str, ...]
    facts: tuple[tuple[str, str], ...] = ()
    links: tuple[tuple[str, str], ...] = ()
    closing: str = ""


def write(email: OutgoingEmail, *, now: datetime) -> Letter | None:
    """The letter of `email`. Raises: NotReady."""
    writers = {
        OutgoingEmail.Kind.RECEIPT: _receipt,
        OutgoingEmail.Kind.PAYMENT_FAILED: _payment_failed,
        OutgoingEmail.Kind.AWAITS_CONSENT: _awaits_consent,
        OutgoingEmail.Kind.PLAN_CHANGED: _plan_changed,
        OutgoingEmail.Kind.PLAN_ENDED: _plan_ended,
        OutgoingEmail.Kind.CONTACT: _contact,
    }
    return writers[OutgoingEmail.Kind(email.kind)](email, now)


def host() -> str:
    """The site's host name."""
    return urlsplit(conf.current().site_url).hostname or "localhost"


def url(name: str, *args: object) -> str:
    """The full address of one of our pages."""
    return conf.current().site_url + reverse(f"billing:{name}", args=args)


def _greeting(email: OutgoingEmail) -> str:
    return gettext("Hello %(name)s,") % {"name": email.customer.name} if email.customer else gettext("Hello,")


def _how_to_change(row: Subscription | None) -> str:
    if row is not None and _is_canceled_by_customers(row):
        return gettext("You can change or cancel your plan at any time on your billing page:")
    return gettext("You can change your plan at any time on your billing page:")


def _how_to_cancel(row: Subscription | None) -> tuple[tuple[str, str], ...]:
    """The address to write to, where the billing page cannot end the plan."""
    if row is None or row.cancellation_at or row.pricing_type == "FREE" or _is_canceled_by_customers(row):
        return ()
    return ((gettext("To cancel your plan, write to us"), url("contact")),)


def _is_canceled_by_customers(row: Subscription) -> bool:
    """Whether customers end it by themselves: a trial with its button, a paid plan by moving to a free one."""
    if row.status == Subscription.Status.IN_TRIAL:
        return True
    products = catalog.product_ids()
    try:
        listed = catalog.current(product_id=row.product_id if row.product_id in products else products[0])
    except GatewayError:
        return False
    hidden = conf.current().hidden_plan_ids
    of_product = [plan for plan in listed.paywall.plans if plan.product_id == row.product_id]
    return any(plan.pricing_type == "FREE" and plan.plan_id not in hidden for plan in of_product)


def _receipt(email: OutgoingEmail, now: datetime) -> Letter | None:
    checkout = email.checkout
    if checkout is None or checkout.state != CheckoutSession.State.SUCCEEDED:
        return None
    receipt = receipts.receipt_of(checkout)
    if receipt.is_invoice_awaited and now - email.created_at < PATIENCE_FOR_INVOICE:
        raise NotReady("the invoice has not been mirrored yet")
    values = {"plan": checkout.plan_name, "site": conf.current().site_name}
    row = checkout.subscription
    if receipt.paid:
        subject, title = gettext("Your receipt for %(plan)s, %(site)s") % values, gettext("Your receipt")
        first = gettext("Thank you. We have received your payment, and %(plan)s is yours.") % values
    elif row is not None and row.status == Subscription.Status.NOT_STARTED and row.started_at is not None:
        values["date"] = text.date(row.started_at)
        subject = gettext("%(plan)s starts on %(date)s, %(site)s") % values
        title, first = order_words.done(checkout)
    else:
        subject, title = gettext("%(plan)s has started, %(site)s") % values, gettext("Welcome to %(plan)s") % values
        first = gettext("%(plan)s is yours from now on. Nothing was charged today.") % values
    sentences = [first, receipt.next_bill]
    links = [(gettext("Invoice"), receipt.invoice_url), (gettext("Invoice as PDF"), receipt.pdf_url)]
    links = [(label, address) for label, address in links if address]
    return Letter(
        subject=subject,
        title=title,
        greeting=_greeting(email),
        paragraphs=tuple(filter(None, sentences)),
        facts=receipt.facts,
        links=(*links, *_how_to_cancel(row)),
        closing=_how_to_change(row),
    )


def _payment_failed(email: OutgoingEmail, now: datetime) -> Letter | None:
    row = email.subscription
    if row is None or not row.has_payment_trouble:
        return None
    values = {"plan": row.plan_name, "site": conf.current().site_name}
    checkout = row.checkouts.filter(state=CheckoutSession.State.PAYMENT_FAILED).first()
    if row.status == Subscription.Status.PAYMENT_PENDING:
        deadline = row.payment_deadline_at or now
        consequence = _waits_until(deadline)
    elif row.pending_updates:
        consequence = gettext("You keep %(plan)s as it is. Pay with another card, or drop the change.") % values
    else:
        consequence = gettext("You keep your access for now. Please pay with another card to stay on your plan.")
    reasons = [] if checkout is None else _reasons(checkout)
    address = url("checkout_status", checkout.pk) if checkout else url("account")
    invoice = Invoice.objects.filter(stripe_id=row.latest_invoice_id).first() if row.latest_invoice_id else None
    facts = [(gettext("Plan"), row.plan_name)]
    if invoice is not None:
        facts.append((gettext("Amount"), text.money(invoice.amount_remaining)))
    return Letter(
        subject=gettext("Your payment for %(plan)s did not go through, %(site)s") % values,
        title=gettext("Your payment did not go through"),
        greeting=_greeting(email),
        paragraphs=(gettext("Your payment for %(plan)s did not go through.") % values, *reasons, consequence),
        facts=tuple(facts),
        links=((gettext("Pay with another card"), address), *(_how_to_cancel(row) if row.grants_access else ())),
        closing=_how_to_change(row) if row.grants_access else "",
    )


def _awaits_consent(email: OutgoingEmail, now: datetime) -> Letter | None:
    """Who was asked again since hears of the last time only."""
    checkout = email.checkout
    asked = OutgoingEmail.objects.filter(checkout=checkout, kind=email.kind)
    if checkout is None or not checkout.awaits_consent or asked.filter(pk__gt=email.pk).exists():
        return None
    values = {"plan": checkout.plan_name, "site": conf.current().site_name}
    if checkout.price_rose:
        why = (
            gettext("The price of your order for %(plan)s rose before it could be made. Nothing was charged.") % values
        )
    else:
        why = gettext("We can say now what your order for %(plan)s costs. Nothing was charged.") % values
    return Letter(
        subject=gettext("Your order for %(plan)s waits for you, %(site)s") % values,
        title=gettext("Your order waits for you"),
        greeting=_greeting(email),
        paragraphs=(
            why,
            gettext("Your card is saved. If you agree to the price, one click is left."),
            _waits_until(checkout.expires_at),
        ),
        links=((gettext("See the price and confirm"), url("checkout", checkout.pk)),),
    )


def _waits_until(deadline: datetime) -> str:
    waits = gettext("Your order waits until %(time)s UTC. After that it is canceled, and nothing is charged.")
    return waits % {"time": text.moment(deadline)}


def _reasons(checkout: CheckoutSession) -> list[str]:
    explanation = declines.explain(checkout.failure_code)
    return [str(explanation.reason), str(explanation.next_step)]


def _plan_changed(email: OutgoingEmail, now: datetime) -> Letter | None:
    """A change that was paid for in a checkout has its receipt already."""
    row = email.subscription
    if row is None or not row.grants_access:
        return None
    about = OutgoingEmail.objects.filter(subscription=row, created_at__gte=email.created_at - SAME_STEP)
    is_told = about.filter(kind=OutgoingEmail.Kind.RECEIPT).exists()
    has_later = about.filter(kind=email.kind, pk__gt=email.pk).exists()
    if is_told or has_later:
        return None
    values = {"plan": row.plan_name, "site": conf.current().site_name}
    if row.cancellation_at:
        values["date"] = text.date(row.cancellation_at)
        subject = gettext("%(plan)s ends on %(date)s, %(site)s") % values
        title = gettext("%(plan)s ends on %(date)s") % values
        sentence = gettext("%(plan)s ends on %(date)s. Until then you keep everything that it includes.") % values
    else:
        subject = gettext("Your plan has changed, %(site)s") % values
        title = gettext("Your plan has changed")
        sentence = gettext("Your plan has changed. This is what you have now.")
    return Letter(
        subject=subject,
        title=title,
        greeting=_greeting(email),
        paragraphs=(sentence,),
        facts=receipts.plan_facts(row),
        links=_how_to_cancel(row),
        closing=_how_to_change(row),
    )


def _plan_ended(email: OutgoingEmail, now: datetime) -> Letter | None:
    """Not where another plan took its place."""
    row = email.subscription
    if row is None or not row.is_finished or row.customer.subscriptions.all().granting_access().exists():
        return None
    values = {"plan": row.plan_name, "site": conf.current().site_name}
    return Letter(
        subject=gettext("%(plan)s has ended, %(site)s") % values,
        title=gettext("%(plan)s has ended") % values,
        greeting=_greeting(email),
        paragraphs=(
            gettext("%(plan)s has ended, and you will not be charged for it any more.") % values,
            gettext("You are welcome back at any time."),
        ),
        links=((gettext("See the plans"), url("paywall")),),
    )


def _contact(email: OutgoingEmail, now: datetime) -> Letter | None:
    """To staff. An answer to the mail goes to whoever asked."""
    question = email.contact_request
    if question is None or not conf.current().contact_email:
        return None
    about = question.plan_name or gettext("a plan")
    values = {"name": question.name, "plan": about, "site": conf.current().site_name}
    facts = [(gettext("Name"), question.name), (gettext("Email"), question.email)]
    facts += [(gettext("Plan"), question.plan_name)] if question.plan_name else []
    facts += [(gettext("People"), text.number(question.seats))] if question.seats else []
    facts += [(gettext("Language"), question.language)] if question.language else []
    return Letter(
        subject=gettext("%(name)s asks about %(plan)s, %(site)s") % values,
        title=gettext("%(name)s asks about %(plan)s") % values,
        greeting=_greeting(email),
        paragraphs=tuple(line for line in question.message.splitlines() if line.strip()),
        facts=tuple(facts),
    )
