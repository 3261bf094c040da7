"""Entitlements as GraphQL shows them: the older Entitlement and the newer union."""

from typing import Any

from sandbox.catalog.model import Feature, stable_uuid
from sandbox.stigg.entitlements import Granted
from sandbox.stigg.wire.catalog import feature

Wire = dict[str, Any]


def entitlement(item: Granted, customer_ref_id: str, resource_id: str | None) -> Wire:
    return _common(item) | {
        "customerId": customer_ref_id,
        "resourceId": resource_id,
        "requestedUsage": item.requested_usage,
        "requestedValues": list(item.requested_values) or None,
        "nextResetDate": item.period_end,
        "validUntil": item.valid_until and item.valid_until.timestamp() * 1000,
        "hiddenFromWidgets": list(item.hidden_from),
        "displayNameOverride": item.display_name,
        "meterId": None,
    }


def feature_entitlement(item: Granted) -> Wire:
    return _common(item) | {"__typename": "FeatureEntitlement", "validUntil": item.valid_until}


def refused(feature_item: Feature | None, customer_ref_id: str, resource_id: str | None, why: str) -> Wire:
    """The answer about a feature that no subscription grants."""
    return {
        "__typename": "FeatureEntitlement",
        "isGranted": False,
        "accessDeniedReason": why,
        "customerId": customer_ref_id,
        "resourceId": resource_id,
        "hasUnlimitedUsage": False,
        "feature": feature_item and feature(feature_item),
    }


def _common(item: Granted) -> Wire:
    return {
        "isGranted": item.denied_reason is None,
        "accessDeniedReason": item.denied_reason,
        "usageLimit": item.usage_limit,
        "hasUnlimitedUsage": item.unlimited,
        "hasSoftLimit": item.soft_limit,
        "currentUsage": item.current_usage,
        "enumValues": list(item.enum_values) or None,
        "entitlementUpdatedAt": item.updated_at,
        "usageUpdatedAt": item.usage_updated_at,
        "usagePeriodAnchor": item.anchor,
        "usagePeriodStart": item.period_start,
        "usagePeriodEnd": item.period_end,
        "resetPeriod": item.reset_period,
        "resetPeriodConfiguration": _reset_configuration(item.reset_period),
        "feature": feature(item.feature),
        "creditRate": credit_rate(item.feature),
    }


def credit_rate(item: Feature) -> Wire | None:
    if item.credit_id is None:
        return None
    return {
        "amount": item.credit_rate,
        "currencyId": item.credit_id,
        "customCurrencyId": stable_uuid("credit", item.credit_id),
    }


def _reset_configuration(period: str | None) -> Wire | None:
    """Periods follow the subscription's own start."""
    kinds = {"MONTH": "Monthly", "WEEK": "Weekly", "YEAR": "Yearly"}
    kind = kinds.get(period or "")
    if kind is None:
        return None
    return {"__typename": f"{kind}ResetPeriodConfig", f"{kind.lower()}AccordingTo": "SubscriptionStart"}
