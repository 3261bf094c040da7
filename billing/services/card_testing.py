"""Limits against card testing: thieves try stolen numbers on forms like ours. Counted in rows, so they hold everywhere.

Source: https://docs.stripe.com/disputes/prevention/card-testing
"""

from __future__ import annotations

from datetime import datetime, timedelta

import structlog
from django.db import transaction
from django.db.models import QuerySet
from django.utils.crypto import salted_hmac

from billing import conf
from billing.errors import TooManyAttempts
from billing.models import CardAttempt, Customer

log = structlog.get_logger(__name__)

SHORT_WINDOW = timedelta(minutes=10)
LONG_WINDOW = timedelta(days=1)


def digest_address(address: str) -> str:
    """A keyed hash of a network address: enough to count, useless to whoever steals the table."""
    return salted_hmac("tollgate.card-testing", address).hexdigest() if address else ""


def count_setup_intent(customer: Customer, *, reference: str, address_digest: str, now: datetime) -> None:
    """Count one SetupIntent before it is made. Counting the same `reference` twice counts once.

    Raises: TooManyAttempts, and then nothing may be asked of Stripe.
    """
    with transaction.atomic():
        Customer.objects.select_for_update(no_key=True).get(pk=customer.pk)
        if CardAttempt.objects.filter(reference=reference).exists():
            return
        _refuse_above_limits(customer, address_digest=address_digest, now=now)
        CardAttempt.objects.create(
            customer=customer,
            kind=CardAttempt.Kind.SETUP_INTENT,
            reference=reference,
            address_digest=address_digest,
            happened_at=now,
        )


def count_refusal(customer: Customer, *, reference: str, now: datetime) -> None:
    """Count a card that Stripe refused. Counting the same `reference` twice counts once."""
    CardAttempt.objects.get_or_create(
        reference=reference,
        defaults={"customer": customer, "kind": CardAttempt.Kind.REFUSED, "happened_at": now},
    )


def count_coupon(customer: Customer, code: str, *, now: datetime) -> None:
    """Count a refused coupon code; the same code counts once an hour."""
    CardAttempt.objects.get_or_create(
        reference=f"coupon:{customer.pk}:{code[:100]}:{now:%Y-%m-%dT%H}",
        defaults={"customer": customer, "kind": CardAttempt.Kind.COUPON, "happened_at": now},
    )


def refuse_after_coupons(customer: Customer, *, now: datetime) -> None:
    """Stop the guessing of codes.

    Raises: TooManyAttempts.
    """
    refused = CardAttempt.objects.filter(customer=customer, kind=CardAttempt.Kind.COUPON)
    _refuse([(refused, SHORT_WINDOW, conf.current().coupons_per_10_minutes)], customer, now=now)


def has_too_many_refusals(customer: Customer, *, now: datetime) -> bool:
    """Whether so many cards were refused lately that the form should be taken away."""
    try:
        refuse_after_refusals(customer, now=now)
    except TooManyAttempts:
        return True
    return False


def refuse_after_refusals(customer: Customer, *, now: datetime) -> None:
    """Stop charging card after card.

    Raises: TooManyAttempts.
    """
    refused = CardAttempt.objects.filter(customer=customer, kind=CardAttempt.Kind.REFUSED)
    _refuse([(refused, SHORT_WINDOW, 2 * conf.current().setup_intents_per_10_minutes)], customer, now=now)


def _refuse_above_limits(customer: Customer, *, address_digest: str, now: datetime) -> None:
    limits = conf.current()
    own = CardAttempt.objects.filter(customer=customer)
    made = own.filter(kind=CardAttempt.Kind.SETUP_INTENT)
    nearby = CardAttempt.objects.filter(address_digest=address_digest, kind=CardAttempt.Kind.SETUP_INTENT)
    checks = [
        (made, SHORT_WINDOW, limits.setup_intents_per_10_minutes),
        (made, LONG_WINDOW, limits.setup_intents_per_day),
        (own.filter(kind=CardAttempt.Kind.REFUSED), SHORT_WINDOW, 2 * limits.setup_intents_per_10_minutes),
    ]
    if address_digest:
        checks.append((nearby, SHORT_WINDOW, limits.setup_intents_per_address_per_10_minutes))
    _refuse(checks, customer, now=now)


def _refuse(checks: list[tuple[QuerySet[CardAttempt], timedelta, int]], customer: Customer, *, now: datetime) -> None:
    for attempts, window, limit in checks:
        times = list(attempts.filter(happened_at__gt=now - window).values_list("happened_at", flat=True)[:limit])
        if len(times) >= limit:
            wait = int((times[-1] + window - now).total_seconds()) + 1
            log.warning("card_testing.limited", customer_id=customer.stigg_id, limit=limit, window=str(window))
            raise TooManyAttempts(f"{limit} attempts in {window}", retry_after_seconds=wait)
