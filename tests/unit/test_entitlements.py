"""The rule of entitlements, case by case: what was granted, what is asked for, and the answer with its reason."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from billing.models import Entitlement
from billing.services.entitlements import Decision, Requested, decide

NOW = datetime(2026, 11, 27, 12, tzinfo=UTC)
OVER, MISMATCH, OTHER_TYPE = "RequestedUsageExceedingLimit", "RequestedValuesMismatch", "FeatureTypeMismatch"


def row(kind: str, **fields: Any) -> Entitlement:
    """As the mirror would have it."""
    kinds: dict[str, dict[str, Any]] = {
        "boolean": {"feature_type": "BOOLEAN"},
        "limit": {"feature_type": "NUMBER", "usage_limit": Decimal(30)},
        "metered": {"feature_type": "NUMBER", "meter_type": "Fluctuating", "usage_limit": Decimal(3)},
        "enum": {"feature_type": "ENUM", "enum_values": ["slack", "github"]},
    }
    given_fields = {"feature_id": "feature", "display_name": "Feature", "is_granted": True} | kinds[kind] | fields
    return Entitlement(**given_fields)


def used(amount: str, **fields: Any) -> Entitlement:
    return row("metered", current_usage=Decimal(amount), **fields)


def answer(entitlement: Entitlement | None, requested: Requested = None, absence: str = "") -> Decision:
    return decide(entitlement, "feature", requested=requested, absence=absence, now=NOW)


CASES: dict[str, tuple[Entitlement | None, Requested, str]] = {
    "nothing granted": (None, None, "NoFeatureEntitlementInSubscription"),
    "boolean": (row("boolean"), None, ""),
    "boolean, whatever is asked of it": (row("boolean"), 5, ""),
    "boolean that Stigg refuses": (row("boolean", is_granted=False, denied_reason="Revoked"), None, "Revoked"),
    "refused without a reason": (row("boolean", is_granted=False), None, "Unknown"),
    "a plain limit": (row("limit"), None, ""),
    "a plain limit, asked for what it is": (row("limit"), 30, ""),
    "a plain limit, asked for more": (row("limit"), 31, OVER),
    "a plain limit has no usage": (row("limit", current_usage=Decimal(29)), 30, ""),
    "a plain limit, soft or not": (row("limit", has_soft_limit=True), 31, OVER),
    "a plain limit without an end": (row("limit", has_unlimited_usage=True, usage_limit=None), 10_000, ""),
    "never used": (row("metered"), 3, ""),
    "never used, asked for too much": (row("metered"), 4, OVER),
    "used up, asked for nothing more": (used("3"), None, ""),
    "used up, asked for one more": (used("3"), 1, OVER),
    "one is left": (used("2"), 1, ""),
    "half a unit is left": (used("2.5"), Decimal("0.5"), ""),
    "half a unit is left, asked for as a template does": (used("2.5"), 0.5, ""),
    "a tenth is a tenth": (used("2.9"), 0.1, ""),
    "a tenth is more than is left": (used("2.91"), 0.1, OVER),
    "less than that is left": (used("2.500001"), Decimal("0.5"), OVER),
    "over the limit already": (used("4"), None, OVER),
    "used up, soft limit": (used("30", has_soft_limit=True), 1, ""),
    "used up, unlimited": (used("30", has_unlimited_usage=True, usage_limit=None), 1, ""),
    "no limit was said": (used("30", usage_limit=None), 1, ""),
    "Stigg refused more than we ask for": (used("2", is_granted=False, denied_reason=OVER), 1, ""),
    "Stigg granted less than we ask for": (used("2"), 2, OVER),
    "the budget is used up": (used("0", is_granted=False, denied_reason="BudgetExceeded"), None, "BudgetExceeded"),
    "values, none asked for": (row("enum"), None, ""),
    "values, one asked for": (row("enum"), "slack", ""),
    "values, all asked for": (row("enum"), ["github", "slack"], ""),
    "values, one that is not among them": (row("enum"), ["slack", "jira"], MISMATCH),
    "values, asked for a number": (row("enum"), 1, OTHER_TYPE),
    "a number, asked for a value": (row("limit"), "slack", OTHER_TYPE),
}


@pytest.mark.parametrize(("entitlement", "requested", "reason"), CASES.values(), ids=CASES.keys())
def test_the_rule(entitlement: Entitlement | None, requested: Requested, reason: str) -> None:
    decision = answer(entitlement, requested)
    assert (decision.reason, decision.is_granted, bool(decision)) == (reason, not reason, not reason)


@pytest.mark.parametrize("absence", ["NoActiveSubscription", "CustomerNotFound", "CustomerIsArchived"])
def test_who_has_nothing_is_told_the_one_reason_for_it(absence: str) -> None:
    assert answer(None, absence=absence).reason == absence


def test_that_reason_says_nothing_about_what_is_granted() -> None:
    assert answer(row("boolean"), absence="NoActiveSubscription").is_granted


@pytest.mark.parametrize(("ends", "reason"), [(-1, ""), (0, ""), (1, OVER)])
def test_a_new_period_begins_at_nought_before_anybody_tells_us(ends: int, reason: str) -> None:
    ends_at = NOW + timedelta(seconds=ends)
    decision = answer(used("3", usage_period_ends_at=ends_at, meter_type="Incremental"), 1)
    assert (decision.reason, decision.usage, decision.resets_at) == (
        reason,
        Decimal(3 if reason else 0),
        ends_at if reason else None,
    )


def test_the_answer_says_what_is_left() -> None:
    assert answer(used("1")).remaining == 2
    assert answer(used("5")).remaining == 0
    assert answer(used("5", has_unlimited_usage=True)).remaining is None
    assert answer(row("limit")).remaining is None


@pytest.mark.parametrize(
    ("usage", "limit", "said"),
    [
        ("3.000000", "3.000000", ("3", "3", "0")),
        ("2.500000", "1000.000000", ("2.5", "1000", "997.5")),
        ("0.000000", "0.100000", ("0", "0.1", "0.1")),
    ],
)
def test_figures_are_as_people_write_them(usage: str, limit: str, said: tuple[str, str, str]) -> None:
    decision = answer(used(usage, usage_limit=Decimal(limit)))
    assert (str(decision.usage), str(decision.limit), str(decision.remaining)) == said


@given(
    usage=st.decimals(0, 1000, places=3),
    limit=st.decimals(0, 1000, places=3),
    requested=st.decimals(0, 1000, places=3),
)
def test_a_hard_limit_is_never_passed(usage: Decimal, limit: Decimal, requested: Decimal) -> None:
    decision = answer(used(str(usage), usage_limit=limit), requested)
    assert decision.is_granted == (usage + requested <= limit)
    assert decision.needed == usage + requested
