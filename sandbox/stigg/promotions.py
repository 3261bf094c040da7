"""Promotional entitlements: a feature given to one customer, whatever the plan, for a while or for good.

No operation of Stigg's API grants one: people do it in Stigg's own app, and here in the console.
"""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from sandbox.stigg import webhooks
from sandbox.stigg.errors import StiggError
from sandbox.stigg.periods import add_months
from sandbox.stigg.state import Customer, Promotion
from sandbox.world import World

MONTHS = {"ONE_MONTH": 1, "SIX_MONTH": 6, "ONE_YEAR": 12}
PERIODS = ("CUSTOM", "LIFETIME", "ONE_WEEK", *MONTHS)


def grant(world: World, given: dict[str, Any]) -> Promotion:
    """`customer_id`, `feature_id`, `period` and, for a CUSTOM one, `ends_at`; `usage_limit`, `unlimited`, `soft_limit`,
    `reset_period`. A second one of the same feature replaces the first. Raises StiggError.
    """
    customer, feature_id = _customer(world, given), str(given.get("feature_id"))
    if feature_id not in world.stigg.catalog.features:
        raise StiggError("FeatureNotFound", "Feature not found", featureId=feature_id)
    known = _find(customer, feature_id)
    now, limit = world.clock.now(), given.get("usage_limit")
    made = Promotion(
        id=str(uuid4()),
        feature_id=feature_id,
        period=_period(given),
        starts_at=now,
        ends_at=_end(given, now),
        usage_limit=None if limit in {None, ""} else float(str(limit)),
        unlimited=bool(given.get("unlimited")),
        soft_limit=bool(given.get("soft_limit")),
        reset_period=given.get("reset_period") or None,
    )
    customer.promotions = [each for each in customer.promotions if each is not known] + [made]
    schedule(world, customer, made)
    _tell(world, customer, made, "updated" if known else "granted")
    return made


def revoke(world: World, given: dict[str, Any]) -> Promotion:
    """Raises StiggError when the customer has none of this feature."""
    customer = _customer(world, given)
    found = _find(customer, str(given.get("feature_id")))
    if found is None:
        raise StiggError("PromotionalEntitlementNotFoundError", "Promotional entitlement not found")
    customer.promotions = [each for each in customer.promotions if each is not found]
    world.clock.cancel(_key(found))
    _tell(world, customer, found, "revoked")
    return found


def schedule(world: World, customer: Customer, item: Promotion) -> None:
    """(Re)set the moment at which it is told that this one is over."""
    ends_at = item.ends_at
    if ends_at is None or item.is_told:
        return

    async def expire() -> None:
        if item in customer.promotions:
            customer.promotions = [
                replace(each, is_told=True) if each is item else each for each in customer.promotions
            ]
            _tell(world, customer, item, "expired")

    world.clock.at(ends_at, expire, _key(item))


def _tell(world: World, customer: Customer, item: Promotion, what: str) -> None:
    webhooks.promotional_entitlement(world, what, customer, item)
    webhooks.entitlements_updated(world, customer, f"promotional_entitlement_{what}")


def _customer(world: World, given: dict[str, Any]) -> Customer:
    ref_id = str(given.get("customer_id"))
    found = world.stigg.customers.get(ref_id)
    if found is None:
        raise StiggError("CustomerNotFound", "Customer not found", customerId=ref_id)
    return found


def _find(customer: Customer, feature_id: str) -> Promotion | None:
    return next((each for each in customer.promotions if each.feature_id == feature_id), None)


def _period(given: dict[str, Any]) -> str:
    period = str(given.get("period") or "LIFETIME")
    if period not in PERIODS:
        raise StiggError("InvalidArgumentError", f"period must be one of {', '.join(PERIODS)}")
    return period


def _end(given: dict[str, Any], now: datetime) -> datetime | None:
    period = _period(given)
    if period == "ONE_WEEK":
        return now + timedelta(weeks=1)
    if period in MONTHS:
        return add_months(now, MONTHS[period])
    if period == "LIFETIME":
        return None
    try:
        ends_at = datetime.fromisoformat(str(given.get("ends_at")))
    except ValueError:
        raise StiggError("InvalidArgumentError", "a CUSTOM period needs ends_at, with its time zone") from None
    if ends_at.tzinfo is None or ends_at <= now:
        raise StiggError("InvalidArgumentError", "ends_at must be in the future, with its time zone")
    return ends_at


def _key(item: Promotion) -> str:
    return f"stigg/promotion/{item.id}"
