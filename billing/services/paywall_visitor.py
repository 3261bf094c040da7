"""From a customer's rows to the Visitor of the paywall's rules."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache
from typing import Any

from django.contrib.auth.models import AbstractBaseUser
from django.db.models import QuerySet

from billing.models import Customer, Membership, Subscription
from billing.services.current import is_paid
from billing.services.plan_visitor import ScheduledChange, Visitor

# All that is read of a subscription here and for the banner: reading whole rows costs twice as much.
FIELDS = (
    *("status", "payment_collection", "product_id", "resource_id", "plan_id", "plan_name", "pricing_type", "stigg_id"),
    *("billing_period", "trial_ends_at", "quantities", "scheduled_updates", "currency"),
)
OF_CUSTOMER = ("role", "customer_id", "customer__country", "customer__trial_eligibility")
OF_SUBSCRIPTION = tuple(f"customer__subscriptions__{name}" for name in FIELDS)
NEWEST_FIRST = ("-customer__subscriptions__created_at", "-customer__subscriptions__pk")


def visitor_for(customer: Customer | None, *, now: datetime, product_id: str = "", resource_id: str = "") -> Visitor:
    """What the rules need to know: the trial first, else the active subscription.

    Of `product_id` alone where several are sold; of one resource (a workspace, a site) where one is asked for.
    """
    if customer is None:
        return Visitor()
    rows, said = list(customer.subscriptions.all()), customer.trial_eligibility
    return _visitor(rows, said, now=now, product_id=product_id, resource_id=resource_id)


@dataclass(frozen=True, slots=True)
class Looker:
    """Somebody who is signed in, as far as the paywall looks different for them."""

    visitor: Visitor
    country: str = ""
    has_payment_trouble: bool = False

    @property
    def likeness(self) -> str:
        """The same for all whose paywall looks the same. An id shows only where a change can be taken back."""
        visitor = self.visitor if self.visitor.scheduled else replace(self.visitor, subscription_id="")
        return f"{self.country} {visitor!r}"


def looker(user: AbstractBaseUser, *, now: datetime, product_id: str = "", resource_id: str = "") -> Looker:
    """As `visitor_for`, from one query: without the whole of customer and subscriptions."""
    found = list(_lookers().filter(user_id=user.pk))
    if not found:
        return Looker(Visitor())
    paying = (each for each in found if each[0] in Membership.BILLING_ROLES)
    _role, customer_id, country, said, *_rest = next(paying, found[0])
    rows = [
        Subscription(**dict(zip(FIELDS, values, strict=True)))
        for _role, customer, _country, _said, subscription, *values in found
        if customer == customer_id and subscription is not None
    ]
    visitor = _visitor(rows, said, now=now, product_id=product_id, resource_id=resource_id)
    return Looker(visitor, country, has_payment_trouble=any(row.has_payment_trouble for row in rows))


@cache
def _lookers() -> QuerySet[Membership, tuple[Any, ...]]:
    """Everybody's memberships and subscriptions. Prepared once: naming these columns takes as long as reading them."""
    rows = Membership.objects.order_by("created_at", *NEWEST_FIRST)
    return rows.values_list(*OF_CUSTOMER, "customer__subscriptions", *OF_SUBSCRIPTION)


def _visitor(
    rows: list[Subscription], said: dict[str, bool], *, now: datetime, product_id: str, resource_id: str
) -> Visitor:
    granting = [
        row
        for row in rows
        if row.grants_access and row.resource_id == resource_id and (not product_id or row.product_id == product_id)
    ]
    on_trial = [row for row in granting if row.status == Subscription.Status.IN_TRIAL]
    current = next(iter(on_trial or granting), None)
    trialed = _trialed_products(rows, said)
    if current is None:
        return Visitor(is_signed_in=True, trialed_products=trialed)
    return Visitor(
        is_signed_in=True,
        current_plan_id=current.plan_id,
        current_plan_name=current.plan_name,
        current_period=current.billing_period,
        is_on_trial=bool(on_trial),
        trial_days_left=_days_left(current.trial_ends_at, now) if on_trial else 0,
        has_custom_plan=current.pricing_type == "CUSTOM",
        trialed_products=trialed,
        currency=current.currency if is_paid(current) else "",
        quantities={str(feature_id): int(count) for feature_id, count in current.quantities.items()},
        subscription_id=current.stigg_id,
        scheduled=tuple(_scheduled(update) for update in current.scheduled_updates if _is_agreed(update)),
    )


def _trialed_products(rows: list[Subscription], said: dict[str, bool]) -> frozenset[str]:
    """Those that Stigg refuses, and those that the customer has tried or paid for: an order follows the same rule
    (`current.may_try`)."""
    had = {row.product_id for row in rows if row.trial_ends_at is not None or is_paid(row)}
    refused = {product_id for product_id, is_eligible in said.items() if not is_eligible}
    return frozenset(refused | had)


def _is_agreed(update: dict[str, Any]) -> bool:
    """Not one that waits for money: that one may never come."""
    return update.get("status") == "Scheduled"


def _scheduled(update: dict[str, Any]) -> ScheduledChange:
    quantity = update.get("quantity")
    return ScheduledChange(
        kind=update["type"],
        at=datetime.fromisoformat(update["scheduled_at"]),
        plan_id=update.get("target_id", ""),
        plan_name=update.get("target_name", ""),
        period=update.get("billing_period", ""),
        feature_id=update.get("feature_id", ""),
        quantity=None if quantity is None else int(quantity),
    )


def _days_left(ends_at: datetime | None, now: datetime) -> int:
    """Begun days count whole."""
    return max(0, math.ceil((ends_at - now).total_seconds() / 86_400)) if ends_at else 0
