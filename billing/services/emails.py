"""E-mails to customers, and to staff: due rows, written with what they tell of, and sent by the worker.

A row's `reference` is its cause, so a cause that is reported four times makes one message. What a message
says is put together when it is sent, from the rows as they then are; what is no longer true is not sent.
"""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any

import structlog
from django.conf import settings
from django.template.loader import render_to_string
from django.utils import timezone, translation

from billing import conf, wake
from billing.gateways import mail
from billing.mirror.subscriptions import UpsertResult
from billing.models import CheckoutSession, ContactRequest, LeaseLost, OutgoingEmail, Subscription
from billing.services import letters
from billing.services.backoff import delay

log = structlog.get_logger(__name__)

Kind, State = OutgoingEmail.Kind, OutgoingEmail.State
LEASE_SECONDS = 120
"""Longer than a mail server is waited for."""
TRIES = 12
PAUSE_FOR_THE_PAGE = timedelta(minutes=10)
"""Whose order cannot be paid, or made, is looking at a page that says so, and mostly mends it there."""
PAUSE_FOR_MORE = timedelta(minutes=1)
"""One step of the customer may change a subscription more than once."""


def queue_receipt(checkout: CheckoutSession) -> None:
    """For a checkout that has succeeded. Call inside the transaction that says so; safe to call again."""
    is_free = not checkout.needs_card and checkout.purpose == CheckoutSession.Purpose.SUBSCRIBE
    if not is_free:
        _queue(Kind.RECEIPT, str(checkout.pk), checkout=checkout, subscription=checkout.subscription)


def queue_awaits_consent(checkout: CheckoutSession) -> None:
    """For a checkout that waits for the customer's word on its price: who looks at its page is asked there. Call inside
    the transaction that says so."""
    cause = f"{checkout.pk}:{timezone.now().isoformat()}"
    _queue(Kind.AWAITS_CONSENT, cause, checkout=checkout, pause=PAUSE_FOR_THE_PAGE)


def queue_contact(request: ContactRequest) -> None:
    """Tell staff of a question, if there is an address for it. Call inside the transaction that keeps the question."""
    if conf.current().contact_email:
        _queue(Kind.CONTACT, str(request.pk), contact_request=request)


def queue_for(result: UpsertResult) -> None:
    """What the customer should hear of a subscription that became different. Call inside a transaction."""
    row, pending = result.subscription, Subscription.Status.PAYMENT_PENDING
    old_status, new_status = result.changed.get("status", (None, None))
    is_new = old_status is None and new_status is not None
    if result.is_payment_failure:
        is_at_the_page = row.status == pending or bool(row.pending_updates)
        pause = PAUSE_FOR_THE_PAGE if is_at_the_page else timedelta(0)
        reference = row.latest_invoice_id or row.stigg_id
        _queue(Kind.PAYMENT_FAILED, reference, customer=row.customer, subscription=row, pause=pause)
    elif is_new:
        return
    elif row.is_finished and old_status in Subscription.GRANTING:
        _queue(Kind.PLAN_ENDED, row.stigg_id, customer=row.customer, subscription=row, pause=PAUSE_FOR_MORE)
    elif row.grants_access and _tells_of_change(result):
        reference = f"{row.stigg_id}:{row.mirrored_at.isoformat()}"
        _queue(Kind.PLAN_CHANGED, reference, customer=row.customer, subscription=row, pause=PAUSE_FOR_MORE)


def _tells_of_change(result: UpsertResult) -> bool:
    """Another plan, period or quantity, or an end that was set or taken back. A trial that becomes a plan is none."""
    return bool(result.changed.keys() & {"plan_id", "billing_period", "quantity", "cancellation_at"})


def _queue(kind: OutgoingEmail.Kind, cause: str, *, pause: timedelta = timedelta(0), **about: Any) -> None:
    checkout = about.get("checkout")
    values = {"kind": kind, "due_at": timezone.now() + pause, **about}
    if checkout is not None:
        values["customer"] = checkout.customer
    _email, is_new = OutgoingEmail.objects.get_or_create(reference=f"{kind}:{cause}"[:255], defaults=values)
    if is_new:
        wake.up("emails")


def work_due(now: datetime, *, batch: int = 50) -> int:
    """Send what is due; how many were tried."""
    due = list(OutgoingEmail.objects.due(now).order_by("due_at").values_list("pk", flat=True)[:batch])
    for pk in due:
        with OutgoingEmail.lease(pk, seconds=LEASE_SECONDS) as email:
            if email is not None and email.due_at is not None and email.due_at <= now:
                with suppress(LeaseLost):
                    _send(email)
    return len(due)


def _send(email: OutgoingEmail) -> None:
    """Under the row's lease: only one worker sends it."""
    own = email.customer.language if email.customer else ""
    with translation.override(own or settings.LANGUAGE_CODE):
        try:
            letter = letters.write(email, now=timezone.now())
            if letter is None:
                email.write_under_lease(state=State.DROPPED, due_at=None)
                return
            if not _recipient(email):
                reason = "there is no address to send it to"
                email.write_under_lease(state=State.DROPPED, due_at=None, last_error=reason)
                return
            message = _message(email, letter)
            mail.send(message)
        except letters.NotReady as error:
            email.write_under_lease(due_at=timezone.now() + timedelta(seconds=5), last_error=str(error))
        except LeaseLost:
            raise
        except Exception as error:  # whatever is wrong with this one, the others go out
            _postpone(email, error)
        else:
            values = {"recipient": message.to, "subject": message.subject[:255]}
            email.write_under_lease(state=State.SENT, sent_at=timezone.now(), due_at=None, last_error="", **values)
            log.info("email.sent", kind=email.kind, reference=email.reference)


def _message(email: OutgoingEmail, letter: letters.Letter) -> mail.Message:
    context = {"letter": letter, "site_name": conf.current().site_name, "billing_url": letters.url("account")}
    return mail.Message(
        to=_recipient(email),
        subject=letter.subject,
        text=render_to_string("billing/email/letter.txt", context),
        html=render_to_string("billing/email/letter.html", context),
        message_id=f"<tollgate-{email.pk}-{email.created_at:%Y%m%d%H%M%S}@{letters.host()}>",
        reply_to=email.contact_request.email if email.contact_request else conf.current().contact_email,
    )


def _recipient(email: OutgoingEmail) -> str:
    customer, ordered_by = email.customer, email.checkout.user if email.checkout else None
    if email.kind == Kind.AWAITS_CONSENT and ordered_by is not None and ordered_by.email:
        return str(ordered_by.email)  # who can sign in and agree; not the accountants
    return conf.current().contact_email if customer is None else customer.invoice_email or customer.email


def _postpone(email: OutgoingEmail, error: Exception) -> None:
    attempts = email.attempts + 1
    is_over = attempts >= TRIES
    log.log(40 if is_over else 30, "email.not_sent", kind=email.kind, attempts=attempts, error=str(error))
    email.write_under_lease(
        attempts=attempts,
        last_error=str(error),
        state=State.FAILED if is_over else State.DUE,
        due_at=None if is_over else timezone.now() + delay(attempts, first_seconds=10),
    )
