"""Which card is the customer's default again when an order comes to nothing: the one of before.

The card of an order becomes the default at Stigg and Stripe before it has paid anything. One that was then declined
must not be left to pay the next bill of what goes on running.
"""

from __future__ import annotations

import structlog
from django.db.models import Q

from billing.errors import Busy, GatewayError, GatewayRejected, GatewayUnauthorized
from billing.gateways import stigg, stripe
from billing.models import CheckoutSession, Customer, Subscription
from billing.services import billing_details, customers, payment_methods

log = structlog.get_logger(__name__)

State = CheckoutSession.State
CAME_TO_NOTHING = (State.CANCELED, State.EXPIRED, State.SUPERSEDED)


def before(customer: Customer, superseded: CheckoutSession | None) -> str:
    """The default that an order which begins now would leave behind: not the card that the order before it, which it
    supersedes, has tried in vain. Rows only."""
    default_id = customer.default_payment_method_id
    if superseded and superseded.previous_payment_method_id and default_id == _card_of(superseded):
        return superseded.previous_payment_method_id
    return default_id


def restore(checkout: CheckoutSession) -> None:
    """Make the card of before the default again, once the order has come to nothing. Safe to repeat.

    Unless the default has become another one meanwhile, or a later order relies on this card.
    Raises: GatewayError; then it is to be tried again.
    """
    if checkout.state not in CAME_TO_NOTHING or not checkout.previous_payment_method_id:
        return
    customer, card_id = checkout.customer, _card_of(checkout)
    previous_id = checkout.previous_payment_method_id
    is_gone = customer.payment_methods.filter(stripe_id=previous_id).exclude(detached_at=None).exists()
    if card_id not in ("", previous_id) and not is_gone and not _is_used_since(checkout, card_id):
        _replace_default(customer, card_id, previous_id)
    CheckoutSession.objects.filter(pk=checkout.pk).update(previous_payment_method_id="")
    checkout.previous_payment_method_id = ""


def try_to_restore(checkout: CheckoutSession) -> None:
    """As `restore`, at once for whoever is looking; what fails is done by the sweep, which tidies up each checkout."""
    try:
        restore(checkout)
    except GatewayError as error:
        log.warning("checkout.default_card_not_restored", checkout_id=str(checkout.pk), error=str(error))


def try_to_restore_for(subscription: Subscription) -> None:
    """As `try_to_restore`, for the orders of a subscription that have just been dropped."""
    left = subscription.checkouts.filter(state__in=CAME_TO_NOTHING).exclude(previous_payment_method_id="")
    for checkout in left.select_related("customer"):
        try_to_restore(checkout)


def _card_of(checkout: CheckoutSession) -> str:
    """The card that the order made the default last."""
    return checkout.payment_method_id or checkout.invoice_attempted_with


def _is_used_since(checkout: CheckoutSession, card_id: str) -> bool:
    later = CheckoutSession.objects.filter(customer=checkout.customer_id, created_at__gt=checkout.created_at)
    relies = Q(payment_method_id=card_id) | Q(invoice_attempted_with=card_id)
    return later.filter(relies).exclude(state__in=CAME_TO_NOTHING).exists()


def _replace_default(customer: Customer, card_id: str, previous_id: str) -> None:
    try:
        if stripe.current().fetch_default_payment_method_id(str(customer.stripe_id)) != card_id:
            return
        stigg.current().update_customer(
            customer_id=customer.stigg_id,
            billing_information=billing_details.information(customer, payment_method_id=previous_id),
        )
    except GatewayUnauthorized:  # staff can mend that
        raise
    except GatewayRejected as error:  # the card or the customer is gone: there is nothing to go back to
        log.warning("customer.default_card_refused", customer_id=customer.stigg_id, error=str(error))
        return
    log.info("customer.default_card_restored", customer_id=customer.stigg_id)
    try:
        payment_methods.refresh_default(customer.pk)
    except (Busy, GatewayError):
        customers.refresh_soon(customer.pk)
