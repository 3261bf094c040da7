"""The card of a checkout: a SetupIntent to enter one for, a saved one instead, the same one again, or none any more."""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta

import structlog
from django.utils import timezone

from billing.errors import GatewayError, GatewayRejected, NothingToChange, SetupIntentMismatch
from billing.gateways import stripe
from billing.gateways.stripe.types import SetupIntentSnapshot
from billing.models import CheckoutSession, PaymentMethod
from billing.services import card_testing, customers
from billing.services.settlement import failed

log = structlog.get_logger(__name__)

State = CheckoutSession.State


def prepare_card(checkout: CheckoutSession, *, address_digest: str = "") -> None:
    """See to it that the checkout has one SetupIntent that a card can be entered for. Safe to call twice. After a
    failed payment a card is wanted whatever the order, which may have been agreed to without one.

    One call to Stripe when there is none yet. A second click while the first is under way asks with the
    same idempotency key and gets the same SetupIntent.
    Raises: GatewayError, Busy, TooManyAttempts; the checkout stays as it is and can be resumed.
    """
    if not checkout.takes_card or (checkout.state == State.OPEN and not checkout.needs_card):
        return
    customer = checkout.customer
    if not customer.is_provisioned:
        customer = customers.provision(customer.pk)
    if checkout.state == State.ACTION_REQUIRED and not _turn_down_authentication(checkout):
        return
    if checkout.setup_intent_id:
        intent = stripe.current().fetch_setup_intent(checkout.setup_intent_id)
        if intent.status != "canceled":
            return
        _number_again(checkout)
    card_testing.count_setup_intent(
        customer, reference=checkout.setup_intent_key, address_digest=address_digest, now=timezone.now()
    )
    intent = stripe.current().create_setup_intent(
        customer_id=str(customer.stripe_id),
        idempotency_key=checkout.setup_intent_key,
        metadata={"checkout_id": str(checkout.pk), "tollgate_customer": customer.stigg_id},
    )
    CheckoutSession.objects.filter(pk=checkout.pk, setup_intent_number=checkout.setup_intent_number).update(
        setup_intent_id=intent.setup_intent_id,
        needs_card=True,
        due_at=timezone.now() + checkout.pause_before_next_look(timezone.now()),
    )
    checkout.setup_intent_id = intent.setup_intent_id


def _turn_down_authentication(checkout: CheckoutSession) -> bool:
    """Another card instead of the bank's confirmation: the first card's payment counts as failed.
    False where no card is wanted any more: it may have been confirmed in another tab just now."""
    if checkout.subscription is not None:
        values = failed(checkout, checkout.subscription, code="authentication_required")
        CheckoutSession.objects.filter(pk=checkout.pk, state=State.ACTION_REQUIRED).update(**values)
        checkout.refresh_from_db()
    return checkout.takes_card


def fetch_setup_intent(checkout: CheckoutSession) -> SetupIntentSnapshot | None:
    """The checkout's SetupIntent with its client_secret, for the page of its customer; None when there is none yet.

    Raises: GatewayError, SetupIntentMismatch.
    """
    if not checkout.setup_intent_id:
        return None
    intent = stripe.current().fetch_setup_intent(checkout.setup_intent_id)
    if intent.customer_id != checkout.customer.stripe_id:
        raise SetupIntentMismatch(f"{intent.setup_intent_id} belongs to another customer")
    return intent


def fetch_payment_secret(checkout: CheckoutSession) -> str | None:
    """The client_secret of the payment that the bank wants confirmed; None when there is nothing to confirm any more.

    Raises: GatewayError.
    """
    payment = stripe.current().fetch_invoice(checkout.invoice_id).payment_intent if checkout.invoice_id else None
    return payment.client_secret if payment and payment.status == "requires_action" else None


def use_saved_card(checkout: CheckoutSession, payment_method_id: str) -> None:
    """Pay with a card on file instead of a new one; `completion.complete` does the rest.

    Raises: SetupIntentMismatch, when it is not a usable card of this customer.
    """
    now = timezone.now()
    card = PaymentMethod.objects.filter(
        customer=checkout.customer, stripe_id=payment_method_id, detached_at=None
    ).first()
    if card is None or card.is_expired(now):
        raise SetupIntentMismatch(f"{payment_method_id} is no usable card of {checkout.customer_id}")
    _confirm_with(checkout, payment_method_id)


def pay_again(checkout: CheckoutSession) -> None:
    """Try the card that failed once more: the customer may have raised its limit.

    Raises: NothingToChange, TooManyAttempts.
    """
    if checkout.state != State.PAYMENT_FAILED or not checkout.invoice_attempted_with:
        raise NothingToChange(f"checkout {checkout.pk} has no failed payment")
    card_testing.refuse_after_refusals(checkout.customer, now=timezone.now())
    _confirm_with(checkout, checkout.invoice_attempted_with)


def record_refusal(checkout: CheckoutSession, *, reference: str) -> None:
    """A card was refused in the form. After too many the SetupIntent is canceled: without it no card can be tried.

    Safe to call twice: `reference` counts once. Raises: GatewayError.
    """
    now = timezone.now()
    card_testing.count_refusal(checkout.customer, reference=reference, now=now)
    if checkout.is_live and checkout.setup_intent_id and card_testing.has_too_many_refusals(checkout.customer, now=now):
        log.warning("checkout.card_form_withdrawn", checkout_id=str(checkout.pk))
        with suppress(GatewayRejected):  # spent or canceled already
            stripe.current().cancel_setup_intent(checkout.setup_intent_id)


def _number_again(checkout: CheckoutSession) -> None:
    number = checkout.setup_intent_number
    CheckoutSession.objects.filter(pk=checkout.pk, setup_intent_number=number).update(
        setup_intent_number=number + 1, setup_intent_id=None
    )
    checkout.refresh_from_db(fields=["setup_intent_number", "setup_intent_id"])


def _confirm_with(checkout: CheckoutSession, payment_method_id: str) -> None:
    now = timezone.now()
    changed = CheckoutSession.objects.filter(pk=checkout.pk, state__in=(State.OPEN, State.PAYMENT_FAILED)).update(
        state=State.CONFIRMED, payment_method_id=payment_method_id, due_at=now
    )
    if changed:
        checkout.refresh_from_db()


def cancel_setup_intent(checkout: CheckoutSession) -> None:
    """A SetupIntent of a closed checkout must not take a card any more. One that is spent refuses; that is as well."""
    if checkout.setup_intent_id and checkout.state != State.SUCCEEDED:
        try:
            stripe.current().cancel_setup_intent(checkout.setup_intent_id)
        except GatewayError as error:
            if error.retryable:
                CheckoutSession.objects.filter(pk=checkout.pk).update(due_at=timezone.now() + timedelta(minutes=5))
                return
            log.info("checkout.setup_intent_not_canceled", checkout_id=str(checkout.pk), error=str(error))
    CheckoutSession.objects.filter(pk=checkout.pk).update(due_at=None)
