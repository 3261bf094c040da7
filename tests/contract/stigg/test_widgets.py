"""What Stigg's own widgets ask for: checkout state, customer portal, the older estimates, reported events."""

TOTALS = "total { amount } discountAmount { amount } subscription { total { amount } tax { amount } }"


def test_the_checkout_state_brings_a_setup_intent(servers, stigg, stripe, ada):
    state = stigg.ask(
        """query ($input: CheckoutStateInput!) { checkoutState(input: $input) {
          setupSecret customer { customerId } plan { refId compatibleAddons { refId } } activeSubscription { status }
          billingIntegration { billingIdentifier credentials { publicKey accountId }
            billingCredentials { __typename ... on StripeCheckoutCredentials { setupSecret publicKey } } } } }""",
        input={"customerId": ada, "planId": "plan-pro"},
    )
    intent = stripe.call("GET", f"/v1/setup_intents/{state['setupSecret'].split('_secret')[0]}")
    assert (intent["status"], intent["usage"]) == ("requires_payment_method", "off_session")
    assert intent["customer"] == stigg.customer(ada)["billingId"]
    integration = state["billingIntegration"]
    assert integration["billingCredentials"]["__typename"] == "StripeCheckoutCredentials"
    assert integration["credentials"]["publicKey"] == "pk_test_sandbox"


def test_the_customer_portal(stigg, ada, with_card):
    with_card()
    stigg.provision(ada, "plan-pro", addons=[{"addonId": "addon-extra-seats"}])
    portal = stigg.ask(
        """query ($input: CustomerPortalInput!) { customerPortal(input: $input) {
          subscriptions {
            planId planName status pricingType trialRemainingDays totalPrice { total { amount } }
            prices { billingPeriod price { amount } feature { id } } pricing { pricingType unitQuantity }
            addons { addonId quantity } previewNextInvoice { total { amount currency } lines { quantity } } }
          entitlements { feature { refId } } billingInformation { name defaultPaymentMethodLast4Digits }
          billingPortalUrl canUpgradeSubscription } }""",
        input={"customerId": ada},
    )
    [subscription] = portal["subscriptions"]
    assert (subscription["planName"], subscription["totalPrice"]["total"]["amount"]) == ("Pro", 64)
    assert subscription["previewNextInvoice"]["total"] == {"amount": 64, "currency": "USD"}
    assert subscription["addons"] == [{"addonId": "addon-extra-seats", "quantity": 1}]
    assert portal["billingInformation"] == {"name": "Ada Ltd", "defaultPaymentMethodLast4Digits": "4242"}
    assert portal["canUpgradeSubscription"] is True


def test_the_older_estimates(stigg, ada, with_card):
    with_card()
    document = f"mutation ($input: EstimateSubscriptionInput!) {{ estimateSubscription(input: $input) {{ {TOTALS} }} }}"
    asked = {"customerId": ada, "planId": "plan-pro", "billingPeriod": "MONTHLY", "promotionCode": "WELCOME20"}
    assert stigg.ask(document, input=asked) == {
        "total": {"amount": 39.2},
        "discountAmount": {"amount": 9.8},
        "subscription": {"total": {"amount": 39.2}, "tax": {"amount": 0}},
    }
    stigg.provision(ada, "plan-starter", refId="subscription-1")
    document = f"""mutation ($input: EstimateSubscriptionUpdateInput!) {{
      estimateSubscriptionUpdate(input: $input) {{ {TOTALS} }} }}"""
    asked = {"subscriptionId": "subscription-1", "addons": [{"addonId": "addon-extra-seats"}]}
    estimate = stigg.ask(document, input=asked)
    assert 14.9 < estimate["total"]["amount"] <= 15
    assert estimate["subscription"]["total"]["amount"] == 34


def test_events_count_once_each(stigg, ada):
    stigg.provision(ada, "plan-free")
    document = "mutation ($input: UsageEventsReportInput!) { reportEvent(events: $input) }"

    def report(key, name="api_request"):
        event = {"customerId": ada, "eventName": name, "idempotencyKey": key, "dimensions": {"route": "a"}}
        return stigg.ask(document, input={"usageEvents": [event]})

    assert [report("1"), report("1"), report("2"), report("3", name="other")] == [None] * 4
    assert stigg.entitlements(ada)[1]["feature-api-calls"]["currentUsage"] == 2
    history = stigg.ask(
        """query ($input: UsageHistoryInput!) { usageHistory(usageHistoryInput: $input) {
          usageMeasurements { value isResetPoint } groups { groupInfo { key value } } } }""",
        input={
            "customerRefId": ada,
            "featureRefId": "feature-api-calls",
            "startDate": "2020-01-01T00:00:00Z",
            "groupBy": ["route"],
        },
    )
    assert [m["value"] for m in history["usageMeasurements"]] == [1, 2]
    assert history["groups"] == [{"groupInfo": [{"key": "route", "value": "a"}]}]
