"""What the customer has of a product, as the start of an order and as the measure of whether it changes anything.

Rows only, no network.
"""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import datetime

from django.utils.translation import gettext

from billing.gateways.stigg.types import PlanSnapshot, SubscriptionChoice
from billing.models import Customer, PaymentMethod, Subscription
from billing.services import text
from billing.services.options import AddonOption, addon_options, quantity_options

Status = Subscription.Status


def subscription_of(customer: Customer, product_id: str, resource_id: str = "") -> Subscription | None:
    """The running subscription that an order is measured against: a paid one, else a trial, else a free one.

    Each resource (a workspace, a site) has its own, beside the one that is for none of them.
    """
    rows = customer.subscriptions.all().granting_access().filter(product_id=product_id, resource_id=resource_id)
    return min(rows, key=_weight, default=None)


def _weight(row: Subscription) -> int:
    if row.status == Status.IN_TRIAL:
        return 1
    return 0 if row.pricing_type != "FREE" else 2


def is_paid(row: Subscription | None) -> bool:
    """Whether an order changes this subscription in place instead of making another."""
    return row is not None and row.status == Status.ACTIVE and row.pricing_type == "PAID"


def is_same(row: Subscription, choice: SubscriptionChoice) -> bool:
    """Whether `choice` is what the subscription already is. A trial is not: to buy it is a step of its own."""
    return (
        row.status != Status.IN_TRIAL
        and row.plan_id == choice.plan_id
        and row.billing_period == (choice.billing_period or "")
        and row.addon_quantities == dict(choice.addons)
        and all(row.quantities.get(feature_id, count) == count for feature_id, count in choice.unit_quantities)
    )


def starting_values(row: Subscription | None, plan: PlanSnapshot, period: str) -> dict[str, str]:
    """Form values with which the order of a customer starts: the quantities and add-ons that they have, where the
    plan takes them."""
    if row is None:
        return {}
    values = {}
    for quantity in quantity_options(plan, period):
        held = row.quantities.get(quantity.feature_id)
        if held is not None:
            upper = held if quantity.maximum is None else min(held, quantity.maximum)
            values[f"quantity-{quantity.feature_id}"] = str(max(upper, quantity.minimum))
    for addon in addons_on_offer(row, plan, period):
        held = row.addon_quantities.get(addon.addon_id)
        if held:
            values[f"addon-{addon.addon_id}"] = str(held if addon.maximum is None else min(held, addon.maximum))
    return values


def waiting_after(trial: Subscription) -> Subscription | None:
    """The paid subscription that was bought during `trial` and begins at its end, where Stigg starts it only then."""
    rows = trial.customer.subscriptions.filter(product_id=trial.product_id, resource_id=trial.resource_id)
    return rows.filter(status=Status.NOT_STARTED).order_by("started_at").first()


def with_kept_addons(row: Subscription | None, plan: PlanSnapshot, choice: SubscriptionChoice) -> SubscriptionChoice:
    """`choice` with what the customer has of the same plan and no form offers: free, custom or given add-ons. Stigg
    takes the list as a whole, so what is not in it would be taken away."""
    if row is None or row.plan_id != choice.plan_id:
        return choice
    return replace(choice, addons=(*choice.addons, *_kept_addons(row, plan).items()))


def _kept_addons(row: Subscription | None, plan: PlanSnapshot) -> dict[str, int]:
    if row is None or row.plan_id != plan.plan_id:
        return {}
    offered = {option.addon_id for period in plan.periods for option in addon_options(plan, period)}
    return {addon_id: count for addon_id, count in row.addon_quantities.items() if addon_id not in offered}


def addons_on_offer(row: Subscription | None, plan: PlanSnapshot, period: str) -> tuple[AddonOption, ...]:
    """The add-ons that can be ordered with the plan in `period`: not those that need one which is not to be had in it,
    and which Stigg would refuse."""
    found, kept = addon_options(plan, period), set(_kept_addons(row, plan))
    while True:
        known = {option.addon_id for option in found} | kept
        usable = tuple(option for option in found if known.issuperset(option.requires))
        if usable == found:
            return found
        found = usable


def end_of_addons(row: Subscription | None, plan: PlanSnapshot, choice: SubscriptionChoice | None) -> str:
    """What an order takes away because it is not sold with it; what the customer takes off the form is no news."""
    if row is None or choice is None:
        return ""
    on_offer = {option.addon_id for option in addons_on_offer(row, plan, choice.billing_period or "")}
    stays = on_offer | {addon_id for addon_id, _count in choice.addons}
    names = [addon["display_name"] for addon in row.addons if addon["addon_id"] not in stays]
    if not names:
        return ""
    sentence = gettext("This ends %(addons)s, which cannot be bought with the plan and billing period chosen here.")
    return sentence % {"addons": text.listing(names)}


def may_try(customer: Customer, plan: PlanSnapshot) -> bool:
    """Whether the plan would start with its trial: once per product, and not after having paid for it.

    Source: https://docs.stigg.io/documentation/modeling-your-pricing-in-stigg/plans/free-trials
    """
    if plan.default_trial is None or not customer.trial_eligibility.get(plan.product_id, True):
        return False
    of_product = customer.subscriptions.filter(product_id=plan.product_id)
    had_trial = of_product.exclude(trial_ends_at=None).exists()
    had_paid = of_product.filter(pricing_type="PAID", status=Status.ACTIVE).exists()
    return not had_trial and not had_paid


def days_left(row: Subscription, now: datetime) -> int:
    """Whole days of a trial that are left, begun ones counted."""
    if row.trial_ends_at is None or row.status != Status.IN_TRIAL:
        return 0
    return max(0, math.ceil((row.trial_ends_at - now).total_seconds() / 86_400))


def card_on_file(customer: Customer, now: datetime) -> PaymentMethod | None:
    """The default card, if it can be charged; else the only other one that can."""
    cards = [row for row in customer.payment_methods.filter(detached_at=None, type="card") if not row.is_expired(now)]
    default = next((row for row in cards if row.is_default), None)
    return default or (cards[0] if len(cards) == 1 else None)
