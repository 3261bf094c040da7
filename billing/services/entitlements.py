"""May this customer use this feature? Answered from the mirror's rows: no network, and no exception for a refusal.

`check` looks the row up, `decide` is the rule. The reasons are Stigg's own words (`AccessDeniedReason`),
so that they can be looked up there.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.utils import timezone

from billing.models import Customer, Entitlement

Requested = int | float | Decimal | str | Sequence[str] | None
"""How much of a number is asked for on top of what is used, or which values of an enum."""

CUSTOMER_NOT_FOUND = "CustomerNotFound"
NOT_IN_SUBSCRIPTION = "NoFeatureEntitlementInSubscription"
OVER_LIMIT = "RequestedUsageExceedingLimit"
OTHER_VALUES = "RequestedValuesMismatch"
TYPE_MISMATCH = "FeatureTypeMismatch"
UNKNOWN = "Unknown"

DEPENDS_ON_REQUEST = (OVER_LIMIT, OTHER_VALUES)
"""Reasons that Stigg gave for what was asked of it; what is asked of us is judged anew."""


@dataclass(frozen=True, slots=True)
class Decision:
    """The answer, and what it rests on. It is true in an `if` when access is granted; `reason` is empty then.

    `usage` and `limit` are in the feature's own units; a `limit` of None says that there is none to speak of.
    """

    feature_id: str
    reason: str = ""
    name: str = ""
    feature_type: str = ""
    is_metered: bool = False
    requested: Decimal = Decimal(0)
    requested_values: tuple[str, ...] = ()
    usage: Decimal = Decimal(0)
    limit: Decimal | None = None
    is_unlimited: bool = False
    has_soft_limit: bool = False
    values: tuple[str, ...] = ()
    units: str = ""
    units_plural: str = ""
    resets_at: datetime | None = None

    @property
    def is_granted(self) -> bool:
        """Whether the customer may."""
        return not self.reason

    def __bool__(self) -> bool:
        return self.is_granted

    @property
    def needed(self) -> Decimal:
        """The limit that would be enough."""
        return self.usage + self.requested

    @property
    def remaining(self) -> Decimal | None:
        """How much is left, never below nought; None where nothing is counted or nothing ends."""
        if not self.is_metered or self.is_unlimited or self.limit is None:
            return None
        return max(Decimal(0), self.limit - self.usage)


def check(
    customer: Customer | None, feature_id: str, *, requested: Requested = None, now: datetime | None = None
) -> Decision:
    """Whether `customer` may use the feature, and `requested` of it on top of what is used. One query, no network.

    Without `requested` a metered feature is granted up to and including its limit, as Stigg's SDKs do: ask with
    `requested=1` before one more is made.
    """
    row = customer.entitlements.filter(feature_id=feature_id).first() if customer else None
    return _answer(customer, row, feature_id, requested, now)


async def acheck(
    customer: Customer | None, feature_id: str, *, requested: Requested = None, now: datetime | None = None
) -> Decision:
    """As `check`, for async code."""
    row = await customer.entitlements.filter(feature_id=feature_id).afirst() if customer else None
    return _answer(customer, row, feature_id, requested, now)


def _answer(
    customer: Customer | None, row: Entitlement | None, feature_id: str, requested: Requested, now: datetime | None
) -> Decision:
    absence = customer.entitlements_denied_reason if customer else CUSTOMER_NOT_FOUND
    return decide(row, feature_id, requested=requested, absence=absence, now=now or timezone.now())


def decide(
    row: Entitlement | None, feature_id: str, *, requested: Requested = None, absence: str = "", now: datetime
) -> Decision:
    """The rule. `absence` is the one reason that Stigg gave where a customer has no entitlements at all.

    Source: what Stigg's JavaScript SDK does with the same data (3.35); the last two lines of `_reason` are ours.
    """
    amount, values = _asked(requested)
    if row is None:
        reason = absence or NOT_IN_SUBSCRIPTION
        return Decision(feature_id, reason=reason, requested=amount, requested_values=values)
    has_new_period = row.usage_period_ends_at is not None and row.usage_period_ends_at <= now
    usage = Decimal(0) if has_new_period or not row.is_metered else _plain(row.current_usage or Decimal(0))
    limit = None if row.has_unlimited_usage else row.usage_limit
    return Decision(
        feature_id,
        reason=_reason(row, usage, amount, values),
        name=row.display_name,
        feature_type=row.feature_type,
        is_metered=row.is_metered,
        requested=amount,
        requested_values=values,
        usage=usage,
        limit=None if limit is None else _plain(limit),
        is_unlimited=row.has_unlimited_usage,
        has_soft_limit=row.has_soft_limit,
        values=tuple(row.enum_values),
        units=row.units,
        units_plural=row.units_plural,
        resets_at=None if has_new_period else row.usage_period_ends_at,
    )


def _asked(requested: Requested) -> tuple[Decimal, tuple[str, ...]]:
    """An amount, or the values of an enum."""
    if requested is None:
        return Decimal(0), ()
    if isinstance(requested, float):  # as templates read 0.5, which means just that
        return Decimal(str(requested)), ()
    if isinstance(requested, int | Decimal):
        return Decimal(requested), ()
    return Decimal(0), (requested,) if isinstance(requested, str) else tuple(requested)


def _plain(figure: Decimal) -> Decimal:
    """As people write it: the column keeps 3 as 3.000000, and 2.5 as 2.500000."""
    return Decimal(int(figure)) if figure == figure.to_integral_value() else figure.normalize()


def _reason(row: Entitlement, usage: Decimal, amount: Decimal, values: tuple[str, ...]) -> str:
    if not row.is_granted and row.denied_reason not in DEPENDS_ON_REQUEST:
        return row.denied_reason or UNKNOWN
    if row.feature_type == "ENUM":
        if amount:
            return TYPE_MISMATCH
        return "" if set(values) <= set(row.enum_values) else OTHER_VALUES
    if values:
        return TYPE_MISMATCH
    if row.feature_type != "NUMBER" or row.has_unlimited_usage or row.usage_limit is None:
        return ""
    if row.is_metered and row.has_soft_limit:
        return ""
    # A limit that nothing is counted against (30 days of history) is granted as such. Stigg's SDKs leave the
    # comparison to their caller; here, who asks for 365 days is told.
    return OVER_LIMIT if usage + amount > row.usage_limit else ""
