"""Promotional entitlements: granted by hand, merged with what the plan grants, over when their time is."""

from sandbox.stigg import promotions

PORTAL = """query ($input: CustomerPortalInput!) { customerPortal(input: $input) {
  promotionalEntitlements { displayName period usageLimit endDate } } }"""
CUSTOMER = """query ($input: GetCustomerByRefIdInput!) { getCustomerByRefId(input: $input) {
  totalActivePromotionalEntitlements promotionalEntitlements { status usageLimit feature { refId } } } }"""


def give(servers, **fields):
    async def act():
        return promotions.grant(servers.world, fields)

    return servers.run(act())


def take(servers, **fields):
    async def act():
        return promotions.revoke(servers.world, fields)

    return servers.run(act())


def test_a_gift_needs_no_subscription(servers, stigg, ada):
    assert stigg.entitlements(ada)[0] == "NoActiveSubscription"
    give(servers, customer_id=ada, feature_id="feature-sso", period="LIFETIME")
    denied, granted = stigg.entitlements(ada)
    assert (denied, list(granted)) == (None, ["feature-sso"])
    take(servers, customer_id=ada, feature_id="feature-sso")
    assert stigg.entitlements(ada)[0] == "NoActiveSubscription"
    servers.settle()
    told = [kind for kind in servers.kinds(ada) if kind.startswith("promotional")]
    assert told == ["promotionalEntitlement.granted", "promotionalEntitlement.revoked"]


def test_events_of_gifts_may_be_named_in_words(switched, servers, stigg):
    switched(
        "promotional_events: promotionalEntitlement.granted ", "promotional_events: promotional_entitlement.granted "
    )
    stigg.provision_customer("customer-1")
    give(servers, customer_id="customer-1", feature_id="feature-sso", period="LIFETIME")
    servers.settle()
    assert "promotional_entitlement.granted" in servers.kinds("customer-1")


def test_the_more_generous_value_wins(servers, stigg, ada):
    stigg.provision(ada, "plan-free", billingPeriod=None)
    give(servers, customer_id=ada, feature_id="feature-projects", period="ONE_MONTH", usage_limit=50)
    give(servers, customer_id=ada, feature_id="feature-storage", period="ONE_MONTH", usage_limit=0.5)
    granted = stigg.entitlements(ada)[1]
    assert (granted["feature-projects"]["usageLimit"], granted["feature-storage"]["usageLimit"]) == (50, 1)


def test_it_ends_when_its_time_is_over(servers, stigg, ada):
    stigg.provision(ada, "plan-free", billingPeriod=None)
    give(servers, customer_id=ada, feature_id="feature-projects", period="ONE_WEEK", unlimited=True)
    [shown] = stigg.ask(PORTAL, input={"customerId": ada})["promotionalEntitlements"]
    assert (shown["displayName"], shown["period"]) == ("Projects", "ONE_WEEK")
    servers.advance(days=8)
    found = stigg.ask(CUSTOMER, input={"customerId": ada})
    assert found["totalActivePromotionalEntitlements"] == 0
    assert found["promotionalEntitlements"][0]["status"] == "Expired"
    assert stigg.entitlements(ada)[1]["feature-projects"]["usageLimit"] == 3
    assert servers.kinds(ada)[-2:] == ["promotionalEntitlement.expired", "entitlements.updated"]
