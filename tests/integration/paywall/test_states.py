"""Every state of a plan's button on the real page, of customers who really are in that state at Stigg."""

from __future__ import annotations

from typing import Any

import pytest
from django.utils import timezone

from billing.models import Subscription
from tests.integration.browsing import signed_in
from tests.integration.paywall.shopping import buy, mirror, paywall, shopper
from tests.people import person
from tests.sandbox_process import SandboxClient

pytestmark = [pytest.mark.shows("P8"), pytest.mark.django_db, pytest.mark.usefixtures("price_lists")]
MONTHLY, ANNUALLY = {"period": "MONTHLY"}, {"period": "ANNUALLY"}


def labels(who: Any = None, **query: Any) -> dict[str, str]:
    return {plan_id.removeprefix("plan-"): card.label for plan_id, card in paywall(who, **query).items()}


def test_a_stranger_is_offered_to_start_try_choose_or_talk() -> None:
    assert labels(**MONTHLY) == {
        "hobby": "Start for free – Hobby",
        "team": "Try Team free for 14 days",
        "agency": "Try Agency free for 1 month",
        "bulk": "Choose Bulk",
        "enterprise": "Talk to us – Enterprise",
    }


def test_a_plan_that_stigg_hides_and_one_not_sold_by_the_year_are_not_there() -> None:
    assert "plan-old" not in paywall(**MONTHLY)
    assert "plan-bulk" not in paywall(**ANNUALLY)


def test_who_is_signed_in_without_a_plan_sees_the_same() -> None:
    assert labels(person("new"), **MONTHLY) == labels(**MONTHLY)


def test_upgrade_downgrade_and_the_current_plan(sandbox: SandboxClient) -> None:
    ada = shopper(sandbox)
    buy(ada, "plan-team", feature_editors=3)
    assert labels(ada, **MONTHLY) == {
        "hobby": "Move to Hobby",
        "team": "Your current plan",
        "agency": "Upgrade to Agency",  # Stigg grants no trial to who has paid before
        "bulk": "Upgrade to Bulk",
        "enterprise": "Talk to us – Enterprise",
    }
    assert paywall(ada, **MONTHLY)["plan-team"].url == ""


def test_the_other_period_of_the_current_plan(sandbox: SandboxClient) -> None:
    ada = shopper(sandbox)
    buy(ada, "plan-team", feature_editors=3)
    card = paywall(ada, **ANNUALLY)["plan-team"]
    assert card.label == "Switch to yearly billing – Team"
    assert card.url == "/checkout/start/?plan=plan-team&period=ANNUALLY&quantity-feature-editors=3"
    assert "$360 billed once a year for 3 editors, you save $72" in card


def test_another_number_on_the_current_plan(sandbox: SandboxClient) -> None:
    ada = shopper(sandbox)
    buy(ada, "plan-agency", feature_editors=7)
    assert paywall(ada, **MONTHLY)["plan-agency"].label == "Your current plan"
    more = paywall(ada, **MONTHLY, **{"quantity-plan-agency": "21"})["plan-agency"]
    assert more.label == "Change to 21 editors – Agency"
    assert more.url == "/checkout/start/?plan=plan-agency&period=MONTHLY&quantity-feature-editors=21"
    assert "$257 per month" in more  # 99 + 15 * 10 + 1 * 8


def test_a_trial_says_how_long_it_lasts_and_leads_to_paying(sandbox: SandboxClient) -> None:
    ada = shopper(sandbox)
    buy(ada, "plan-team", skip_trial=False, feature_editors=2)
    assert ada.customer.subscriptions.get(plan_id="plan-team").status == Subscription.Status.IN_TRIAL
    found = paywall(ada, **MONTHLY)
    assert "Your trial: 14 days left" in found["plan-team"]
    assert found["plan-team"].label == "Upgrade to Team now"
    assert found["plan-agency"].label == "Upgrade to Agency"
    assert found["plan-hobby"].label == "Move to Hobby"


def test_there_is_one_trial_of_a_product_and_none_is_offered_that_an_order_would_not_begin(
    sandbox: SandboxClient,
) -> None:
    ada = shopper(sandbox)
    buy(ada, "plan-team", skip_trial=False, feature_editors=2)
    assert ada.customer.trial_eligibility == {"product-studio": False}
    sandbox.advance(hours=15 * 24)
    mirror(ada)
    assert labels(ada, **MONTHLY)["agency"] in {"Upgrade to Agency", "Choose Agency"}
    ada.customer.trial_eligibility = {"product-studio": True}
    ada.customer.save()
    assert labels(ada, **MONTHLY)["agency"] in {"Upgrade to Agency", "Choose Agency"}


def test_who_has_paid_before_is_offered_no_trial_also_where_stigg_was_not_asked() -> None:
    ada = person("ada")
    Subscription.objects.create(
        customer=ada.customer,
        stigg_id="imported",
        plan_id="plan-team",
        product_id="product-studio",
        pricing_type="PAID",
        billing_period="MONTHLY",
        status="ACTIVE",
        mirrored_at=timezone.now(),
    )
    assert labels(ada, **MONTHLY)["agency"] == "Upgrade to Agency"


def test_a_custom_plan_takes_the_buttons_away(sandbox: SandboxClient) -> None:
    ada = shopper(sandbox)
    Subscription.objects.create(
        customer=ada.customer,
        stigg_id="custom",
        status="ACTIVE",
        plan_id="plan-enterprise",
        plan_name="Enterprise",
        pricing_type="CUSTOM",
        mirrored_at="2026-01-01T00:00Z",
    )
    found = labels(ada, **MONTHLY)
    assert found.pop("enterprise") == "Your current plan"
    assert set(found.values()) == {""}
    assert "quantity-plan-agency" not in paywall(ada, **MONTHLY)["plan-agency"].text


@pytest.mark.shows("P9")
def test_only_eligible_plans_and_hidden_ones(sandbox: SandboxClient, settings: Any) -> None:
    ada = shopper(sandbox)
    buy(ada, "plan-agency", feature_editors=1)
    settings.TOLLGATE_ONLY_ELIGIBLE_PLANS = True
    assert list(labels(ada, **MONTHLY)) == ["agency", "bulk", "enterprise"]
    assert list(labels(**MONTHLY)) == ["hobby", "team", "agency", "bulk", "enterprise"]
    settings.TOLLGATE_HIDDEN_PLAN_IDS = ("plan-bulk",)
    assert list(labels(ada, **MONTHLY)) == ["agency", "enterprise"]


@pytest.mark.shows("P9")
def test_a_resource_has_a_plan_of_its_own(sandbox: SandboxClient) -> None:
    ada = shopper(sandbox)
    buy(ada, "plan-team", feature_editors=2)
    ada.customer.subscriptions.update(resource_id="site-1")
    assert labels(ada, **MONTHLY)["team"] != "Your current plan"
    of_site = paywall(ada, resource="site-1", **MONTHLY)
    assert of_site["plan-team"].label == "Your current plan"
    assert "resource=site-1" in of_site["plan-bulk"].url
    assert labels(ada, resource="site-2", **MONTHLY)["team"] != "Your current plan"
    assert labels(person("bob"), resource="site-1", **MONTHLY)["team"] != "Your current plan"


@pytest.mark.shows("P9")
def test_several_products_each_have_their_paywall_and_others_are_none_of_it(
    sandbox: SandboxClient, settings: Any
) -> None:
    settings.TOLLGATE_PRODUCT_ID = "product-studio"
    settings.TOLLGATE_PRODUCT_IDS = ("product-studio", "product-other")
    ada = shopper(sandbox)
    buy(ada, "plan-team", feature_editors=2)
    assert labels(ada, product="product-studio", **MONTHLY)["team"] == "Your current plan"
    assert labels(ada, product="nobody-sells-this", **MONTHLY)["team"] == "Your current plan"
    ada.customer.subscriptions.update(product_id="product-other")
    assert labels(ada, **MONTHLY)["team"] != "Your current plan"


def test_the_number_travels_to_the_review_page(sandbox: SandboxClient) -> None:
    ada = shopper(sandbox)
    chosen = paywall(ada, **MONTHLY, **{"quantity-plan-agency": "21"})["plan-agency"]
    page = signed_in(ada).get(chosen.url)
    assert page.status_code == 200
    assert page.context["form"]["quantity-feature-editors"].value() == "21"
