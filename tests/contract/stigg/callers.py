"""A caller of Stigg's API and one of Stripe's, as a product would have them; and the documents they send."""

from typing import Any

import httpx

from sandbox.world import World

SUBSCRIPTION = """
  id subscriptionId refId status billingId billingPeriod additionalMetaData pricingType
  paymentCollection paymentCollectionMethod startDate endDate trialEndDate effectiveEndDate cancellationDate
  cancelReason currentBillingPeriodStart currentBillingPeriodEnd createdAt
  plan { refId displayName basePlan { refId } product { refId } }
  addons { quantity addon { refId } }
  customer { customerId hasPaymentMethod }
  totalPrice { subTotal { amount currency } total { amount currency } addonsTotal { amount currency } }
  prices { usageLimit billingModel price { billingPeriod billingId price { amount currency } } }
  trialConfiguration { trialEndBehavior }
  scheduledUpdates { subscriptionScheduleType scheduleStatus scheduledExecutionTime }
  futureUpdates {
    subscriptionScheduleType scheduleStatus scheduledExecutionTime targetPackage { refId displayName }
    scheduleVariables { __typename ... on DowngradeChangeVariables { downgradePlanRefId billingPeriod } }
  }
  latestInvoice {
    billingId status total subTotal amountDue errorMessage requiresAction paymentSecret paymentUrl
    billingReason currency attemptCount
  }
"""


class StiggRefused(Exception):
    def __init__(self, error: dict[str, Any]) -> None:
        super().__init__(error["message"])
        self.code = error["extensions"]["code"]
        self.trace_id = error["extensions"]["traceId"]


class Stigg:
    def __init__(self, world: World) -> None:
        self._settings = world.settings

    def post(self, body: Any, **headers: str) -> httpx.Response:
        sent = {"x-api-key": self._settings.stigg_api_key, "x-api-version": "1"} | headers
        return httpx.post(f"{self._settings.stigg_url}/graphql", json=body, headers=sent, timeout=30)

    def edge(self, path: str, key: str | None = None, **params: Any) -> httpx.Response:
        headers = {"x-api-key": key or self._settings.stigg_api_key}
        return httpx.get(f"{self._settings.stigg_url}{path}", params=params, headers=headers, timeout=30)

    def ask(self, document: str, **variables: Any) -> Any:
        """The only root field of the answer; raises StiggRefused for an error."""
        answer = self.post({"query": document, "variables": variables}).json()
        if answer.get("errors"):
            raise StiggRefused(answer["errors"][0])
        return next(iter(answer["data"].values()))

    def provision_customer(self, ref_id: str, **given: Any) -> Any:
        document = """mutation ProvisionCustomer($input: ProvisionCustomerInput!) {
          provisionCustomer(input: $input) {
            customer { id refId customerId name email billingId additionalMetaData hasPaymentMethod }
            subscriptionDecisionStrategy
            subscription { subscriptionId status plan { refId } }
          } }"""
        given = {"name": "Ada Ltd", "email": "ada@example.com", "shouldSyncFree": True, **given}
        return self.ask(document, input={"refId": ref_id, **given})

    def customer(self, ref_id: str) -> Any:
        document = """query GetCustomerById($input: GetCustomerByRefIdInput!) {
          getCustomerByRefId(input: $input) {
            customerId billingId name email hasPaymentMethod defaultPaymentMethodId defaultPaymentMethodLast4Digits
            defaultPaymentMethodCardBrand defaultPaymentExpirationYear hasActiveSubscription
            eligibleForTrial { productRefId eligible } trialedPlans { productRefId planRefId }
            subscriptions { subscriptionId status customer { customerId } }
          } }"""
        return self.ask(document, input={"customerId": ref_id})

    def update_customer(self, ref_id: str, **given: Any) -> Any:
        document = """mutation UpdateCustomer($input: UpdateCustomerInput!) {
          updateCustomer: updateOneCustomer(input: $input) {
            customerId name hasPaymentMethod defaultPaymentMethodLast4Digits
          } }"""
        return self.ask(document, input={"customerId": ref_id, **given})

    def provision(self, customer_id: str, plan_id: str, **given: Any) -> Any:
        """The subscription that came of it."""
        document = f"""mutation ProvisionSubscription($input: ProvisionSubscriptionInput!) {{
          provisionSubscription: provisionSubscriptionV2(input: $input) {{
            status checkoutUrl subscription {{ {SUBSCRIPTION} }}
            entitlementsV2 {{ __typename ... on FeatureEntitlement {{ feature {{ refId }} }} }}
          }} }}"""
        given = {"customerId": customer_id, "planId": plan_id, "billingPeriod": "MONTHLY", **given}
        answer = self.ask(document, input=given)
        assert answer["status"] == "SUCCESS"
        return answer["subscription"]

    def apply(self, customer_id: str, plan_id: str, **given: Any) -> Any:
        document = f"""mutation ApplySubscription($input: ApplySubscriptionInput!) {{
          applySubscription(input: $input) {{ subscription {{ {SUBSCRIPTION} }} }} }}"""
        given = {"customerId": customer_id, "planId": plan_id, "billingPeriod": "MONTHLY", **given}
        return self.ask(document, input=given)["subscription"]

    def preview(self, customer_id: str, plan_id: str, **given: Any) -> Any:
        invoice = """total { amount currency } subTotal { amount } totalExcludingTax { amount } tax { amount }
          discount { amount } discountDetails { type value durationType name } taxDetails { percentage }"""
        document = f"""mutation PreviewSubscription($input: PreviewSubscriptionInput!) {{
          previewSubscription(input: $input) {{
            immediateInvoice {{ {invoice}
              credits {{ initial {{ amount }} used {{ amount }} remaining {{ amount }} }}
              proration {{ credit {{ amount }} debit {{ amount }} netAmount {{ amount }} hasProrations }} }}
            recurringInvoice {{ {invoice} }}
            billingPeriodRange {{ start end }} isPlanDowngrade hasScheduledUpdates
          }} }}"""
        given = {"customerId": customer_id, "planId": plan_id, "billingPeriod": "MONTHLY", **given}
        return self.ask(document, input=given)

    def next_invoice(self, ref_id: str) -> Any:
        document = """mutation PreviewNextInvoice($input: PreviewNextInvoiceInput!) {
          previewNextInvoice(input: $input) {
            total { amount currency } amountDue { amount } discount { amount } credits { used { amount } }
            lines { type description quantity amount { amount } period { start end } proration }
          } }"""
        return self.ask(document, input={"subscriptionId": ref_id})

    def subscription(self, ref_id: str) -> Any:
        document = f"""query GetSubscription($input: GetSubscriptionInput!) {{
          getSubscription(input: $input) {{ {SUBSCRIPTION} }} }}"""
        return self.ask(document, input={"subscriptionId": ref_id})

    def active(self, customer_id: str) -> list[str]:
        document = """query GetActiveSubscriptions($input: GetActiveSubscriptionsInput!) {
          getActiveSubscriptions(input: $input) { subscriptionId } }"""
        return [s["subscriptionId"] for s in self.ask(document, input={"customerId": customer_id})]

    def update_subscription(self, ref_id: str, **given: Any) -> Any:
        document = f"""mutation UpdateSubscription($input: UpdateSubscriptionInput!) {{
          updateOneSubscription(input: $input) {{ {SUBSCRIPTION} }} }}"""
        return self.ask(document, input={"refId": ref_id, **given})

    def cancel(self, ref_id: str, **given: Any) -> Any:
        document = f"""mutation CancelSubscription($input: SubscriptionCancellationInput!) {{
          cancelSubscription(input: $input) {{ {SUBSCRIPTION} }} }}"""
        return self.ask(document, input={"subscriptionRefId": ref_id, **given})

    def cancel_updates(self, ref_id: str, status: str = "Scheduled") -> str:
        document = """mutation CancelSubscriptionUpdates($input: SubscriptionUpdateScheduleCancellationInput!) {
          cancelSchedule(input: $input) }"""
        answer: str = self.ask(document, input={"subscriptionId": ref_id, "status": status})
        return answer

    def entitlements(self, customer_id: str) -> tuple[str | None, dict[str, Any]]:
        """Why there are none, and what there is by feature."""
        document = """query GetEntitlementsState($query: FetchEntitlementsQuery!) {
          entitlementsState(query: $query) {
            accessDeniedReason
            entitlements { usageLimit hasUnlimitedUsage currentUsage isGranted enumValues feature { refId } }
            entitlementsV2 { __typename ... on FeatureEntitlement { usageLimit feature { refId } } }
          } }"""
        state = self.ask(document, query={"customerId": customer_id})
        return state["accessDeniedReason"], {e["feature"]["refId"]: e for e in state["entitlements"]}


class Stripe:
    def __init__(self, world: World) -> None:
        self._settings = world.settings

    def call(self, method: str, path: str, **params: Any) -> dict[str, Any]:
        answer = httpx.request(
            method,
            f"{self._settings.stripe_url}{path}",
            data=params if method == "POST" else None,
            params=params if method == "GET" else None,
            headers={"Authorization": f"Bearer {self._settings.stripe_secret_key}"},
            timeout=30,
        )
        body: dict[str, Any] = answer.json()
        return body

    def save_card(self, billing_id: str, card: str) -> str:
        """As the checkout page does, by a SetupIntent; 3-D Secure at set-up is passed."""
        intent = self.call(
            "POST",
            "/v1/setup_intents",
            customer=billing_id,
            usage="off_session",
            **{"automatic_payment_methods[enabled]": "true", "automatic_payment_methods[allow_redirects]": "never"},
        )
        intent = self.call("POST", f"/v1/setup_intents/{intent['id']}/confirm", payment_method=card)
        if intent["status"] == "requires_action":
            self.authenticate(intent["id"], intent["client_secret"], "accept")
            intent = self.call("GET", f"/v1/setup_intents/{intent['id']}")
        assert intent["status"] == "succeeded", intent
        method: str = intent["payment_method"]
        return method

    def authenticate(self, intent_id: str, secret: str, outcome: str) -> None:
        httpx.post(
            f"{self._settings.stripe_url}/sandbox/3ds/{intent_id}",
            data={"client_secret": secret, "outcome": outcome},
            timeout=30,
        ).raise_for_status()
