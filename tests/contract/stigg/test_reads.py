"""The paywall, products, coupons, lists of subscriptions, several roots in one query, and the edge."""

import pytest

from tests.contract.stigg.callers import StiggRefused

PAYWALL = """query GetPaywall($input: GetPaywallInput!) { paywall(input: $input) {
  plans {
    refId displayName pricingType basePlan { refId } product { refId }
    prices { billingPeriod billingModel billingId price { amount currency } }
    entitlements { usageLimit isGranted feature { refId displayName } }
    inheritedEntitlements { feature { refId } }
    packageEntitlements { __typename ... on PackageFeatureEntitlement { order feature { refId } } }
    compatibleAddons { refId prices { billingPeriod price { amount } } }
    defaultTrialConfig { duration }
  }
  currency { code symbol }
  configuration { palette { primary } layout { planWidth } typography { fontFamily } }
  customer { customerId } activeSubscriptions { subscriptionId plan { refId } }
  paywallCalculatedPricePoints { planId billingPeriod amount currency additionalChargesMayApply }
} }"""


def test_the_paywall_for_anyone(stigg):
    paywall = stigg.ask(PAYWALL, input={})
    assert [p["refId"] for p in paywall["plans"]] == [
        "plan-free",
        "plan-starter",
        "plan-pro",
        "plan-business",
        "plan-enterprise",
    ]
    assert paywall["currency"] == {"code": "USD", "symbol": "$"}
    assert (paywall["customer"], paywall["activeSubscriptions"]) == (None, None)
    pro = paywall["plans"][2]
    assert pro["basePlan"] == {"refId": "plan-starter"}
    assert [p["price"]["amount"] for p in pro["prices"]] == [49, 470]
    assert all(p["billingId"].startswith("price_") for p in pro["prices"])
    own = {e["feature"]["refId"] for e in pro["entitlements"]}
    inherited = {e["feature"]["refId"] for e in pro["inheritedEntitlements"]}
    assert "feature-custom-domain" in inherited
    assert not own & inherited
    assert [a["refId"] for a in pro["compatibleAddons"]] == ["addon-extra-seats"]
    points = {(p["planId"], p["billingPeriod"]): p["amount"] for p in paywall["paywallCalculatedPricePoints"]}
    assert points["plan-pro", "ANNUALLY"] == 470


def test_amounts_are_written_as_javascript_writes_them(stigg):
    text = stigg.post({"query": PAYWALL, "variables": {"input": {}}}).text
    assert '"amount":49,' in text.replace(" ", "")


def test_the_paywall_for_a_customer(stigg, ada):
    stigg.provision(ada, "plan-free")
    paywall = stigg.ask(PAYWALL, input={"customerId": ada, "productId": "product-tollgate"})
    assert paywall["customer"] == {"customerId": ada}
    assert [s["plan"]["refId"] for s in paywall["activeSubscriptions"]] == ["plan-free"]


def test_an_unknown_product(stigg):
    with pytest.raises(StiggRefused) as refused:
        stigg.ask(PAYWALL, input={"productId": "product-nowhere"})
    assert refused.value.code == "ProductNotFoundError"


def test_several_roots_in_one_query(stigg, ada, with_card):
    with_card()
    stigg.provision(ada, "plan-pro")
    answer = stigg.post(
        {
            "operationName": "Everything",
            "query": """query Everything($id: String!) {
              getCustomerByRefId(input: {customerId: $id}) { customerId hasPaymentMethod }
              getActiveSubscriptions(input: {customerId: $id}) { status customer { subscriptions { status } } }
              entitlementsState(query: {customerId: $id}) { accessDeniedReason entitlementsV2 { __typename } }
            }""",
            "variables": {"id": ada},
        }
    ).json()
    assert "errors" not in answer
    assert answer["data"]["getCustomerByRefId"] == {"customerId": ada, "hasPaymentMethod": True}
    assert answer["data"]["getActiveSubscriptions"][0]["customer"]["subscriptions"] == [{"status": "ACTIVE"}]
    assert answer["data"]["entitlementsState"]["accessDeniedReason"] is None


def test_subscriptions_are_filtered_sorted_and_paged(servers, stigg, stripe, ada, with_card):
    for _ in range(3):
        free = stigg.provision(ada, "plan-free")["subscriptionId"]
        stigg.cancel(free)
    stigg.provision(ada, "plan-free", refId="subscription-last")
    document = """query ($filter: SubscriptionQueryFilter, $paging: CursorPaging, $sorting: [SubscriptionQuerySort!]) {
      subscriptions(filter: $filter, paging: $paging, sorting: $sorting) {
        edges { node { subscriptionId status } } pageInfo { hasNextPage endCursor } } }"""
    by_customer = {"customerId": {"eq": ada}}
    canceled = stigg.ask(document, filter={**by_customer, "status": {"in": ["CANCELED"]}})
    assert len(canceled["edges"]) == 3
    oldest_first = [{"field": "createdAt", "direction": "ASC"}]
    page = stigg.ask(document, filter=by_customer, paging={"first": 3}, sorting=oldest_first)
    assert page["pageInfo"]["hasNextPage"] is True
    paging = {"first": 3, "after": page["pageInfo"]["endCursor"]}
    rest = stigg.ask(document, filter=by_customer, paging=paging, sorting=oldest_first)
    assert [e["node"]["subscriptionId"] for e in rest["edges"]] == ["subscription-last"]
    assert rest["pageInfo"]["hasNextPage"] is False


def test_coupons_and_products(stigg):
    document = """{ coupons(filter: {status: {eq: ACTIVE}}, paging: {first: 25}) {
      edges { node { refId type percentOff discountValue status billingId } } } }"""
    assert stigg.ask(document)["edges"][0]["node"] == {
        "refId": "WELCOME20",
        "type": "PERCENTAGE",
        "percentOff": 20,
        "discountValue": 20,
        "status": "ACTIVE",
        "billingId": "WELCOME20",
    }
    products = stigg.ask("{ products(paging: {first: 20}) { edges { node { refId downgradePlan { refId } } } } }")
    assert products["edges"] == [{"node": {"refId": "product-tollgate", "downgradePlan": {"refId": "plan-free"}}}]


def test_the_edge_serves_the_same(stigg, ada, with_card):
    with_card()
    stigg.provision(ada, "plan-pro", refId="subscription-1")
    paywall = stigg.edge("/v1/paywall.json").json()["data"]["paywall"]
    assert [p["refId"] for p in paywall["plans"]][2] == "plan-pro"
    assert stigg.edge("/v1/p/product-tollgate/paywall.json").json()["data"]["paywall"] == paywall
    subscriptions = stigg.edge(f"/v1/c/{ada}/subscriptions.json").json()["data"]["getActiveSubscriptions"]
    assert [(s["subscriptionId"], s["plan"]["planId"]) for s in subscriptions] == [("subscription-1", "plan-pro")]
    state = stigg.edge(f"/v1/c/{ada}/entitlements-state.json").json()["data"]["entitlementsState"]
    assert state["accessDeniedReason"] is None
    assert len(state["entitlements"]) == len(state["entitlementsV2"]) == 10
    everything = stigg.edge(f"/v1/c/{ada}/entitlements.json").json()["data"]["entitlements"]
    assert everything == state["entitlements"]
    path = f"/v1/c/{ada}/entitlements.json"
    one = stigg.edge(path, featureId="feature-seats", requestedUsage=26).json()["data"]["entitlement"]
    assert (one["isGranted"], one["accessDeniedReason"]) == (False, "RequestedUsageExceedingLimit")


def test_the_edge_wants_a_key(stigg):
    refused = stigg.edge("/v1/paywall.json", key="server-other")
    assert refused.status_code == 401
    assert refused.json()["errors"][0]["extensions"]["code"] == "Unauthenticated"
