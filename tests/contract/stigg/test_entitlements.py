"""What a customer may use: one question at a time, with usage, resets and several sources."""

import pytest

from tests.contract.stigg.callers import StiggRefused


@pytest.fixture
def ask(stigg, ada):
    def ask(feature_id, **options):
        document = """query ($query: FetchEntitlementQuery!) { entitlement(query: $query) {
          isGranted accessDeniedReason usageLimit currentUsage requestedUsage hasSoftLimit nextResetDate } }"""
        return stigg.ask(document, query={"customerId": ada, "featureId": feature_id, "options": options})

    return ask


@pytest.fixture
def report(stigg, ada):
    def report(feature_id, value, **given):
        document = """mutation ($input: ReportUsageInput!) { reportUsage(input: $input) {
          currentUsage usagePeriodEnd nextResetDate featureId } }"""
        return stigg.ask(document, input={"customerId": ada, "featureId": feature_id, "value": value, **given})

    return report


def test_nobody_and_nothing(stigg, ada, ask):
    assert stigg.entitlements("customer-nobody")[0] == "CustomerNotFound"
    assert stigg.entitlements(ada) == ("NoActiveSubscription", {})
    assert ask("feature-seats")["accessDeniedReason"] == "NoActiveSubscription"


def test_what_the_plan_does_not_have(stigg, ada, ask):
    stigg.provision(ada, "plan-free")
    assert ask("feature-sso")["accessDeniedReason"] == "NoFeatureEntitlementInSubscription"
    assert ask("feature-nowhere")["accessDeniedReason"] == "FeatureNotFound"


def test_a_limit_is_kept_and_resets_with_the_month(servers, stigg, ada, ask, report):
    stigg.provision(ada, "plan-free")
    assert report("feature-api-calls", 990)["currentUsage"] == 990
    assert ask("feature-api-calls", requestedUsage=10)["isGranted"] is True
    refused = ask("feature-api-calls", requestedUsage=11)
    assert (refused["isGranted"], refused["accessDeniedReason"]) == (False, "RequestedUsageExceedingLimit")
    servers.settle()
    measured = servers.last("measurement.reported")
    assert (measured["currentUsage"], measured["usageUsedPercentage"]) == (990, 99)
    servers.advance(days=32)
    assert ask("feature-api-calls", requestedUsage=11)["currentUsage"] == 0


def test_usage_is_counted_once_per_key_and_can_be_set(stigg, ada, report):
    stigg.provision(ada, "plan-free")
    report("feature-projects", 1, idempotencyKey="a")
    assert report("feature-projects", 1, idempotencyKey="a")["currentUsage"] == 1
    assert report("feature-projects", 3, updateBehavior="SET")["currentUsage"] == 3
    assert report("feature-projects", -2)["currentUsage"] == 1


def test_usage_of_what_is_not_granted_is_refused(stigg, ada, report):
    with pytest.raises(StiggRefused) as refused:
        report("feature-projects", 1)
    assert refused.value.code == "NoFeatureEntitlementInSubscription"
    with pytest.raises(StiggRefused) as refused:
        report("feature-nowhere", 1)
    assert refused.value.code == "FeatureNotFound"


def test_a_soft_limit_may_be_exceeded(stigg, ada, with_card, ask):
    with_card()
    stigg.provision(ada, "plan-pro")
    answer = ask("feature-api-calls", requestedUsage=10_000_000)
    assert (answer["isGranted"], answer["hasSoftLimit"]) == (True, True)


def test_values_of_an_enum(stigg, ada, with_card, ask):
    with_card()
    stigg.provision(ada, "plan-starter")
    assert ask("feature-integrations", requestedValues=["slack"])["isGranted"] is True
    refused = ask("feature-integrations", requestedValues=["slack", "jira"])
    assert refused["accessDeniedReason"] == "RequestedValuesMismatch"


def test_the_most_generous_source_wins(stigg, ada, with_card):
    with_card()
    stigg.provision(ada, "plan-starter")
    stigg.provision(ada, "plan-pro", trialOverrideConfiguration={"isTrial": True})
    granted = stigg.entitlements(ada)[1]
    assert granted["feature-seats"]["usageLimit"] == 25
    assert granted["feature-projects"]["hasUnlimitedUsage"] is True


def test_the_newer_query_answers_alike(stigg, ada):
    stigg.provision(ada, "plan-free")
    document = """query ($query: GetEntitlementV2Input!) { entitlementV2(query: $query) {
      __typename ... on FeatureEntitlement { isGranted usageLimit feature { refId } } } }"""
    answer = stigg.ask(document, query={"customerId": ada, "featureId": "feature-seats"})
    assert answer == {
        "__typename": "FeatureEntitlement",
        "isGranted": True,
        "usageLimit": 1,
        "feature": {"refId": "feature-seats"},
    }


def test_several_reports_at_once(stigg, ada):
    stigg.provision(ada, "plan-free")
    document = """mutation ($input: ReportUsageBulkInput!) { reportUsageBulk(input: $input) { currentUsage } }"""
    one = {"customerId": ada, "featureId": "feature-api-calls", "value": 5}
    assert [r["currentUsage"] for r in stigg.ask(document, input={"usages": [one, one]})] == [5, 10]
    with pytest.raises(StiggRefused) as refused:
        stigg.ask(document, input={"usages": [one] * 101})
    assert refused.value.code == "BadUserInput"


def test_the_course_of_usage(servers, stigg, ada, report):
    stigg.provision(ada, "plan-free")
    report("feature-api-calls", 5, dimensions={"route": "a"})
    report("feature-api-calls", 2, dimensions={"route": "b"})
    servers.advance(days=32)
    report("feature-api-calls", 1, dimensions={"route": "a"})
    document = """query ($input: UsageHistoryV2Input!) { usageHistoryV2(input: $input) {
      markers { type timestamp } series { tags { key value } points { timestamp value isResetPoint } } } }"""
    asked = {"customerId": ada, "featureId": "feature-api-calls", "startDate": "2020-01-01T00:00:00Z"}
    [series] = stigg.ask(document, input=asked)["series"]
    assert [(p["value"], p["isResetPoint"]) for p in series["points"]] == [
        (5, False),
        (7, False),
        (0, True),
        (1, False),
    ]
    grouped = stigg.ask(document, input={**asked, "groupBy": ["route"]})["series"]
    assert [g["tags"] for g in grouped] == [[{"key": "route", "value": v}] for v in ("a", "b")]
