"""A customer, with the summary of the default card and the way to the subscriptions."""

from collections import Counter
from datetime import datetime
from typing import Any

from sandbox.catalog.model import stable_uuid
from sandbox.stigg.state import ENVIRONMENT_ID, Customer, PaymentMethod, Promotion, StiggState, Subscription
from sandbox.stigg.wire import catalog as catalog_wire
from sandbox.stigg.wire import subscription as subscription_wire

Wire = dict[str, Any]


def customer(state: StiggState, item: Customer, now: datetime) -> Wire:
    active = [s for s in state.subscriptions_of(item) if s.grants_access]
    coupon = state.catalog.coupons.get(item.coupon_ref_id or "")
    return {
        "id": item.id,
        "refId": item.ref_id,
        "customerId": item.ref_id,
        "name": item.name,
        "email": item.email,
        "createdAt": item.created_at,
        "updatedAt": item.updated_at,
        "deletedAt": item.archived_at,
        "billingId": item.billing_id,
        "billingCurrency": item.currency,
        "billingLinkUrl": None,
        "additionalMetaData": item.metadata,
        "awsMarketplaceCustomerId": item.aws_customer_id,
        "crmId": item.crm_id,
        "crmHubspotCompanyId": None,
        "crmHubspotCompanyUrl": None,
        "salesforceId": item.salesforce_id,
        "environmentId": ENVIRONMENT_ID,
        "excludeFromExperiment": item.exclude_from_experiment,
        "experimentInfo": None,
        "coupon": coupon and catalog_wire.coupon(state, coupon, item.created_at),
        "hasActiveSubscription": bool(active),
        "hasActiveResource": any(s.resource_id for s in active),
        "totalActiveSubscription": len(active),
        "totalActivePromotionalEntitlements": sum(each.holds(now) for each in item.promotions),
        "promotionalEntitlements": [_promotion(state, each, now) for each in item.promotions],
        "trialedPlans": [_trialed(product, plan) for product, plan in item.trialed],
        "eligibleForTrial": [_eligible(state, item, ref_id) for ref_id in state.catalog.products],
        "statistics": _statistics(active),
        "syncStates": [_sync_state(item)],
        "subscriptions": lambda _info: [subscription_wire.subscription(state, s, now) for s in active],
    } | _payment_method(item.payment_method)


def is_eligible_for_trial(state: StiggState, item: Customer, product_id: str) -> bool:
    """One trial per product, and none after having paid for it."""
    return product_id not in {product for product, _ in item.trialed} | item.has_paid


def _payment_method(card: PaymentMethod | None) -> Wire:
    return {
        "hasPaymentMethod": card is not None,
        "defaultPaymentMethodId": card and card.id,
        "defaultPaymentMethodType": card and card.kind,
        "defaultPaymentMethodCardBrand": card and card.brand,
        "defaultPaymentMethodLast4Digits": card and card.last4,
        "defaultPaymentMethodWalletType": card and card.wallet,
        "defaultPaymentExpirationMonth": card and card.exp_month,
        "defaultPaymentExpirationYear": card and card.exp_year,
    }


def _promotion(state: StiggState, item: Promotion, now: datetime) -> Wire:
    return {
        "id": item.id,
        "status": "Active" if item.holds(now) else "Expired",
        "usageLimit": item.usage_limit,
        "featureId": stable_uuid("feature", item.feature_id),
        "hasUnlimitedUsage": item.unlimited,
        "hasSoftLimit": item.soft_limit,
        "resetPeriod": item.reset_period,
        "endDate": item.ends_at,
        "isVisible": True,
        "feature": catalog_wire.feature(state.catalog.features[item.feature_id]),
    }


def _statistics(active: list[Subscription]) -> Wire:
    counted = sorted(Counter(s.pricing_type for s in active).items())
    return {"activeSubscriptionsByPricingType": [{"pricingType": kind, "totalCount": count} for kind, count in counted]}


def _trialed(product_id: str, plan_id: str) -> Wire:
    return {
        "productId": stable_uuid("product", product_id),
        "productRefId": product_id,
        "planId": stable_uuid("package", plan_id),
        "planRefId": plan_id,
    }


def _eligible(state: StiggState, item: Customer, product_id: str) -> Wire:
    return {
        "productId": stable_uuid("product", product_id),
        "productRefId": product_id,
        "eligible": is_eligible_for_trial(state, item, product_id),
    }


def _sync_state(item: Customer) -> Wire:
    fine = "SUCCESS" if item.billing_id else "NO_SYNC_REQUIRED"
    return {"vendorIdentifier": "STRIPE", "status": "ERROR" if item.sync_failed else fine}
