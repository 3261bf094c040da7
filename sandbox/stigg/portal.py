"""customerPortal: subscriptions, entitlements and billing details as Stigg's own portal widget shows them."""

import math
from datetime import datetime
from typing import Any

from sandbox.catalog.model import stable_uuid
from sandbox.stigg import next_invoice, reads
from sandbox.stigg.errors import StiggError
from sandbox.stigg.side import Side
from sandbox.stigg.state import Customer, Promotion, StiggState, Subscription
from sandbox.stigg.wire import subscription as subscription_wire

Wire = dict[str, Any]


async def read(side: Side, given: dict[str, Any]) -> Wire:
    customer = side.customer(given["customerId"])
    product_id, resource_id = given.get("productId"), given.get("resourceId")
    shown = [
        s
        for s in side.state.subscriptions_of(customer)
        if s.is_open and product_id in {None, s.product_id} and resource_id in {None, s.resource_id}
    ]
    asked = {"customerId": customer.ref_id, "resourceId": resource_id}
    return {
        "subscriptions": [await _subscription(side, each) for each in shown],
        "entitlements": reads.entitlements_of(side, asked),
        "entitlementsV2": reads.entitlements_v2_of(side, asked),
        "promotionalEntitlements": [
            _promotion(side.state, each) for each in customer.promotions if each.holds(side.now())
        ],
        "billingInformation": _billing_information(customer),
        "showWatermark": False,
        # The sandbox's Stripe side has no billing portal.
        "billingPortalUrl": None,
        "canUpgradeSubscription": any(each.pricing_type != "CUSTOM" for each in shown) or not shown,
        "configuration": None,
        "resource": resource_id and {"resourceId": resource_id},
    }


async def _subscription(side: Side, item: Subscription) -> Wire:
    state, now = side.state, side.now()
    wire = subscription_wire.subscription(state, item, now)
    plan = state.catalog.plans[item.plan_id]
    prices = [_price(each["price"]) for each in wire["prices"]]
    return {
        "subscriptionId": item.ref_id,
        "planId": plan.ref_id,
        "planName": plan.display_name,
        "pricingType": item.pricing_type,
        "prices": prices,
        "pricing": _pricing(item, prices),
        "status": item.status,
        "trialRemainingDays": _days_left(item, now),
        "billingPeriodRange": {"start": item.period_start, "end": item.period_end},
        "totalPrice": wire["totalPrice"],
        "addons": [_addon(state, ref_id, count) for ref_id, count in item.choice.addons],
        "scheduledUpdates": wire["scheduledUpdates"],
        "previewNextInvoice": await _next_invoice(side, item),
    }


def _pricing(item: Subscription, prices: list[Wire]) -> Wire:
    """The first charge stands for the whole."""
    first = prices[0] if prices else {}
    quantity = item.choice.quantities[0][1] if item.choice.quantities else None
    return {
        **first,
        "unitQuantity": quantity,
        "pricingType": item.pricing_type,
        "usageBasedEstimatedBill": None,
        "billingPeriod": item.choice.billing_period,
    }


def _price(price: Wire) -> Wire:
    counted = price["feature"]
    return {
        **price,
        "feature": counted and {**counted, "id": stable_uuid("feature", counted["refId"])},
    }


def _addon(state: StiggState, ref_id: str, count: int) -> Wire:
    addon = state.catalog.addons[ref_id]
    return {
        "addonId": addon.ref_id,
        "description": addon.description,
        "displayName": addon.display_name,
        "quantity": count,
    }


def _days_left(item: Subscription, now: datetime) -> int | None:
    if item.status != "IN_TRIAL" or item.trial_end_at is None:
        return None
    return max(0, math.ceil((item.trial_end_at - now).total_seconds() / 86400))


async def _next_invoice(side: Side, item: Subscription) -> Wire | None:
    try:
        return await next_invoice.preview(side, {"subscriptionId": item.ref_id})
    except StiggError:
        return None


def _promotion(state: StiggState, item: Promotion) -> Wire:
    return {
        "displayName": state.catalog.features[item.feature_id].display_name,
        "hasUnlimitedUsage": item.unlimited,
        "hasSoftLimit": item.soft_limit,
        "usageLimit": item.usage_limit,
        "period": item.period,
        "startDate": item.starts_at,
        "endDate": item.ends_at,
    }


def _billing_information(customer: Customer) -> Wire:
    card = customer.payment_method
    return {
        "email": customer.email,
        "name": customer.name,
        "defaultPaymentMethodId": card and card.id,
        "defaultPaymentMethodLast4Digits": card and card.last4,
        "defaultPaymentExpirationMonth": card and card.exp_month,
        "defaultPaymentExpirationYear": card and card.exp_year,
        "defaultPaymentMethodType": card and card.kind,
    }
