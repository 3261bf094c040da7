"""The cheapest way to what was refused, case by case: a price list, what the customer has, and the offer."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from billing.gateways.stigg.types import (
    AddonSnapshot,
    FeatureSnapshot,
    PaywallSnapshot,
    PlanEntitlementSnapshot,
    PlanSnapshot,
    PriceSnapshot,
)
from billing.money import Money
from billing.services.entitlements import Decision
from billing.services.upgrades import Holding, Offer, cheapest_offer, grant_of
from tests.unit.shop import per_seat, plan, price, shop, usd

pytestmark = pytest.mark.shows("P16")

SSO = FeatureSnapshot("feature-sso", "Single sign-on")
PROJECTS = FeatureSnapshot(
    "feature-projects", "Projects", feature_type="NUMBER", meter_type="Fluctuating", units="project"
)
HISTORY = FeatureSnapshot("feature-history", "History", feature_type="NUMBER")
TOOLS = FeatureSnapshot("feature-tools", "Tools", feature_type="ENUM")


def limit(feature: FeatureSnapshot, amount: int | None = None, **fields: Any) -> PlanEntitlementSnapshot:
    return PlanEntitlementSnapshot(feature, usage_limit=None if amount is None else Decimal(amount), **fields)


FREE = plan("Free", "FREE", entitlements=(limit(PROJECTS, 3), limit(HISTORY, 7)))
STARTER = plan(
    "Starter", monthly=19, yearly=182, entitlements=(limit(PROJECTS, 20), limit(TOOLS, enum_values=("slack", "git")))
)
PRO = plan(
    "Pro",
    monthly=49,
    yearly=470,
    inherited_entitlements=STARTER.entitlements,
    entitlements=(limit(PROJECTS, has_unlimited_usage=True), limit(HISTORY, 365), limit(SSO)),
)
ENTERPRISE = plan("Enterprise", "CUSTOM", entitlements=(limit(SSO), limit(TOOLS, enum_values=("slack", "git", "sap"))))
SHOP = shop(FREE, STARTER, PRO, ENTERPRISE)


def lacking(feature: FeatureSnapshot, **fields: Any) -> Decision:
    """A refusal."""
    given = {"reason": "NoFeatureEntitlementInSubscription"} | fields
    return Decision(feature.feature_id, **given)


def full(usage: int, requested: int = 1, **fields: Any) -> Decision:
    used, more = Decimal(usage), Decimal(requested)
    return lacking(PROJECTS, reason="RequestedUsageExceedingLimit", usage=used, requested=more, **fields)


def on(name: str, period: str = "MONTHLY", **addons: int) -> Holding:
    return Holding(f"plan-{name.lower()}", period, {f"addon-{key}": quantity for key, quantity in addons.items()})


def offer(
    refusal: Decision, holding: Holding | None = None, paywall: PaywallSnapshot = SHOP, **options: Any
) -> Offer | None:
    held = holding or Holding()
    given = {"period": held.period or "MONTHLY"} | options
    return cheapest_offer(paywall, refusal, held, **given)


def named(found: Offer | None) -> str | None:
    if found is None:
        return None
    what = found.addon.display_name if found.addon else found.plan.display_name
    return f"{what} {found.kind if found.price is None else found.price.format()}"


NOBODY = Holding()
CASES: dict[str, tuple[Decision, Holding, str | None]] = {
    "a feature that one plan has": (lacking(SSO), on("Free", ""), "Pro $49"),
    "nobody's plan yet": (lacking(SSO), NOBODY, "Pro $49"),
    "the first limit that is high enough": (full(3), on("Free", ""), "Starter $19"),
    "a limit that just suffices": (full(19), on("Free", ""), "Starter $19"),
    "one more than that": (full(20), on("Free", ""), "Pro $49"),
    "no limit at all": (full(20_000), on("Starter"), "Pro $49"),
    "with nothing, free is cheapest": (full(0), NOBODY, "Free $0"),
    "what is inherited counts": (lacking(TOOLS, requested_values=("git",)), on("Pro"), "Enterprise contact"),
    "a value": (lacking(TOOLS, requested_values=("git",)), on("Free", ""), "Starter $19"),
    "a value that a custom plan alone has": (
        lacking(TOOLS, requested_values=("git", "sap")),
        on("Free", ""),
        "Enterprise contact",
    ),
    "a value that no plan has": (lacking(TOOLS, requested_values=("irc",)), on("Free", ""), None),
    "a plain limit": (lacking(HISTORY, requested=Decimal(30)), on("Starter"), "Pro $49"),
    "more than any limit": (lacking(HISTORY, requested=Decimal(400)), on("Starter"), None),
    "who pays yearly sees yearly prices": (lacking(SSO), on("Starter", "ANNUALLY"), "Pro $470"),
    "the plan one has is no way up": (lacking(SSO), on("Pro"), "Enterprise contact"),
    "nor is one below it": (full(3), on("Pro"), None),
    "a plan that is not sold any more": (full(3), on("Legacy"), "Starter $19"),
}


@pytest.mark.parametrize(("refusal", "holding", "expected"), CASES.values(), ids=CASES.keys())
def test_the_cheapest_plan_that_grants_it(refusal: Decision, holding: Holding, expected: str | None) -> None:
    assert named(offer(refusal, holding)) == expected


def test_cheaper_beats_earlier() -> None:
    dear, cheap = plan("Dear", monthly=99, entitlements=(limit(SSO),)), plan("Cheap", monthly=9)
    cheap = replace(cheap, entitlements=(limit(SSO),))
    assert named(offer(lacking(SSO), on("Free", ""), shop(FREE, dear, cheap))) == "Cheap $9"


@pytest.mark.parametrize(("yearly", "expected"), [(470, "Yearly $470"), (600, "Pro $49")])
def test_a_plan_sold_in_another_period_is_compared_by_the_year(yearly: int, expected: str) -> None:
    other = plan("Yearly", yearly=yearly, entitlements=(limit(SSO),))
    assert named(offer(lacking(SSO), on("Free", ""), shop(FREE, PRO, other))) == expected


def test_an_amount_in_another_currency_is_not_compared() -> None:
    euro = PriceSnapshot("MONTHLY", "FLAT_FEE", price=Money(100, "EUR"))
    abroad = plan("Abroad", prices=(euro,), entitlements=(limit(SSO),))
    assert named(offer(lacking(SSO), on("Free", ""), shop(FREE, abroad, PRO))) == "Pro $49"
    assert named(offer(lacking(SSO), on("Free", ""), shop(FREE, abroad, ENTERPRISE))) == "Abroad plan"


def test_hidden_plans_are_not_offered() -> None:
    assert named(offer(lacking(SSO), on("Free", ""), hidden=["plan-pro"])) == "Enterprise contact"
    secret = replace(PRO, hidden_from_widgets=("PAYWALL",))
    assert named(offer(lacking(SSO), on("Free", ""), shop(FREE, secret, ENTERPRISE))) == "Enterprise contact"


def test_plans_of_another_product_are_no_upgrade() -> None:
    other = replace(PRO, product_id="another")
    assert named(offer(lacking(SSO), on("Free", ""), shop(FREE, other, ENTERPRISE))) == "Enterprise contact"


def test_a_grant_adds_to_what_is_inherited_where_it_says_so() -> None:
    more = plan("More", inherited_entitlements=(limit(PROJECTS, 20),), entitlements=(limit(PROJECTS, 5),))
    instead = grant_of(more, "feature-projects")
    on_top = grant_of(replace(more, entitlements=(limit(PROJECTS, 5, is_increment=True),)), "feature-projects")
    assert instead is not None
    assert on_top is not None
    assert (instead.usage_limit, on_top.usage_limit) == (5, 25)


def test_what_a_plan_takes_back_is_not_granted() -> None:
    without = plan("Without", monthly=1, entitlements=(limit(SSO, is_granted=False),))
    assert named(offer(lacking(SSO), on("Free", ""), shop(FREE, without))) is None


# By the unit


def team(maximum: int | None = None) -> PlanSnapshot:
    most = Decimal(maximum) if maximum else None
    seats = price("MONTHLY", 12, feature=PROJECTS, min_unit_quantity=Decimal(2), max_unit_quantity=most)
    return plan("Team", prices=(replace(seats, billing_model="PER_UNIT"),), entitlements=(limit(PROJECTS, 2),))


def test_units_are_their_own_limit_and_are_priced_as_many_as_it_takes() -> None:
    found = offer(full(5, 2), on("Free", ""), shop(FREE, team()))
    assert found is not None
    assert (found.kind, found.units, found.price) == ("units", 7, usd(84))


def test_who_has_the_plan_may_take_more_units_of_it() -> None:
    found = offer(full(5), on("Team"), shop(FREE, team(), PRO))
    assert found is not None
    assert (found.plan.plan_id, found.units, named(found)) == ("plan-pro", 0, "Pro $49")
    found = offer(full(3), on("Team"), shop(FREE, team(), PRO))
    assert found is not None
    assert (found.plan.plan_id, found.units, found.price) == ("plan-team", 4, usd(48))


def test_no_more_units_than_are_sold() -> None:
    assert named(offer(full(10), on("Team"), shop(FREE, team(10)))) is None


# Add-ons


def addon(name: str, monthly: float, *grants: PlanEntitlementSnapshot, **fields: Any) -> AddonSnapshot:
    return AddonSnapshot(
        f"addon-{name.lower()}", name, prices=(price("MONTHLY", monthly),), entitlements=grants, **fields
    )


def with_addons(*addons: AddonSnapshot) -> PaywallSnapshot:
    return shop(FREE, replace(STARTER, compatible_addons=addons), PRO)


PACK = addon("Pack", 8, limit(PROJECTS, 5, is_increment=True))
AT_20 = full(20, limit=Decimal(20))

ADDONS: dict[str, tuple[AddonSnapshot, Decision, Holding, str, int]] = {
    "a cheaper add-on": (addon("Login", 5, limit(SSO)), lacking(SSO), on("Starter"), "Login $5", 1),
    "one that costs as much as the step up": (
        addon("Login", 30, limit(SSO)),
        lacking(SSO),
        on("Starter"),
        "Pro $49",
        0,
    ),
    "one that costs more": (addon("Login", 31, limit(SSO)), lacking(SSO), on("Starter"), "Pro $49", 0),
    "not of a plan one does not have": (addon("Login", 5, limit(SSO)), lacking(SSO), on("Free", ""), "Pro $49", 0),
    "not in another period": (addon("Login", 5, limit(SSO)), lacking(SSO), on("Starter", "ANNUALLY"), "Pro $470", 0),
    "one pack more": (PACK, AT_20, on("Starter"), "Pack $8", 1),
    "as many as it takes": (PACK, replace(AT_20, requested=Decimal(12)), on("Starter"), "Pack $24", 3),
    "too many to be cheaper": (PACK, replace(AT_20, requested=Decimal(18)), on("Starter"), "Pro $49", 0),
    "on top of those one has": (
        PACK,
        full(25, limit=Decimal(25)),
        on("Starter", pack=1),
        "Pack $8",
        2,
    ),
    "no more than are sold": (
        replace(PACK, max_quantity=1),
        full(25, limit=Decimal(25)),
        on("Starter", pack=1),
        "Pro $49",
        0,
    ),
    "not one that needs another": (
        replace(PACK, dependencies=("addon-base",)),
        AT_20,
        on("Starter"),
        "Pro $49",
        0,
    ),
    "not one that the paywall hides": (
        replace(PACK, hidden_from_widgets=("PAYWALL",)),
        AT_20,
        on("Starter"),
        "Pro $49",
        0,
    ),
    "with all that is charged for it": (
        replace(
            PACK, prices=(price("MONTHLY", 8), price("MONTHLY", 4), price("MONTHLY", 99, billing_cadence="ONE_OFF"))
        ),
        AT_20,
        on("Starter"),
        "Pack $12",
        1,
    ),
    "each time with the least that is sold": (
        replace(PACK, prices=(per_seat(2, min_unit_quantity=Decimal(5)),)),
        replace(AT_20, requested=Decimal(6)),
        on("Starter"),
        "Pack $20",
        2,
    ),
    "unless that is there": (replace(PACK, dependencies=("addon-base",)), AT_20, on("Starter", base=1), "Pack $8", 1),
}


@pytest.mark.parametrize(("sold", "refusal", "holding", "expected", "quantity"), ADDONS.values(), ids=ADDONS.keys())
def test_an_addon_of_the_plan_one_has(
    sold: AddonSnapshot, refusal: Decision, holding: Holding, expected: str, quantity: int
) -> None:
    found = offer(refusal, holding, with_addons(sold))
    assert found is not None
    assert (named(found), found.addon_quantity) == (expected, quantity)
