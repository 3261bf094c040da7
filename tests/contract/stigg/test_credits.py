"""Credits: given by plans and add-ons for a month, eaten up by usage, denied when they are gone."""

import pytest

from sandbox.catalog import loader
from tests.contract.stigg.callers import StiggRefused

ENTITLEMENT = """query ($query: GetEntitlementV2Input!) { entitlementV2(query: $query) {
  __typename ... on CreditEntitlement {
    isGranted accessDeniedReason usageLimit currentUsage currency { currencyId unitPlural } } } }"""
STATE = """query ($query: FetchEntitlementsQuery!) { entitlementsState(query: $query) { entitlementsV2 {
  __typename ... on CreditEntitlement { usageLimit }
  ... on FeatureEntitlement { feature { refId } creditRate { amount currencyId } } } } }"""
REPORT = """mutation ($input: ReportUsageInput!) { reportUsage(input: $input) {
  currentUsage credit { currencyId currentUsage consumed } } }"""
PAYWALL = """query ($input: GetPaywallInput!) { paywall(input: $input) { plans { refId packageEntitlements {
  __typename ... on PackageCreditEntitlement { amount cadence customCurrency { displayName symbol } } } } } }"""


@pytest.fixture
def servers(running):
    running.world.settings.catalog = loader.DEFAULT.with_name("showcase.yaml")
    running.run(running.world.reset())
    running.received.clear()
    yield running
    running.world.settings.catalog = None


@pytest.fixture
def credit(stigg, ada):
    def ask():
        return stigg.ask(ENTITLEMENT, query={"customerId": ada, "currencyId": "credit-ai"})

    return ask


def report(stigg, customer_id, value):
    given = {"customerId": customer_id, "featureId": "feature-retouching", "value": value}
    return stigg.ask(REPORT, input=given)


def test_usage_eats_up_what_plan_and_add_ons_give(servers, stigg, ada, with_card, credit):
    with_card()
    stigg.provision(ada, "plan-team", skipTrial=True, addons=[{"addonId": "addon-renders", "quantity": 2}])
    assert (credit()["usageLimit"], credit()["currentUsage"], credit()["isGranted"]) == (140, 0, True)
    assert report(stigg, ada, 30)["credit"] == {"currencyId": "credit-ai", "currentUsage": 60, "consumed": 60}
    report(stigg, ada, 40)
    assert (credit()["isGranted"], credit()["accessDeniedReason"]) == (False, "InsufficientCredits")
    servers.advance(days=32)
    assert (credit()["currentUsage"], credit()["isGranted"]) == (0, True)


def test_the_state_and_the_price_list_show_it(stigg, ada, with_card):
    with_card()
    stigg.provision(ada, "plan-team", skipTrial=True)
    union = stigg.ask(STATE, query={"customerId": ada})["entitlementsV2"]
    assert [each for each in union if each["__typename"] == "CreditEntitlement"] == [
        {"__typename": "CreditEntitlement", "usageLimit": 100}
    ]
    rates = {each["feature"]["refId"]: each["creditRate"] for each in union if "feature" in each}
    assert rates["feature-retouching"] == {"amount": 2, "currencyId": "credit-ai"}
    plans = {plan["refId"]: plan["packageEntitlements"] for plan in stigg.ask(PAYWALL, input={})["plans"]}
    assert plans["plan-team"][-1] == {
        "__typename": "PackageCreditEntitlement",
        "amount": 100,
        "cadence": "MONTH",
        "customCurrency": {"displayName": "AI credits", "symbol": "✦"},
    }


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        ({"currencyId": "credit-ai"}, "CustomCurrencyNotFound"),
        ({}, "BadUserInput"),
        ({"currencyId": "credit-ai", "featureId": "feature-fonts"}, "BadUserInput"),
    ],
)
def test_a_question_without_an_answer(stigg, ada, asked, code):
    with pytest.raises(StiggRefused) as refused:
        stigg.ask(ENTITLEMENT, query={"customerId": ada, **asked})
    assert refused.value.code == code
