"""From the `paywall` JSON to PaywallSnapshot. Subscriptions and customers are read in parse.py.

Edge answers and older stored snapshots hold more or fewer keys than our own document selects, so
only what identifies a thing is required and everything else has a default.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any, cast

from billing.gateways.shape import shaped
from billing.gateways.stigg.answers import PROVIDER
from billing.gateways.stigg.catalog_types import (
    AddonSnapshot,
    BillingPeriod,
    CreditGrantSnapshot,
    FeatureSnapshot,
    PaywallSnapshot,
    PlanEntitlementSnapshot,
    PlanSnapshot,
    PricePointSnapshot,
    PriceSnapshot,
    PriceTierSnapshot,
    PricingType,
    TrialConfigSnapshot,
)
from billing.gateways.stigg.values import Json, money, number, price_of_units, text, whole, words
from billing.money import Money


def parse_paywall(raw: Json, *, country_code: str = "") -> PaywallSnapshot:
    """The price list of one country ("" is the default) inside a `paywall` object, fresh or stored.

    The default one was asked for with the prices of all countries: theirs are left out, but named.
    Raises GatewayProtocolError.
    """
    with shaped(PROVIDER, "GetPaywall"):
        plans = tuple(_plan(plan) for plan in raw["plans"])
        points = tuple(_price_point(point) for point in raw.get("paywallCalculatedPricePoints") or ())
        wanted = {None, "", country_code}
        return PaywallSnapshot(
            plans=tuple(_priced_for(plan, wanted) for plan in plans),
            currency=text(raw["currency"]["code"]).upper(),
            price_points=tuple(point for point in points if point.billing_country_code in wanted),
            configuration=raw.get("configuration") or {},
            price_countries=_price_countries(plans),
        )


def parse_feature(raw: Json) -> FeatureSnapshot:
    """`Feature` and `EntitlementFeature` alike."""
    meter_type = raw.get("meterType")
    return FeatureSnapshot(
        feature_id=raw["refId"],
        display_name=text(raw.get("displayName")) or raw["refId"],
        description=text(raw.get("description")),
        feature_type=text(raw.get("featureType")) or "BOOLEAN",
        meter_type=None if meter_type in {None, "None"} else str(meter_type),
        units=text(raw.get("featureUnits")),
        units_plural=text(raw.get("featureUnitsPlural")),
        group=text((raw.get("additionalMetaData") or {}).get("group")),
    )


def _priced_for(plan: PlanSnapshot, countries: set[str | None]) -> PlanSnapshot:
    return replace(
        plan,
        prices=_prices_for(plan.prices, countries),
        overage_prices=_prices_for(plan.overage_prices, countries),
        compatible_addons=tuple(
            replace(addon, prices=_prices_for(addon.prices, countries)) for addon in plan.compatible_addons
        ),
    )


def _prices_for(prices: tuple[PriceSnapshot, ...], countries: set[str | None]) -> tuple[PriceSnapshot, ...]:
    return tuple(price for price in prices if price.billing_country_code in countries)


def _price_countries(plans: tuple[PlanSnapshot, ...]) -> tuple[tuple[str, str], ...]:
    found: dict[str, str] = {}
    for price in (price for plan in plans for price in plan.prices if price.billing_country_code):
        amounts = (price.price, *(amount for tier in price.tiers for amount in (tier.unit_price, tier.flat_price)))
        currency = next((amount.currency for amount in amounts if amount is not None), "")
        found.setdefault(str(price.billing_country_code), currency)
    return tuple(sorted(found.items()))


def _plan(raw: Json) -> PlanSnapshot:
    base_plan = raw.get("basePlan") or {}
    return PlanSnapshot(
        plan_id=raw["refId"],
        display_name=text(raw.get("displayName")),
        description=text(raw.get("description")),
        product_id=text((raw.get("product") or {}).get("refId")),
        product_name=text((raw.get("product") or {}).get("displayName")),
        pricing_type=_pricing_type(raw),
        version_number=whole(raw.get("versionNumber")) or 0,
        base_plan_id=base_plan.get("refId"),
        base_plan_name=text(base_plan.get("displayName")),
        prices=_prices(raw),
        overage_prices=_prices(raw, "overagePrices"),
        entitlements=_plan_entitlements(raw, "packageEntitlements", "entitlements"),
        inherited_entitlements=_plan_entitlements(raw, "inheritedPackageEntitlements", "inheritedEntitlements"),
        credits=_credits(raw, "packageEntitlements"),
        inherited_credits=_credits(raw, "inheritedPackageEntitlements"),
        compatible_addons=tuple(_addon(addon) for addon in raw.get("compatibleAddons") or ()),
        default_trial=_trial(raw.get("defaultTrialConfig")),
        hidden_from_widgets=words(raw.get("hiddenFromWidgets")),
        metadata=raw.get("additionalMetaData") or {},
    )


def _addon(raw: Json) -> AddonSnapshot:
    return AddonSnapshot(
        addon_id=raw["refId"],
        display_name=text(raw.get("displayName")),
        description=text(raw.get("description")),
        max_quantity=whole(raw.get("maxQuantity")),
        pricing_type=_pricing_type(raw),
        prices=_prices(raw),
        dependencies=tuple(addon["refId"] for addon in raw.get("dependencies") or ()),
        dependency_names=tuple(
            text(addon.get("displayName")) or addon["refId"] for addon in raw.get("dependencies") or ()
        ),
        entitlements=_plan_entitlements(raw, "packageEntitlements", "entitlements"),
        credits=_credits(raw, "packageEntitlements"),
        hidden_from_widgets=words(raw.get("hiddenFromWidgets")),
    )


def _pricing_type(raw: Json) -> PricingType | None:
    return cast("PricingType | None", raw.get("pricingType"))


def _prices(raw: Json, key: str = "prices") -> tuple[PriceSnapshot, ...]:
    return tuple(_price(price) for price in raw.get(key) or ())


def _price(raw: Json) -> PriceSnapshot:
    feature, price = raw.get("feature"), raw.get("price")
    return PriceSnapshot(
        billing_period=cast("BillingPeriod", raw["billingPeriod"]),
        billing_model=raw["billingModel"],
        billing_cadence=text(raw.get("billingCadence")) or "RECURRING",
        price=money(price) if raw["billingModel"] == "FLAT_FEE" else price_of_units(price),
        tiers_mode=raw.get("tiersMode"),
        tiers=tuple(_tier(tier) for tier in raw.get("tiers") or ()),
        min_unit_quantity=number(raw.get("minUnitQuantity")),
        max_unit_quantity=number(raw.get("maxUnitQuantity")),
        block_size=number(raw.get("blockSize")),
        billing_country_code=raw.get("billingCountryCode"),
        feature=parse_feature(feature) if feature else None,
    )


def _tier(raw: Json) -> PriceTierSnapshot:
    return PriceTierSnapshot(
        up_to=number(raw.get("upTo")),
        unit_price=price_of_units(raw.get("unitPrice")),
        flat_price=money(raw.get("flatPrice")),
    )


def _plan_entitlements(raw: Json, union_key: str, key: str) -> tuple[PlanEntitlementSnapshot, ...]:
    """From the newer union of features and credits, or from the older list that knows no credits."""
    rows: list[Any] = raw.get(union_key) or raw.get(key) or []
    return tuple(_plan_entitlement(row) for row in rows if row.get("feature"))


def _plan_entitlement(raw: Json) -> PlanEntitlementSnapshot:
    granted = raw.get("isGranted")
    return PlanEntitlementSnapshot(
        feature=parse_feature(raw["feature"]),
        usage_limit=number(raw.get("usageLimit")),
        has_unlimited_usage=bool(raw.get("hasUnlimitedUsage")),
        has_soft_limit=bool(raw.get("hasSoftLimit")),
        is_custom=bool(raw.get("isCustom")),
        is_granted=True if granted is None else bool(granted),
        reset_period=raw.get("resetPeriod"),
        enum_values=words(raw.get("enumValues")),
        display_name_override=text(raw.get("displayNameOverride")),
        hidden_from_widgets=words(raw.get("hiddenFromWidgets")),
        description=text(raw.get("description")),
        is_increment=raw.get("behavior") == "Increment",
    )


def _credits(raw: Json, key: str) -> tuple[CreditGrantSnapshot, ...]:
    return tuple(_credit(row) for row in raw.get(key) or () if row.get("customCurrency"))


def _credit(raw: Json) -> CreditGrantSnapshot:
    currency, granted = raw["customCurrency"], raw.get("isGranted")
    units = currency.get("units") or {}
    return CreditGrantSnapshot(
        currency_id=currency["currencyId"],
        display_name=text(currency.get("displayName")) or currency["currencyId"],
        amount=number(raw.get("amount")),
        cadence=text(raw.get("cadence")) or "MONTH",
        units=text(units.get("singular")),
        units_plural=text(units.get("plural")),
        description=text(raw.get("description")),
        is_custom=bool(raw.get("isCustom")),
        is_granted=True if granted is None else bool(granted),
        is_increment=raw.get("behavior") == "Increment",
        display_name_override=text(raw.get("displayNameOverride")),
        hidden_from_widgets=words(raw.get("hiddenFromWidgets")),
    )


def _trial(raw: Json | None) -> TrialConfigSnapshot | None:
    if not raw:
        return None
    return TrialConfigSnapshot(
        duration=whole(raw["duration"]) or 0,
        units=raw["units"],
        trial_end_behavior=raw.get("trialEndBehavior"),
    )


def _price_point(raw: Json) -> PricePointSnapshot:
    return PricePointSnapshot(
        plan_id=raw["planId"],
        billing_period=cast("BillingPeriod", raw["billingPeriod"]),
        amount=Money.from_decimal(raw["amount"], raw["currency"]),
        additional_charges_may_apply=bool(raw.get("additionalChargesMayApply")),
        billing_country_code=raw.get("billingCountryCode"),
    )
