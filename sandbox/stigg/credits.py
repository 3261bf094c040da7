"""Credits: an amount of an own currency that plans and add-ons give for each month or year, and usage eats up."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sandbox.catalog.model import Catalog, Credit, CreditGrant, stable_uuid
from sandbox.stigg.periods import window
from sandbox.stigg.state import Customer, StiggState, Subscription, Usage

Wire = dict[str, Any]


@dataclass(frozen=True)
class Balance:
    """One credit of a customer in the present period."""

    credit: Credit
    granted: float
    used: float
    soft_limit: bool
    since: datetime
    period_start: datetime
    period_end: datetime | None
    used_at: datetime | None

    @property
    def is_enough(self) -> bool:
        return self.soft_limit or self.used < self.granted


def balances(state: StiggState, customer: Customer, resource_id: str | None, now: datetime) -> list[Balance]:
    """What several subscriptions give adds up; periods follow the first of them."""
    found: dict[str, Balance] = {}
    for subscription in reversed(state.subscriptions_of(customer)):
        if not subscription.grants_access or subscription.resource_id not in {None, resource_id}:
            continue
        for grant in _grants(state.catalog, subscription):
            start, end = window(subscription.start_at, grant.cadence, now)
            usage = state.usage.get(_place(customer, resource_id, grant.credit_id))
            stale = usage is None or (start is not None and usage.updated_at < start)
            known = found.get(grant.credit_id)
            found[grant.credit_id] = Balance(
                credit=state.catalog.credits[grant.credit_id],
                granted=grant.amount + (known.granted if known else 0),
                used=0.0 if usage is None or stale else usage.value,
                soft_limit=grant.soft_limit or bool(known and known.soft_limit),
                since=known.since if known else subscription.start_at,
                period_start=known.period_start if known else start or subscription.start_at,
                period_end=known.period_end if known else end,
                used_at=usage.updated_at if usage else None,
            )
    return list(found.values())


def consume(
    state: StiggState, customer: Customer, resource_id: str | None, feature_id: str, change: float, now: datetime
) -> Wire | None:
    """What `change` units of a feature cost in its credit; None where it costs none, or nobody gives any."""
    feature = state.catalog.features[feature_id]
    owned = balances(state, customer, resource_id, now)
    held = next((each for each in owned if each.credit.ref_id == feature.credit_id), None)
    if held is None:
        return None
    consumed = change * feature.credit_rate
    used = max(0.0, held.used + consumed)
    state.usage[_place(customer, resource_id, held.credit.ref_id)] = Usage(used, now)
    return {
        "currencyId": held.credit.ref_id,
        "currentUsage": used,
        "usagePeriodEnd": held.period_end,
        "timestamp": now,
        "consumed": consumed,
    }


def entitlement(item: Balance) -> Wire:
    """As the union of entitlements shows it."""
    credit = item.credit
    return {
        "__typename": "CreditEntitlement",
        "isGranted": item.is_enough,
        "accessDeniedReason": None if item.is_enough else "InsufficientCredits",
        "currency": {
            "currencyId": credit.ref_id,
            "displayName": credit.display_name,
            "description": credit.description,
            "unitSingular": credit.unit,
            "unitPlural": credit.units,
            "additionalMetaData": {},
        },
        "usageLimit": item.granted,
        "currentUsage": item.used,
        "hasSoftLimit": item.soft_limit,
        "usageUpdatedAt": item.used_at,
        "entitlementUpdatedAt": item.since,
        "usagePeriodEnd": item.period_end,
        "validUntil": None,
    }


def package_entitlement(catalog: Catalog, package_id: str, grant: CreditGrant, order: int) -> Wire:
    """As the price list shows it."""
    credit = catalog.credits[grant.credit_id]
    return {
        "__typename": "PackageCreditEntitlement",
        "id": stable_uuid("entitlement", f"{package_id}/{grant.credit_id}"),
        "amount": grant.amount,
        "behavior": grant.behavior,
        "cadence": grant.cadence,
        "customCurrencyId": stable_uuid("credit", credit.ref_id),
        "description": None,
        "displayNameOverride": None,
        "hasSoftLimit": grant.soft_limit,
        "hiddenFromWidgets": [],
        "isCustom": False,
        "isGranted": True,
        "order": order,
        "dependencyFeature": None,
        "customCurrency": {
            "currencyId": credit.ref_id,
            "displayName": credit.display_name,
            "symbol": credit.symbol,
            "units": {"singular": credit.unit, "plural": credit.units},
        },
    }


def _grants(catalog: Catalog, subscription: Subscription) -> list[CreditGrant]:
    """Of the plan, or of the nearest one that it builds on, and of each add-on as often as it is there."""
    plan = catalog.plans[subscription.plan_id]
    own: dict[str, CreditGrant] = {}
    for ancestor in [plan, *catalog.lineage(plan)]:
        for grant in ancestor.credits:
            own.setdefault(grant.credit_id, grant)
    more = [
        grant
        for addon_id, count in subscription.choice.addons
        for grant in catalog.addons[addon_id].credits
        for _ in range(count)
    ]
    return [*own.values(), *more]


def _place(customer: Customer, resource_id: str | None, credit_id: str) -> tuple[str, str | None, str]:
    return (customer.ref_id, resource_id, f"credit/{credit_id}")
