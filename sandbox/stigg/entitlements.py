"""What a customer may use: the grants of all subscriptions merged, usage counted, one question answered.

Rules: an add-on adds to its plan, a plan replaces what it inherits, and between several subscriptions the
most generous value wins.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from sandbox.catalog.model import Catalog, Feature, Grant
from sandbox.stigg.periods import window
from sandbox.stigg.state import Customer, Promotion, StiggState, Subscription, Usage


@dataclass(frozen=True)
class Granted:
    """One entitlement of a customer at one moment."""

    feature: Feature
    updated_at: datetime
    anchor: datetime
    usage_limit: float | None = None
    unlimited: bool = False
    soft_limit: bool = False
    reset_period: str | None = None
    enum_values: tuple[str, ...] = ()
    display_name: str | None = None
    hidden_from: tuple[str, ...] = ()
    valid_until: datetime | None = None
    current_usage: float | None = None
    usage_updated_at: datetime | None = None
    period_start: datetime | None = None
    period_end: datetime | None = None
    requested_usage: float | None = None
    requested_values: tuple[str, ...] = ()
    denied_reason: str | None = None

    @property
    def is_metered(self) -> bool:
        return self.feature.feature_type == "NUMBER" and self.feature.meter_type != "None"


def state_denial(state: StiggState, customer: Customer | None, now: datetime) -> str | None:
    """Why nothing at all is granted, in the words of EntitlementsStateAccessDeniedReason."""
    if customer is None:
        return "CustomerNotFound"
    if customer.archived_at is not None:
        return "CustomerIsArchived"
    subscribed = any(s.grants_access for s in state.subscriptions_of(customer))
    if not subscribed and not any(p.holds(now) for p in customer.promotions):
        return "NoActiveSubscription"
    return None


def granted(state: StiggState, customer: Customer, resource_id: str | None, now: datetime) -> list[Granted]:
    """In the order of the catalogue's features; metered ones are evaluated for no further usage."""
    merged: dict[str, Granted] = {}
    for subscription in state.subscriptions_of(customer):
        if not subscription.grants_access or subscription.resource_id not in {None, resource_id}:
            continue
        for item in _of_subscription(state.catalog, subscription):
            _merge(merged, item)
    for promotion in customer.promotions:
        if promotion.holds(now):
            _merge(merged, _promoted(state.catalog, promotion))
    ordered = [merged[ref_id] for ref_id in state.catalog.features if ref_id in merged]
    return [evaluate(_with_usage(state, customer, resource_id, item, now)) for item in ordered]


def evaluate(item: Granted, requested_usage: float | None = None, requested_values: Iterable[str] = ()) -> Granted:
    """The answer to one question about a granted feature."""
    values = tuple(requested_values)
    asked = replace(item, requested_usage=requested_usage, requested_values=values, denied_reason=None)
    if item.feature.feature_type == "ENUM" and not set(values) <= set(item.enum_values):
        return replace(asked, denied_reason="RequestedValuesMismatch")
    if not item.is_metered or item.unlimited or item.soft_limit or item.usage_limit is None:
        return asked
    if (item.current_usage or 0) + (requested_usage or 0) > item.usage_limit:
        return replace(asked, denied_reason="RequestedUsageExceedingLimit")
    return asked


def _of_subscription(catalog: Catalog, subscription: Subscription) -> list[Granted]:
    plan = catalog.plans[subscription.plan_id]
    grants: dict[str, Grant] = {}
    for ancestor in [plan, *catalog.lineage(plan)]:
        for grant in ancestor.grants:
            grants.setdefault(grant.feature_id, grant)
    for addon_id, count in subscription.choice.addons:
        for grant in catalog.addons[addon_id].grants:
            grants[grant.feature_id] = _with_addon(grants.get(grant.feature_id), grant, count)
    for feature_id, quantity in subscription.choice.quantities:
        # Units paid for are the limit: "20 seats" grants 20 seats.
        grants[feature_id] = replace(
            grants.get(feature_id, Grant(feature_id)), usage_limit=float(quantity), unlimited=False
        )
    grants |= {grant.feature_id: grant for grant in subscription.overrides}
    return [_granted(catalog, subscription, grant) for grant in grants.values()]


def _with_addon(base: Grant | None, addon: Grant, count: int) -> Grant:
    limit = None if addon.usage_limit is None else addon.usage_limit * count
    if base is None or addon.behavior == "Override":
        return replace(addon, usage_limit=limit)
    total = None if limit is None and base.usage_limit is None else (base.usage_limit or 0) + (limit or 0)
    return replace(base, usage_limit=total, unlimited=base.unlimited or addon.unlimited)


def _granted(catalog: Catalog, subscription: Subscription, grant: Grant) -> Granted:
    return Granted(
        feature=catalog.features[grant.feature_id],
        updated_at=subscription.start_at,
        anchor=subscription.start_at,
        usage_limit=None if grant.unlimited else grant.usage_limit,
        unlimited=grant.unlimited,
        soft_limit=grant.soft_limit,
        reset_period=grant.reset_period,
        enum_values=grant.enum_values,
        display_name=grant.display_name,
        hidden_from=grant.hidden_from,
        valid_until=subscription.effective_end_at or subscription.trial_end_at,
    )


def _promoted(catalog: Catalog, item: Promotion) -> Granted:
    return Granted(
        feature=catalog.features[item.feature_id],
        updated_at=item.starts_at,
        anchor=item.starts_at,
        usage_limit=None if item.unlimited else item.usage_limit,
        unlimited=item.unlimited,
        soft_limit=item.soft_limit,
        reset_period=item.reset_period,
        enum_values=catalog.features[item.feature_id].enum_values,
        valid_until=item.ends_at,
    )


def _merge(merged: dict[str, Granted], item: Granted) -> None:
    known = merged.get(item.feature.ref_id)
    merged[item.feature.ref_id] = item if known is None else _more_generous(known, item)


def _more_generous(one: Granted, other: Granted) -> Granted:
    best = max(one, other, key=lambda item: (item.unlimited, item.soft_limit, item.usage_limit or 0))
    values = (*one.enum_values, *(v for v in other.enum_values if v not in one.enum_values))
    ends = [one.valid_until, other.valid_until]
    last = None if None in ends else max(end for end in ends if end is not None)
    return replace(best, enum_values=values, valid_until=last)


def _with_usage(
    state: StiggState, customer: Customer, resource_id: str | None, item: Granted, now: datetime
) -> Granted:
    if not item.is_metered:
        return item
    usage = state.usage.get((customer.ref_id, resource_id, item.feature.ref_id))
    start, end = window(item.anchor, item.reset_period, now)
    used = 0.0 if usage is None or _is_over(usage, start) else usage.value
    return replace(
        item,
        current_usage=used,
        usage_updated_at=usage.updated_at if usage else None,
        period_start=start,
        period_end=end,
    )


def _is_over(usage: Usage, period_start: datetime | None) -> bool:
    return period_start is not None and usage.updated_at < period_start
