"""Entitlements that one subscription has apart from its plan, in the older and the newer form of the input."""

from typing import Any

from sandbox.catalog.model import Catalog, Grant
from sandbox.stigg.errors import StiggError, unsupported

Given = dict[str, Any]

RESETS = ("monthlyResetPeriodConfiguration", "weeklyResetPeriodConfiguration", "yearlyResetPeriodConfiguration")


def read(catalog: Catalog, given: Given) -> tuple[Grant, ...] | None:
    """None when the input says nothing about them. Raises StiggError for a feature that is not there."""
    if given.get("entitlements") is None and given.get("subscriptionEntitlements") is None:
        return None
    wanted: list[Given] = list(given.get("subscriptionEntitlements") or [])
    for each in given.get("entitlements") or []:
        unsupported(each, ("credit",))
        wanted += [each["feature"]] if each.get("feature") else []
    return tuple(_grant(catalog, each) for each in wanted)


def _grant(catalog: Catalog, given: Given) -> Grant:
    unsupported(given, (*RESETS, "featureGroupId", "id"))
    feature_id = given.get("featureId")
    if feature_id not in catalog.features:
        raise StiggError("FeatureNotFound", "Feature not found", featureId=feature_id)
    return Grant(
        feature_id=str(feature_id),
        usage_limit=given.get("usageLimit"),
        unlimited=bool(given.get("hasUnlimitedUsage")),
        soft_limit=bool(given.get("hasSoftLimit")),
        reset_period=given.get("resetPeriod"),
        enum_values=tuple(given.get("enumValues") or catalog.features[str(feature_id)].enum_values),
    )
