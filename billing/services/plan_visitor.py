"""Who looks at the paywall, as its rules see them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True)
class ScheduledChange:
    """A change of the subscription that is agreed and still to come. `kind` is Stigg's word for it."""

    kind: str
    at: datetime
    plan_id: str = ""
    plan_name: str = ""
    period: str = ""
    feature_id: str = ""
    quantity: int | None = None


@dataclass(frozen=True, slots=True)
class Visitor:
    """What the rules need to know about who looks: nothing for an anonymous visitor."""

    is_signed_in: bool = False
    current_plan_id: str = ""
    current_plan_name: str = ""
    current_period: str = ""
    is_on_trial: bool = False
    trial_days_left: int = 0
    has_custom_plan: bool = False
    trialed_products: frozenset[str] = frozenset()
    """Products of which no (further) trial may begin."""
    quantities: Mapping[str, int] = field(default_factory=dict)
    """Feature id → units that the current subscription has."""
    currency: str = ""
    """What the current subscription is paid in, and goes on being; "" where nothing is paid."""
    subscription_id: str = ""
    scheduled: tuple[ScheduledChange, ...] = ()
