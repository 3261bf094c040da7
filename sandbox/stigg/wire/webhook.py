"""Webhook bodies: the flat envelope of Stigg's reference pages, with entities at the top level.

`id` is the public ref id, `entityId` Stigg's UUID; meters are in capitals here, unlike in GraphQL.
Source: https://docs.stigg.io/documentation/native-integrations/webhooks
"""

from typing import Any

from sandbox.catalog.model import Feature, stable_uuid
from sandbox.stigg.entitlements import Granted
from sandbox.stigg.scalars import iso
from sandbox.stigg.state import Customer, PaymentMethod, StiggState, Subscription
from sandbox.stigg.wire.subscription import status

Wire = dict[str, Any]


def customer(item: Customer) -> Wire:
    return {
        "entityId": item.id,
        "id": item.ref_id,
        "name": item.name,
        "email": item.email,
        "billingId": item.billing_id,
        "crmId": item.crm_id,
        "salesforceId": item.salesforce_id,
        "metadata": item.metadata,
        "excludeFromExperiment": item.exclude_from_experiment,
        "experimentInfo": None,
        "billingCurrency": item.currency.lower() if item.currency else None,
    }


def customer_reference(item: Customer) -> Wire:
    return {"id": item.ref_id, "name": item.name, "email": item.email, "billingId": item.billing_id}


def payment_method(card: PaymentMethod) -> Wire:
    return {
        "billingId": card.id,
        "type": card.kind,
        "cardLast4Digits": card.last4,
        "cardBrand": card.brand,
        "cardExpiryMonth": card.exp_month,
        "cardExpiryYear": card.exp_year,
    }


def subscription(state: StiggState, item: Subscription) -> Wire:
    plan = state.catalog.plans[item.plan_id]
    return {
        "entityId": item.id,
        "id": item.ref_id,
        "billingId": item.billing_id,
        "status": status(state, item),
        "startDate": iso(item.start_at),
        "endDate": iso(item.end_at),
        "cancellationDate": iso(item.cancellation_at),
        "cancelReason": item.cancel_reason,
        "trialEndDate": iso(item.trial_end_at),
        "currentBillingPeriodStart": iso(item.period_start),
        "currentBillingPeriodEnd": iso(item.period_end),
        "billingPeriod": item.choice.billing_period,
        "billingCurrency": item.currency,
        "isTrialSubscription": item.status == "IN_TRIAL",
        "paymentCollection": item.payment_collection,
        "resource": item.resource_id and {"id": item.resource_id},
        "plan": {
            "id": plan.ref_id,
            "name": plan.display_name,
            "description": plan.description,
            "pricingType": plan.pricing_type,
            "status": "PUBLISHED",
        },
        "addons": [_addon(state, ref_id, count) for ref_id, count in item.choice.addons],
        "metadata": item.metadata,
        "latestInvoice": item.latest_invoice and {"attemptCount": item.latest_invoice.attempt_count},
    }


def entitlement(item: Granted) -> Wire:
    return {
        "feature": feature(item.feature),
        "usageLimit": item.usage_limit,
        "hasUnlimitedUsage": item.unlimited,
        "hasSoftLimit": item.soft_limit,
        "currentUsage": item.current_usage,
        "usagePeriodAnchor": iso(item.anchor) if item.reset_period else None,
        "usagePeriodStart": iso(item.period_start),
        "usagePeriodEnd": iso(item.period_end),
        "resetPeriod": item.reset_period,
        "resetPeriodConfiguration": None,
        "enumValues": list(item.enum_values) or None,
        "creditBalance": None,
    }


def _addon(state: StiggState, ref_id: str, count: int) -> Wire:
    addon = state.catalog.addons[ref_id]
    return {
        "id": addon.ref_id,
        "name": addon.display_name,
        "description": addon.description,
        "status": "PUBLISHED",
        "quantity": count,
    }


def feature(item: Feature) -> Wire:
    return {
        "entityId": stable_uuid("feature", item.ref_id),
        "id": item.ref_id,
        "name": item.display_name,
        "description": item.description or "",
        "featureType": item.feature_type,
        "meterType": item.meter_type.upper(),
        "unit": item.unit,
        "units": item.units,
        "status": "ACTIVE",
        "enumConfiguration": [{"value": v, "displayName": v} for v in item.enum_values] or None,
    }
