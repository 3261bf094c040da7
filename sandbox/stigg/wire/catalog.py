"""Plans, add-ons, prices, features, coupons and the paywall's looks."""

from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from typing import Any

from sandbox.catalog.model import (
    Addon,
    Catalog,
    Coupon,
    CreditGrant,
    Feature,
    Grant,
    Package,
    Plan,
    Price,
    Product,
    stable_uuid,
)
from sandbox.catalog.money import SYMBOLS, to_decimal
from sandbox.stigg import credits
from sandbox.stigg.state import StiggState

Wire = dict[str, Any]
Lazy = Callable[..., Any]


def money(minor: int | Decimal, currency: str) -> Wire:
    return {"amount": to_decimal(minor, currency), "currency": currency}


def product(state: StiggState, item: Product) -> Wire:
    downgrade = state.catalog.plans.get(item.downgrade_plan_id or "")
    return {
        "refId": item.ref_id,
        "displayName": item.display_name,
        "description": item.description,
        "additionalMetaData": item.metadata,
        "awsMarketplaceProductId": None,
        "downgradePlan": downgrade and {"refId": downgrade.ref_id, "displayName": downgrade.display_name},
        "productSettings": {
            "downgradePlan": lambda _info: plan(state, downgrade) if downgrade else None,
        },
    }


def plan(state: StiggState, item: Plan, country: str | None = None, all_countries: bool = False) -> Wire:
    catalog = state.catalog
    addons = [catalog.addons[ref_id] for ref_id in item.addon_ids]
    inherited = inherited_grants(catalog, item)
    base = catalog.plans.get(item.base_plan_id or "")
    return _package(state, item, country, all_countries) | {
        "versionNumber": 1,
        "product": lambda _info: product(state, catalog.products[item.product_id]),
        "basePlan": lambda _info: plan(state, base, country, all_countries) if base else None,
        "inheritedEntitlements": [_legacy_grant(catalog, grant) for grant in inherited],
        "inheritedPackageEntitlements": [
            *_grants(catalog, item, inherited),
            *_credits(catalog, item, inherited_credits(catalog, item), after=len(inherited)),
        ],
        "compatibleAddons": lambda _info: [addon(state, a, country, all_countries) for a in addons],
        "compatiblePackageGroups": [],
        "defaultTrialConfig": item.trial
        and {
            "duration": item.trial.duration,
            "units": item.trial.units,
            "budget": None,
            "trialEndBehavior": item.trial.end_behavior,
        },
        "awsMarketplacePlanDimension": None,
    }


def addon(state: StiggState, item: Addon, country: str | None = None, all_countries: bool = False) -> Wire:
    needed = [state.catalog.addons[ref_id] for ref_id in item.dependencies]
    return _package(state, item, country, all_countries) | {
        "maxQuantity": item.max_quantity,
        "dependencies": lambda _info: [addon(state, a, country, all_countries) for a in needed],
    }


def inherited_grants(catalog: Catalog, item: Plan) -> list[Grant]:
    """What comes through the base plans and is not granted anew by the plan itself."""
    seen = {grant.feature_id for grant in item.grants}
    found: list[Grant] = []
    for base in catalog.lineage(item):
        found += [grant for grant in base.grants if grant.feature_id not in seen]
        seen |= {grant.feature_id for grant in base.grants}
    return found


def inherited_credits(catalog: Catalog, item: Plan) -> list[CreditGrant]:
    """As `inherited_grants`."""
    seen = {grant.credit_id for grant in item.credits}
    found: list[CreditGrant] = []
    for base in catalog.lineage(item):
        found += [grant for grant in base.credits if grant.credit_id not in seen]
        seen |= {grant.credit_id for grant in base.credits}
    return found


def price(state: StiggState, package: Package, item: Price) -> Wire:
    counted = state.catalog.features.get(item.feature_id or "")
    return {
        "billingModel": item.billing_model,
        "billingPeriod": item.billing_period,
        "billingCadence": "RECURRING",
        "billingId": state.stripe_prices.get((package.ref_id, item.key)),
        "minUnitQuantity": item.min_quantity,
        "maxUnitQuantity": item.max_quantity,
        "billingCountryCode": item.country,
        "price": None if item.amount is None else money(item.amount, item.currency),
        "creditRate": None,
        "tiersMode": item.tiers_mode,
        "tiers": [
            {
                "upTo": tier.up_to,
                "unitPrice": money(tier.unit_amount, item.currency),
                "flatPrice": money(tier.flat_amount, item.currency),
            }
            for tier in item.tiers
        ]
        or None,
        "feature": counted and feature(counted),
        "blockSize": item.block_size,
        "topUpCustomCurrencyId": None,
        "customCurrency": None,
    }


def feature(item: Feature) -> Wire:
    return {
        "refId": item.ref_id,
        "featureUnits": item.unit,
        "featureUnitsPlural": item.units,
        "displayName": item.display_name,
        "description": item.description,
        "featureType": item.feature_type,
        "meterType": item.meter_type,
        "additionalMetaData": item.metadata,
        "unitTransformation": None,
    }


def coupon(state: StiggState, item: Coupon, created_at: datetime) -> Wire:
    amounts = [money(minor, currency) for currency, minor in item.amounts_off.items()]
    return {
        "id": stable_uuid("coupon", item.ref_id),
        "discountValue": item.percent_off if item.percent_off is not None else amounts[0]["amount"],
        "percentOff": item.percent_off,
        "amountsOff": amounts or None,
        "type": "FIXED" if item.percent_off is None else "PERCENTAGE",
        "additionalMetaData": item.metadata,
        "refId": item.ref_id,
        "name": item.name,
        "description": item.description,
        "createdAt": created_at,
        "updatedAt": created_at,
        "billingId": state.stripe_coupons.get((item.ref_id, next(iter(item.amounts_off), None))),
        "billingLinkUrl": None,
        "status": item.status,
        "syncStates": [{"vendorIdentifier": "STRIPE", "status": "SUCCESS"}],
    }


def paywall_looks(catalog: Catalog) -> Wire:
    looks = catalog.paywall
    return {
        "palette": _all(looks.get("palette"), "primary textColor backgroundColor borderColor currentPlanBackground"),
        "typography": _all(looks.get("typography"), "fontFamily h1 h2 h3 body"),
        "layout": _all(looks.get("layout"), "alignment planWidth planMargin planPadding"),
        "customCss": looks.get("customCss"),
    }


def currency(code: str) -> Wire:
    return {"code": code, "symbol": SYMBOLS.get(code, code)}


def _package(state: StiggState, item: Package, country: str | None, all_countries: bool) -> Wire:
    catalog = state.catalog
    return {
        "id": stable_uuid("package", item.ref_id),
        "refId": item.ref_id,
        "billingId": state.stripe_products.get(item.ref_id),
        "displayName": item.display_name,
        "description": item.description,
        "additionalMetaData": item.metadata,
        "hiddenFromWidgets": list(item.hidden_from),
        "pricingType": item.pricing_type,
        "prices": [price(state, item, p) for p in _shown_prices(item, country, all_countries)],
        "overagePrices": [],
        "entitlements": [_legacy_grant(catalog, grant) for grant in item.grants],
        "packageEntitlements": [
            *_grants(catalog, item, list(item.grants)),
            *_credits(catalog, item, list(item.credits), after=len(item.grants)),
        ],
    }


def _shown_prices(item: Package, country: str | None, all_countries: bool) -> list[Price]:
    """One per charge and period: the country's own where there is one."""
    if all_countries:
        return list(item.prices)
    local = {(p.billing_model, p.feature_id, p.billing_period) for p in item.prices if p.country == country}
    return [
        p
        for p in item.prices
        if p.country == country
        or (p.country is None and (p.billing_model, p.feature_id, p.billing_period) not in local)
    ]


def _legacy_grant(catalog: Catalog, grant: Grant) -> Wire:
    """The older form, PackageEntitlement."""
    return {
        "usageLimit": grant.usage_limit,
        "hasUnlimitedUsage": grant.unlimited,
        "hasSoftLimit": grant.soft_limit,
        "featureId": stable_uuid("feature", grant.feature_id),
        "resetPeriod": grant.reset_period,
        "hiddenFromWidgets": list(grant.hidden_from),
        "isCustom": grant.custom,
        "displayNameOverride": grant.display_name,
        "enumValues": list(grant.enum_values) or None,
        "isGranted": True,
        "feature": feature(catalog.features[grant.feature_id]),
    }


def _grants(catalog: Catalog, item: Package, grants: list[Grant]) -> list[Wire]:
    """The newer form, PackageFeatureEntitlement."""
    return [
        _legacy_grant(catalog, grant)
        | {
            "__typename": "PackageFeatureEntitlement",
            "id": stable_uuid("entitlement", f"{item.ref_id}/{grant.feature_id}"),
            "behavior": grant.behavior,
            "description": grant.description,
            "order": order,
        }
        for order, grant in enumerate(grants)
    ]


def _credits(catalog: Catalog, item: Package, grants: list[CreditGrant], *, after: int) -> list[Wire]:
    return [
        credits.package_entitlement(catalog, item.ref_id, grant, after + index) for index, grant in enumerate(grants)
    ]


def _all(values: dict[str, Any] | None, names: str) -> Wire | None:
    return None if values is None else {name: values.get(name) for name in names.split()}
