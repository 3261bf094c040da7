"""checkoutState: what Stigg's own checkout widget asks for, with a SetupIntent that Stigg's side makes."""

from typing import Any

from sandbox.stigg import customers, orders
from sandbox.stigg.side import Side
from sandbox.stigg.wire import catalog as catalog_wire
from sandbox.stigg.wire import customer as customer_wire
from sandbox.stigg.wire import subscription as subscription_wire

Wire = dict[str, Any]


async def read(side: Side, given: dict[str, Any]) -> Wire:
    """A new SetupIntent at each call, as the widget asks once per visit."""
    customer = side.living_customer(given["customerId"])
    plan = orders.find_plan(side.state.catalog, given["planId"])
    async with customer.lock:
        billing_id = await customers.ensure_billing_id(side, customer)
        intent = await side.stripe.post(
            "/v1/setup_intents",
            {"customer": billing_id, "usage": "off_session", "automatic_payment_methods": {"enabled": True}},
        )
    account = await side.stripe.get("/v1/account")
    state, now = side.state, side.now()
    active = [
        s
        for s in state.subscriptions_of(customer)
        if s.grants_access and (s.product_id, s.resource_id) == (plan.product_id, given.get("resourceId"))
    ]
    secret = intent["client_secret"]
    return {
        "configuration": None,
        "setupSecret": secret,
        "customer": customer_wire.customer(state, customer, now),
        "activeSubscription": subscription_wire.subscription(state, active[0], now) if active else None,
        "resource": given.get("resourceId") and {"resourceId": given["resourceId"]},
        "plan": catalog_wire.plan(state, plan, given.get("billingCountryCode")),
        "billingIntegration": _integration(side, account["id"], secret),
    }


def _integration(side: Side, account_id: str, secret: str) -> Wire:
    credentials = {"accountId": account_id, "publicKey": side.world.settings.stripe_publishable_key}
    return {
        "billingIdentifier": "STRIPE",
        "credentials": credentials,
        "billingCredentials": {
            "__typename": "StripeCheckoutCredentials",
            "setupSecret": secret,
            **credentials,
        },
    }
