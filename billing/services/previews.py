"""Stigg's preview of a choice: kept for a while, asked for sparingly, and its refusals of a coupon put into words."""

from __future__ import annotations

import hashlib
from dataclasses import replace

from django.core.cache import cache
from django.utils.translation import gettext_lazy as _

from billing.errors import GatewayRejected, GatewayUnavailable, Text
from billing.gateways import stigg
from billing.gateways.stigg.types import BillingInformation, PreviewSnapshot, SubscriptionChoice
from billing.models import Customer

KEPT_SECONDS = 120
PER_MINUTE = 12
"""Stigg allows 30 mutations a minute per customer, and a preview is one: so many for looks, as many for orders (who
has looked too often must still see what they pay), and room for the rest.
Source: https://docs.stigg.io/api-and-sdks/integration/graphql/rate-limits"""

COUPON_REFUSALS: dict[str, Text] = {
    "CouponNotFound": _("We do not know this code."),
    "PromotionCodeNotFound": _("We do not know this code."),
    "ArchivedCouponCantBeApplied": _("This code is not valid any more."),
    "PromotionCodeNotActive": _("This code is not valid any more."),
    "PromotionCodeNotForCustomer": _("This code is meant for somebody else."),
    "PromotionCodeCustomerNotFirstPurchase": _("This code is for a first purchase only."),
    "PromotionCodeMaxRedemptionsReached": _("This code has been used up."),
    "PromotionCodeMinimumAmountNotReached": _("Your order is too small for this code."),
    "CustomerAlreadyUsesCoupon": _("You already have a discount."),
    "CustomerAlreadyHaveCustomerCoupon": _("You already have a discount."),
}


def preview_with_code(
    customer: Customer,
    choice: SubscriptionChoice,
    *,
    version: str,
    is_final: bool = False,
    is_order: bool = False,
    billing: BillingInformation | None = None,
) -> tuple[SubscriptionChoice, PreviewSnapshot]:
    """As `preview`, with the typed code of `choice.coupon_id` told apart: a coupon of the catalog or, where there is
    none of that id, a promotion code of the billing provider.

    Raises: GatewayError.
    """

    def ask(which: SubscriptionChoice) -> PreviewSnapshot:
        return preview(customer, which, version=version, is_final=is_final, is_order=is_order, billing=billing)

    as_promotion = replace(choice, coupon_id="", promotion_code=choice.coupon_id)
    key = f"tollgate.promotion.{hashlib.sha256(choice.coupon_id.encode()).hexdigest()}"
    if choice.coupon_id and cache.get(key):
        return as_promotion, ask(as_promotion)
    try:
        return choice, ask(choice)
    except GatewayRejected as error:
        if not choice.coupon_id or error.upstream_code != "CouponNotFound":
            raise
    found = ask(as_promotion)
    cache.set(key, 1, KEPT_SECONDS)
    return as_promotion, found


def preview(
    customer: Customer,
    choice: SubscriptionChoice,
    *,
    version: str,
    is_final: bool = False,
    is_order: bool = False,
    billing: BillingInformation | None = None,
) -> PreviewSnapshot:
    """What `choice` costs, from the cache unless `is_final`: what is about to be bought is asked for anew.

    `is_order`, and what is final anyway, is not held up by how often the customer has looked. With `billing` Stigg is
    sent these details first, in the same call, to price with them; never from the cache, either.
    Raises: GatewayError; GatewayUnavailable also when a customer has been previewing too fast.
    """
    digest = hashlib.sha256(f"{customer.pk}|{customer.mirrored_at}|{version}|{choice!r}".encode()).hexdigest()
    key = f"tollgate.preview.{digest}"
    kept: PreviewSnapshot | None = None if is_final or billing else cache.get(key)
    if kept is None:
        _count(customer, "orders" if is_final or is_order or billing else "looks")
        try:
            kept = _ask(customer, choice, billing)
        except GatewayRejected:
            cache.delete(key)  # a code may have ended since
            raise
        cache.set(key, kept, KEPT_SECONDS)
    return kept


def _ask(customer: Customer, choice: SubscriptionChoice, billing: BillingInformation | None) -> PreviewSnapshot:
    gateway, customer_id = stigg.current(), customer.stigg_id
    if billing is None:
        return gateway.preview_subscription(customer_id=customer_id, choice=choice)
    return gateway.update_customer_and_preview(customer_id=customer_id, billing_information=billing, choice=choice)


def coupon_refusal(error: GatewayRejected) -> str:
    """Why a coupon was refused, for the customer; empty when the refusal is about something else."""
    return str(COUPON_REFUSALS.get(error.upstream_code, ""))


def _count(customer: Customer, purpose: str) -> None:
    key = f"tollgate.previews.{purpose}.{customer.pk}"
    cache.add(key, 0, 60)
    try:
        count = cache.incr(key)
    except ValueError:  # it ran out in between
        count = 1
    if count > PER_MINUTE:
        raise GatewayUnavailable("too many previews in a minute", provider="stigg", operation="PreviewSubscription")
