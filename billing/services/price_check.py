"""The last look at the price: nobody is charged more than what the card page, or the review page, has shown them.

What was shown is on the checkout's row: each button that leads to a charge says the price beside it, and the card form
does so before Stripe has the card. A page may have been open for hours, and meanwhile a credit is used up, a code ends
or a price rises: then the card is kept, the checkout is open again, and its page shows the new price with a button that
confirms it.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from math import ceil
from uuid import UUID

import structlog
from django.core import signing
from django.db import transaction
from django.utils import timezone

from billing.errors import Busy, GatewayRejected
from billing.gateways.stigg.types import PreviewSnapshot, SubscriptionChoice
from billing.models import CheckoutSession, Subscription
from billing.money import Money
from billing.services import billing_details, catalog, emails, payments, previews
from billing.services.provisioning import choice_of

log = structlog.get_logger(__name__)

State = CheckoutSession.State
PRICED_BY_REVIEW = timedelta(minutes=1)
"""How long what the review page's POST has priced needs no other look, where no card comes with it. A card comes with
billing details, by which taxes may differ."""
ENTERING_A_CARD = timedelta(minutes=2)
STILL_BEING_MADE = timedelta(minutes=3)
"""Longer than anybody waits for Stigg's answer."""
CONSENT_PATIENCE = timedelta(days=1)
"""How long at least an order waits for the customer's word on its price."""


def note_shown(checkout: CheckoutSession, price: Money | None) -> CheckoutSession:
    """Write down what the customer sees before they agree; None when no price of Stigg's could be shown."""
    minor, currency = (price.amount_minor, price.currency) if price is not None else (None, checkout.currency)
    if (minor, currency) != (checkout.due_now_minor, checkout.currency):
        not_ordered = CheckoutSession.objects.filter(
            pk=checkout.pk,
            purpose=CheckoutSession.Purpose.SUBSCRIBE,
            state__in=(State.OPEN, State.CONFIRMED),
            provision_started_at=None,
        )
        if not_ordered.update(due_now_minor=minor, currency=currency):
            checkout.due_now_minor, checkout.currency = minor, currency
    return checkout


def agreement(checkout: CheckoutSession, price: Money | None) -> str:
    """What a card page hands to `agree`; None when it shows no price of Stigg's."""
    shown = [price.amount_minor, price.currency] if price is not None else None
    return signing.dumps(shown, salt=_salt(checkout.pk))


def agree(checkout_id: UUID, agreed: str) -> None:
    """A card is about to be given at the price of this `agreement`, whatever another tab has shown since.

    Raises: BadSignature, when it is none of this checkout's.
    """
    shown = signing.loads(agreed, salt=_salt(checkout_id))
    checkout = CheckoutSession.objects.filter(pk=checkout_id).first()
    if checkout is not None:
        note_shown(checkout, Money(*shown) if shown else None)


def _salt(checkout_id: UUID) -> str:
    return f"billing.agreement.{checkout_id}"


def confirm(checkout: CheckoutSession) -> None:
    """The customer has pressed the button beside the new price, which `note_shown` has written down."""
    waiting = CheckoutSession.objects.filter(pk=checkout.pk, state=State.OPEN).exclude(payment_method_id="")
    waiting.update(state=State.CONFIRMED, due_at=timezone.now())
    checkout.refresh_from_db()


def is_agreed(checkout: CheckoutSession) -> bool:
    """Whether the order may be made at the price that it has now, with its card as the default: both in one call.

    Called under the checkout's lease, before each try. What was priced is what is ordered: a code that has ended is
    taken off. Where the price is more than the one that was shown, the checkout waits for the customer. Raises:
    GatewayError, without a price; Busy, when it rose while a try may still come about at the price of before.
    """
    if checkout.purpose != CheckoutSession.Purpose.SUBSCRIBE:
        return True
    if checkout.awaits_consent:
        return False
    if _is_priced(checkout):
        payments.make_default(checkout)
        return True
    choice, preview = _price(checkout)
    if not _covers(checkout.due_now, preview.due_now, tolerance=_tolerance(checkout, preview)):
        if _is_being_made(checkout):
            raise Busy(f"checkout {checkout.pk} was tried a moment ago, and costs more since")
        _ask_customer(checkout, preview.due_now)
        return False
    codes = {"coupon_id": choice.coupon_id, "promotion_code": choice.promotion_code}
    if not checkout.is_same_choice(codes):
        checkout.write_under_lease(**codes)
    return True


def _is_being_made(checkout: CheckoutSession) -> bool:
    """Whether Stigg was asked for it a moment ago, and may be at it still."""
    started_at = checkout.provision_started_at
    return started_at is not None and timezone.now() - started_at < STILL_BEING_MADE


def _is_priced(checkout: CheckoutSession) -> bool:
    """Whether there is nothing to compare: a free plan, which has no period; no card, and just priced by the review
    page; or begun by code of the host application, which has shown no price of ours."""
    is_new = timezone.now() - checkout.created_at < PRICED_BY_REVIEW
    is_of_host = not checkout.kind and checkout.due_now is None and not checkout.price_rose
    is_just_reviewed = is_new and not checkout.payment_method_id
    return not checkout.billing_period or is_just_reviewed or is_of_host


def _price(checkout: CheckoutSession) -> tuple[SubscriptionChoice, PreviewSnapshot]:
    """What Stigg asks for the order now, without a code that it does not take any more. Raises: GatewayError."""
    choice = choice_of(checkout)
    try:
        return _ask_stigg(checkout, choice)
    except GatewayRejected as error:
        if not choice.code or not previews.coupon_refusal(error):
            raise
    return _ask_stigg(checkout, replace(choice, coupon_id="", promotion_code=""))


def _ask_stigg(checkout: CheckoutSession, choice: SubscriptionChoice) -> tuple[SubscriptionChoice, PreviewSnapshot]:
    customer, card = checkout.customer, checkout.payment_method_id
    return previews.preview_with_code(
        customer,
        choice,
        version=catalog.selling(choice.plan_id, country_code=choice.country_code).version,
        is_final=True,
        billing=billing_details.information(customer, payment_method_id=card) if card else None,
    )


def _covers(shown: Money | None, price: Money, *, tolerance: int) -> bool:
    if price.amount_minor <= 0:
        return True
    if shown is None or shown.currency != price.currency:
        return False
    return shown.amount_minor + tolerance >= price.amount_minor


def _tolerance(checkout: CheckoutSession, preview: PreviewSnapshot) -> int:
    """What the credit for the rest of a running period loses while a card is entered, in minor units. It shrinks by the
    second: without this, whoever changes to another period would be asked again and again about a cent.
    """
    if not preview.proration_credit:
        return 0
    rows = checkout.customer.subscriptions.all().granting_access()
    lost = [_lost_by(row, ENTERING_A_CARD) for row in rows.exclude(total_minor=None)]
    return 1 + max(lost, default=0)


def _lost_by(row: Subscription, time: timedelta) -> int:
    starts_at, ends_at = row.current_period_started_at, row.current_period_ends_at
    if starts_at is None or ends_at is None or ends_at <= starts_at or row.total_minor is None:
        return 0
    return ceil(row.total_minor * (time / (ends_at - starts_at)))


def _ask_customer(checkout: CheckoutSession, price: Money) -> None:
    """Back to the card page. Without the old price: a repeat that cannot be priced must not go by it."""
    log.info("checkout.price_rose", checkout_id=str(checkout.pk), shown=str(checkout.due_now), price=str(price))
    kind = CheckoutSession.Kind.NEW if checkout.kind == CheckoutSession.Kind.TRIAL else checkout.kind
    with transaction.atomic():
        checkout.write_under_lease(
            state=State.OPEN,
            kind=kind,
            needs_card=True,
            due_now_minor=None,
            price_rose=checkout.price_rose or checkout.due_now is not None,
            provision_started_at=None,
            due_at=None,
            expires_at=max(checkout.expires_at, timezone.now() + CONSENT_PATIENCE),
        )
        emails.queue_awaits_consent(checkout)
