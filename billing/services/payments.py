"""The first invoice's payment: with which card, what came of it, and why it failed.

Called under the checkout's lease.
"""

from __future__ import annotations

from datetime import timedelta

import structlog
from django.db import transaction
from django.utils import timezone

from billing.errors import AuthenticationRequired, CardDeclined, GatewayError, GatewayNotFound, GatewayRejected
from billing.gateways import stigg, stripe
from billing.models import CheckoutSession, Subscription
from billing.services import billing_details, card_testing, emails
from billing.services.backoff import delay
from billing.services.settlement import closed, failed, outcome_for, values_for, waiting

log = structlog.get_logger(__name__)

State = CheckoutSession.State


def make_default(checkout: CheckoutSession) -> None:
    """Do not rely on Stripe's event having reached Stigg: name the card ourselves.

    Source: https://docs.stigg.io/documentation/native-integrations/billing/stripe/integration-when-using-stripe-elements-for-checkout
    """
    if checkout.payment_method_id:
        stigg.current().update_customer(
            customer_id=checkout.customer.stigg_id,
            billing_information=billing_details.information(
                checkout.customer, payment_method_id=checkout.payment_method_id
            ),
        )


def pay_open_invoice(checkout: CheckoutSession, *, cause: str) -> None:
    """Pay what the first card could not, with the card of this round. The key makes a repeat harmless."""
    subscription = checkout.subscription
    if subscription is None or not checkout.invoice_id:
        raise GatewayNotFound("no open invoice is known", provider="stigg", operation="GetSubscription")
    make_default(checkout)
    try:
        invoice = stripe.current().pay_invoice(
            checkout.invoice_id,
            payment_method_id=checkout.payment_method_id,
            idempotency_key=f"pay:{checkout.pk}:{checkout.setup_intent_number}",
        )
    except CardDeclined as error:
        _record_decline(checkout, subscription, code=error.decline_code or error.code, message=str(error))
    except AuthenticationRequired:
        checkout.write_under_lease(**waiting(State.ACTION_REQUIRED, subscription, now=timezone.now()))
    except GatewayRejected as error:
        _close_if_void(checkout, error)
    else:
        if invoice.status == "paid":
            checkout.write_under_lease(paid_at=timezone.now())
        checkout.write_under_lease(**waiting(State.PROCESSING, subscription, now=timezone.now()))
    log.info("checkout.invoice_payment", checkout_id=str(checkout.pk), state=checkout.state, cause=cause)


def _close_if_void(checkout: CheckoutSession, error: GatewayRejected) -> None:
    """An invoice that Stripe refuses to have paid is usually void: the deadline has passed."""
    invoice = stripe.current().fetch_invoice(checkout.invoice_id)
    if invoice.status in ("void", "uncollectible"):
        checkout.write_under_lease(**closed(State.EXPIRED, now=timezone.now()))
    elif invoice.status == "paid":
        checkout.write_under_lease(paid_at=timezone.now(), state=State.PROCESSING, due_at=timezone.now())
    else:
        raise error


def look_again(checkout: CheckoutSession) -> None:
    """A payment is under way: ask Stripe what became of it."""
    subscription = checkout.subscription
    if subscription is None:
        raise GatewayNotFound("no subscription is known", provider="stigg", operation="GetSubscription")
    now = timezone.now()
    if not checkout.invoice_id or checkout.paid_at:
        checkout.write_under_lease(due_at=now + delay(checkout.attempts + 1), attempts=checkout.attempts + 1)
        return
    invoice = stripe.current().fetch_invoice(checkout.invoice_id)
    payment = invoice.payment_intent
    if invoice.status == "paid":
        checkout.write_under_lease(paid_at=now, **waiting(State.PROCESSING, subscription, now=now))
    elif invoice.status in ("void", "uncollectible"):
        checkout.write_under_lease(**closed(State.EXPIRED, now=now))
    elif payment and payment.status == "processing":
        checkout.write_under_lease(**waiting(State.PROCESSING, subscription, now=now))
    elif payment and payment.status == "requires_action":
        checkout.write_under_lease(state=State.ACTION_REQUIRED, due_at=now + timedelta(minutes=2))
    elif payment and payment.status == "requires_payment_method":
        code = payment.decline_code or payment.error_code
        _record_decline(checkout, subscription, code=code, message=payment.error_message)
    else:
        checkout.write_under_lease(due_at=now + delay(checkout.attempts + 1), attempts=checkout.attempts + 1)


def record(checkout: CheckoutSession, subscription: Subscription) -> None:
    """Write down what the subscription has come to, with the reason where the payment failed."""
    now = timezone.now()
    outcome = outcome_for(checkout, subscription)
    if outcome == State.PAYMENT_FAILED:
        code, message = _why_it_failed(subscription)
        _record_decline(checkout, subscription, code=code, message=message)
    elif outcome in (State.PROCESSING, State.ACTION_REQUIRED):
        checkout.write_under_lease(**waiting(outcome, subscription, now=now))
    else:
        with transaction.atomic():
            checkout.write_under_lease(**values_for(checkout, subscription, now=now))
            if outcome == State.SUCCEEDED:
                emails.queue_receipt(checkout)
    log.info("checkout.outcome", checkout_id=str(checkout.pk), state=checkout.state)


def _record_decline(checkout: CheckoutSession, subscription: Subscription, *, code: str, message: str) -> None:
    reference = f"pay:{checkout.pk}:{checkout.setup_intent_number}"
    card_testing.count_refusal(checkout.customer, reference=reference, now=timezone.now())
    values = failed(checkout, subscription, code=code, message=message)
    checkout.write_under_lease(**values)


def learn_why(checkout: CheckoutSession) -> None:
    """Ask Stripe why a payment failed of whose failure we heard through Stigg, which passes on a sentence only.
    Safe to repeat; while Stripe does not answer, the reason stays unknown."""
    if checkout.state != State.PAYMENT_FAILED or checkout.failure_code or checkout.subscription is None:
        return
    code, message = _why_it_failed(checkout.subscription)
    if code:
        values = {"failure_code": code, "failure_message": message[:500]}
        CheckoutSession.objects.filter(pk=checkout.pk, state=State.PAYMENT_FAILED, failure_code="").update(**values)
        checkout.refresh_from_db(fields=list(values))


def _why_it_failed(subscription: Subscription) -> tuple[str, str]:
    """Stripe's decline code and message of the first invoice; Stigg passes on a sentence only."""
    if subscription.latest_invoice_id:
        try:
            payment = stripe.current().fetch_invoice(subscription.latest_invoice_id).payment_intent
        except GatewayError as error:
            log.warning("checkout.reason_unknown", error=str(error))
        else:
            if payment:
                return payment.decline_code or payment.error_code, payment.error_message
    return "", subscription.latest_invoice_error
