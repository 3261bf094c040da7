"""Checkout sessions: begin one for a choice, recover a failed payment, give up, and what the sweep does with them."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

import structlog
from django.db import transaction
from django.utils import timezone

from billing import conf
from billing.errors import Busy, NothingToChange, PlanNotOffered, SetupIntentMismatch
from billing.gateways.stigg.types import PlanSnapshot, SubscriptionChoice
from billing.models import CheckoutSession, Customer, Subscription
from billing.money import Money
from billing.services import (
    card_entry,
    catalog,
    completion,
    current,
    customers,
    default_card,
    due,
    expiry,
    provisioning,
    scheduled_changes,
)
from billing.services.order_kinds import changes_nothing
from billing.services.settlement import closed, waits_for_money

if TYPE_CHECKING:
    from django.contrib.auth.models import AbstractBaseUser

log = structlog.get_logger(__name__)

State = CheckoutSession.State
GIVE_UP_SECONDS = 60


@dataclass(frozen=True, slots=True)
class Terms:
    """What the review page has told the customer: what the order is, its price, and whether a card is asked for."""

    kind: str
    needs_card: bool
    due_now: Money | None = None

    @property
    def takes_money(self) -> bool:
        """Whether it is paid for now, if only with what is left of the plan of before: a step up always is."""
        return self.needs_card or bool(self.due_now) or self.kind == CheckoutSession.Kind.UPGRADE


def begin(
    *,
    customer: Customer,
    user: AbstractBaseUser,
    choice: SubscriptionChoice,
    terms: Terms | None = None,
    now: datetime | None = None,
) -> CheckoutSession:
    """The customer's live checkout for `choice`: the same one for a second click or tab, however fast.

    An older choice is superseded, unless its payment is already under way: then that checkout is
    returned, and the customer is shown how it stands. While the last bill of what they have is unpaid, a change that
    costs money waits: the checkout then is the one that pays that bill. No network.
    Raises: PlanNotOffered, NothingToChange.
    """
    moment = now or timezone.now()
    listed = catalog.selling(choice.plan_id, country_code=choice.country_code)
    plan = listed.require_plan(choice.plan_id, choice.billing_period or "")
    if plan.pricing_type not in ("FREE", "PAID"):
        raise PlanNotOffered(f"plan {plan.plan_id!r} is sold by talking to us")
    held = current.subscription_of(customer, plan.product_id, choice.resource_id)
    if changes_nothing(held, choice):
        raise NothingToChange(f"{customer.stigg_id} already has {choice.plan_id}")
    agreed = terms or Terms("", plan.pricing_type == "PAID")
    if held is not None and _is_in_arrears(held) and agreed.takes_money:
        return begin_recovery(customer=customer, user=user, subscription=held)
    with transaction.atomic():
        locked = Customer.objects.select_for_update(no_key=True).get(pk=customer.pk)
        live = customer.checkouts.all().live().first()
        if live is not None:
            if live.is_same_choice(_fields(choice, agreed)) and not live.is_overdue(moment):
                return live
            if live.state not in (State.OPEN, State.PAYMENT_FAILED):
                return live
            if not _close(live, State.SUPERSEDED, now=moment):
                return live
        fields = _fields(choice, agreed) | {"previous_payment_method_id": default_card.before(locked, live)}
        return _create(customer, user, plan, fields, agreed, now=moment)


def _is_in_arrears(subscription: Subscription) -> bool:
    """Whether a bill of what runs is unpaid. A change would credit time that was never paid for, and leave that bill
    open behind its own, where nobody sees it."""
    return bool(
        subscription.has_payment_trouble and subscription.latest_invoice_id and not subscription.pending_updates
    )


def begin_recovery(*, customer: Customer, user: AbstractBaseUser, subscription: Subscription) -> CheckoutSession:
    """A checkout that pays the open invoice of a running subscription with another card. No network.

    Raises: NothingToChange, when no payment is in trouble.
    """
    now = timezone.now()
    with transaction.atomic():
        Customer.objects.select_for_update(no_key=True).get(pk=customer.pk)
        live = customer.checkouts.all().live().first()
        if live is not None:
            if _pays_bill_of(live, subscription) or live.state not in (State.OPEN, State.PAYMENT_FAILED):
                return live
            if not _close(live, State.SUPERSEDED, now=now):
                return live
        if not subscription.has_payment_trouble or not subscription.latest_invoice_id:
            raise NothingToChange(f"subscription {subscription.stigg_id} has no payment in trouble")
        bill = customer.invoices.filter(stripe_id=subscription.latest_invoice_id).first()
        return CheckoutSession.objects.create(
            customer=customer,
            user_id=user.pk,
            purpose=CheckoutSession.Purpose.RECOVER,
            plan_id=subscription.plan_id,
            plan_name=subscription.plan_name,
            billing_period=subscription.billing_period,
            resource_id=subscription.resource_id,
            subscription=subscription,
            subscription_ref=subscription.stigg_id,
            invoice_id=subscription.latest_invoice_id,
            provisioned_at=now,
            due_now_minor=bill.amount_remaining_minor if bill else subscription.total_minor,
            currency=bill.currency if bill else subscription.currency,
            expires_at=subscription.payment_deadline_at or now + _lifetime(),
        )


def _pays_bill_of(checkout: CheckoutSession, subscription: Subscription) -> bool:
    """Whether the checkout ends with the subscription's open invoice paid. An order that waits for its day, or for
    another bill, leaves this one unpaid."""
    is_for_it = checkout.subscription_id == subscription.pk and waits_for_money(checkout, subscription)
    return is_for_it and checkout.invoice_id in ("", subscription.latest_invoice_id)


def give_up(checkout: CheckoutSession) -> None:
    """Cancel the checkout, and with it a subscription or a change that was never paid for. Safe to call twice.

    Under its lease: what somebody is paying for this moment is not canceled below them.
    Raises: Busy, GatewayError, when the pending subscription could not be canceled: then nothing has changed.
    """
    with CheckoutSession.lease(checkout.pk, seconds=GIVE_UP_SECONDS) as held:
        if held is None:
            raise Busy(f"checkout {checkout.pk} is being completed")
        if held.state in (State.OPEN, State.PAYMENT_FAILED, State.ACTION_REQUIRED):
            _give_up(held)
    checkout.refresh_from_db()
    default_card.try_to_restore(checkout)


def _give_up(checkout: CheckoutSession) -> None:
    subscription = checkout.subscription
    if subscription and subscription.status == Subscription.Status.PAYMENT_PENDING:
        if not provisioning.cancel_unpaid(subscription.stigg_id):
            customers.refresh_soon(checkout.customer_id)
            return
    elif subscription and (checkout.is_change or checkout.kind == CheckoutSession.Kind.TO_FREE):
        provisioning.drop_pending_update(subscription)
        if subscription.scheduled_updates:  # a change that waits for its day must not come about once it is dropped
            scheduled_changes.drop_scheduled(subscription)
    _close(checkout, State.CANCELED, now=timezone.now())
    if subscription:
        customers.refresh_soon(checkout.customer_id)


def work_due(now: datetime, *, batch: int = 50) -> int:
    """Complete, expire and tidy the checkouts that are due; how many were tried."""
    rows = CheckoutSession.objects
    due_ones = rows.due(now).order_by("due_at").values_list("pk", flat=True)[:batch]
    tried = due.in_turn(list(due_ones), _complete, postpone=_postpone)
    overdue = rows.overdue(now).order_by("expires_at").values_list("pk", flat=True)[:batch]
    tried += due.in_turn(list(overdue), lambda pk: expiry.expire(pk, now=now), postpone=_postpone)
    to_tidy = rows.to_tidy(now).order_by("due_at")[:batch]
    return tried + due.in_turn(list(to_tidy), _tidy, postpone=lambda checkout: _postpone(checkout.pk))


def _complete(pk: UUID) -> None:
    with suppress(SetupIntentMismatch):  # written down on the row
        completion.complete(pk, cause="sweep")


def _tidy(checkout: CheckoutSession) -> None:
    """A checkout that is over leaves behind neither its card as the default, unless it succeeded, nor a SetupIntent."""
    default_card.restore(checkout)
    card_entry.cancel_setup_intent(checkout)


def _postpone(pk: UUID) -> None:
    CheckoutSession.objects.filter(pk=pk).update(due_at=timezone.now() + due.PAUSE)


def _fields(choice: SubscriptionChoice, terms: Terms) -> dict[str, Any]:
    return {
        "kind": terms.kind,
        "needs_card": terms.needs_card,
        "plan_id": choice.plan_id,
        "billing_period": choice.billing_period or "",
        "country_code": choice.country_code,
        "resource_id": choice.resource_id,
        "quantities": dict(choice.unit_quantities),
        "addons": dict(choice.addons),
        "coupon_id": choice.coupon_id,
        "promotion_code": choice.promotion_code,
    }


def _create(
    customer: Customer,
    user: AbstractBaseUser,
    plan: PlanSnapshot,
    fields: dict[str, Any],
    terms: Terms,
    *,
    now: datetime,
) -> CheckoutSession:
    return CheckoutSession.objects.create(
        **fields,
        customer=customer,
        user_id=user.pk,
        plan_name=plan.display_name,
        state=State.OPEN if terms.needs_card else State.CONFIRMED,
        due_at=None if terms.needs_card else now,
        due_now_minor=terms.due_now.amount_minor if terms.due_now is not None else None,
        currency=terms.due_now.currency if terms.due_now is not None else "",
        expires_at=now + _lifetime(),
    )


def _lifetime() -> timedelta:
    return timedelta(hours=conf.current().checkout_lifetime_hours)


def _close(checkout: CheckoutSession, state: str, *, now: datetime) -> bool:
    """Unless it has moved on since it was read: a card may have been confirmed for it this moment."""
    rows = CheckoutSession.objects.filter(pk=checkout.pk, state=checkout.state)
    is_closed = rows.update(**closed(state, now=now)) == 1
    checkout.refresh_from_db()
    return is_closed
