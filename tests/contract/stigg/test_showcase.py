"""The harder catalogue: units, tiers, blocks, currencies, trials by default, coupons that end."""

import pytest

from sandbox.catalog import loader
from tests.contract.stigg.callers import StiggRefused

EDITORS = "feature-editors"


@pytest.fixture
def servers(running):
    running.world.settings.catalog = loader.DEFAULT.with_name("showcase.yaml")
    running.run(running.world.reset())
    running.received.clear()
    yield running
    running.world.settings.catalog = None


def units(**counts):
    return [{"featureId": f"feature-{name}", "quantity": count} for name, count in counts.items()]


@pytest.fixture
def buy(stigg, ada, with_card):
    with_card()

    def buy(plan_id, **given):
        """Previews, buys, and finds that both say the same; the total."""
        given = {"skipTrial": True, **given}
        asked = {name: value for name, value in given.items() if name != "skipTrial"}
        preview = stigg.preview(ada, plan_id, trialOverrideConfiguration={"isTrial": False}, **asked)
        bought = stigg.provision(ada, plan_id, **given)
        assert bought["status"] == "ACTIVE"
        assert bought["latestInvoice"]["total"] == preview["immediateInvoice"]["total"]["amount"]
        return bought["latestInvoice"]["total"]

    return buy


def test_units(stigg, ada, buy):
    assert buy("plan-team", billableFeatures=units(editors=7)) == 84
    assert stigg.entitlements(ada)[1][EDITORS]["usageLimit"] == 7


def test_a_single_charge_takes_a_unit_quantity_and_its_minimum_by_default(buy):
    assert buy("plan-team", unitQuantity=3) == 36


def test_without_a_quantity_the_minimum_is_bought(buy):
    assert buy("plan-team") == 24


@pytest.mark.parametrize("quantity", [1, 51, 2.5])
def test_quantities_have_their_bounds(stigg, ada, with_card, quantity):
    with_card()
    with pytest.raises(StiggRefused) as refused:
        stigg.provision(ada, "plan-team", skipTrial=True, billableFeatures=units(editors=quantity))
    assert refused.value.code == "InvalidQuantity"


def test_a_base_fee_and_graduated_tiers(buy):
    assert buy("plan-agency", billableFeatures=units(editors=22)) == 99 + 15 * 10 + 2 * 8


@pytest.mark.parametrize(("editors", "amount"), [(10, 100), (11, 400), (60, 60 * 7 + 50)])
def test_volume_tiers_and_blocks(buy, editors, amount):
    assert buy("plan-bulk", billableFeatures=units(editors=editors, renders=1500)) == amount + 5


@pytest.mark.parametrize(("country", "total", "currency"), [("DE", 27, "eur"), ("JP", 4300, "jpy")])
def test_currencies(stigg, ada, buy, country, total, currency):
    addons = [{"addonId": "addon-renders"}]
    assert buy("plan-team", billingCountryCode=country, addons=addons) == total
    [ref_id] = stigg.active(ada)
    found = stigg.subscription(ref_id)
    assert found["latestInvoice"]["currency"] == currency
    assert found["totalPrice"]["total"] == {"amount": total, "currency": currency.upper()}


def test_the_paywall_of_a_country(stigg):
    document = """query ($input: GetPaywallInput!) { paywall(input: $input) {
      currency { code symbol }
      plans { refId prices { billingPeriod billingCountryCode price { amount currency }
        tiers { upTo unitPrice { amount } flatPrice { amount } } tiersMode } }
      paywallCalculatedPricePoints { planId billingPeriod amount currency additionalChargesMayApply } } }"""
    german = stigg.ask(document, input={"billingCountryCode": "DE"})
    assert german["currency"] == {"code": "EUR", "symbol": "€"}
    plans = {plan["refId"]: plan for plan in german["plans"]}
    assert "plan-old" not in plans
    assert [p["price"]["amount"] for p in plans["plan-team"]["prices"]] == [11, 110]
    monthly = [p for p in plans["plan-agency"]["prices"] if p["billingPeriod"] == "MONTHLY"]
    tiered = monthly[1]
    assert tiered["tiersMode"] == "GRADUATED"
    assert tiered["tiers"][-1] == {"upTo": None, "unitPrice": {"amount": 7.49}, "flatPrice": {"amount": 0}}
    points = {p["planId"]: p for p in german["paywallCalculatedPricePoints"] if p["billingPeriod"] == "MONTHLY"}
    assert points["plan-agency"]["amount"] == 89.9
    assert points["plan-agency"]["additionalChargesMayApply"] is True
    everything = stigg.ask(document, input={"fetchAllCountriesPrices": True, "includeHiddenPlans": True})
    assert {plan["refId"] for plan in everything["plans"]} > set(plans)
    team = next(plan for plan in everything["plans"] if plan["refId"] == "plan-team")
    assert len(team["prices"]) == 6


def test_a_trial_is_the_default_once(servers, stigg, ada):
    trial = stigg.provision(ada, "plan-team")
    assert trial["status"] == "IN_TRIAL"
    stigg.cancel(trial["subscriptionId"])
    with pytest.raises(StiggRefused) as refused:
        stigg.provision(ada, "plan-agency")
    assert refused.value.code == "PaymentMethodNotFoundError"


def test_an_expired_trial_falls_back_to_the_free_plan(servers, stigg, ada):
    trial = stigg.provision(ada, "plan-agency")
    servers.advance(days=32)
    assert stigg.subscription(trial["subscriptionId"])["status"] == "EXPIRED"
    [free] = stigg.active(ada)
    assert stigg.subscription(free)["plan"]["refId"] == "plan-hobby"


def test_the_journey_starts_with_the_products_plan(stigg):
    made = stigg.provision_customer("customer-1", subscriptionParams={"planId": "plan-team"})
    assert made["subscriptionDecisionStrategy"] == "PREDEFINED_FREE_PLAN"
    assert made["subscription"]["plan"]["refId"] == "plan-hobby"


def test_fewer_units_are_credited_at_once(servers, stigg, stripe, ada, buy):
    buy("plan-team", billableFeatures=units(editors=10))
    fewer = stigg.provision(ada, "plan-team", billableFeatures=units(editors=2))
    assert fewer["prices"][0]["usageLimit"] == 2
    assert stripe.call("GET", f"/v1/customers/{stigg.customer(ada)['billingId']}")["balance"] < -9000


def test_an_add_on_that_needs_another(stigg, ada, buy):
    with pytest.raises(StiggRefused) as refused:
        buy("plan-team", addons=[{"addonId": "addon-priority-renders"}])
    assert refused.value.code == "AddonDependencyMissingError"
    both = [{"addonId": "addon-priority-renders"}, {"addonId": "addon-renders", "quantity": 2}]
    assert buy("plan-team", addons=both) == 24 + 9 + 10
    assert stigg.entitlements(ada)[1]["feature-renders"]["usageLimit"] == 2000


def test_a_coupon_for_two_months(servers, stigg, ada, buy):
    assert buy("plan-team", promotionCode="SPRING") == 14
    [ref_id] = stigg.active(ada)
    servers.advance(days=31)
    assert stigg.subscription(ref_id)["latestInvoice"]["total"] == 14
    assert stigg.next_invoice(ref_id)["total"]["amount"] == 24
    servers.advance(days=31)
    assert stigg.subscription(ref_id)["totalPrice"]["total"]["amount"] == 24


def test_the_third_month_is_billed_in_full(servers, stigg, ada, buy):
    buy("plan-team", promotionCode="SPRING")
    [ref_id] = stigg.active(ada)
    servers.advance(days=31)
    servers.advance(days=31)
    assert stigg.subscription(ref_id)["latestInvoice"]["total"] == 24


def test_the_first_month_free_needs_a_card_only_later(servers, stigg, ada, buy):
    assert buy("plan-team", appliedCoupon={"couponId": "FIRST"}) == 0
    [ref_id] = stigg.active(ada)
    servers.advance(days=32)
    assert stigg.subscription(ref_id)["latestInvoice"]["total"] == 24


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"promotionCode": "GONE"}, "PromotionCodeNotActive"),
        ({"appliedCoupon": {"couponId": "GONE"}}, "ArchivedCouponCantBeApplied"),
    ],
)
def test_an_archived_coupon_is_refused(stigg, ada, given, code):
    with pytest.raises(StiggRefused) as refused:
        stigg.preview(ada, "plan-team", **given)
    assert refused.value.code == code


def test_a_canceled_plan_falls_back_to_the_free_one(servers, stigg, ada, buy):
    buy("plan-team")
    [ref_id] = stigg.active(ada)
    stigg.cancel(ref_id)
    [free] = stigg.active(ada)
    assert stigg.subscription(free)["plan"]["refId"] == "plan-hobby"
    stigg.cancel(free, subscriptionCancellationAction="REVOKE_ENTITLEMENTS")
    assert stigg.active(ada) == []
