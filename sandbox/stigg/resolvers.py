"""Root fields of the GraphQL schema: each takes its argument, calls one function, and shapes the answer."""

from typing import Any

from graphql import GraphQLObjectType, GraphQLResolveInfo, GraphQLSchema

from sandbox.stigg import (
    cancellation,
    checkout_state,
    customers,
    estimates,
    lifecycle,
    moving,
    next_invoice,
    orders,
    portal,
    previews,
    reads,
    subscriptions,
    updates,
    usage,
)
from sandbox.stigg.errors import StiggError
from sandbox.stigg.limits import limited
from sandbox.stigg.side import Side
from sandbox.stigg.state import Customer, Subscription
from sandbox.stigg.wire import customer as customer_wire

Info = GraphQLResolveInfo
Given = dict[str, Any]
Wire = dict[str, Any]

LARGEST_BULK = 100
LARGEST_EVENT_BULK = 1000


def install(schema: GraphQLSchema) -> None:
    """Every root field of the schema needs a resolver, and every resolver a field; else KeyError."""
    for root in (schema.query_type, schema.mutation_type):
        if isinstance(root, GraphQLObjectType):
            for name, field in root.fields.items():
                field.resolve = limited(name, RESOLVERS[name], changes=root is schema.mutation_type)


async def provision_customer(_root: None, info: Info, input: Given) -> Wire:
    side = _side(info)
    customer = await customers.provision(side, input)
    strategy, subscription = "SKIPPED_SUBSCRIPTION_CREATION", None
    wanted = input.get("subscriptionParams")
    if wanted is not None:
        strategy, plan_id = _start_of_journey(side, wanted)
        given = {**wanted, "customerId": customer.ref_id, "planId": plan_id}
        subscription = reads.shown(side, await subscriptions.provision(side, given))
    return {
        "customer": _customer(side, customer),
        "subscriptionDecisionStrategy": strategy,
        "subscription": subscription,
        **_entitlements(side, customer.ref_id, None),
    }


async def update_customer(_root: None, info: Info, input: Given) -> Wire:
    return _customer(_side(info), await customers.update(_side(info), input))


async def archive_customer(_root: None, info: Info, input: Given) -> Wire:
    side = _side(info)
    customer = side.living_customer(input["customerId"])
    async with customer.lock:
        for subscription in side.state.subscriptions_of(customer):
            if subscription.is_open:
                await lifecycle.end(side, subscription, "CustomerArchived")
        customers.archive(side, customer, side.now())
    return _customer(side, customer)


def unarchive_customer(_root: None, info: Info, input: Given) -> Wire:
    """What ended by the archiving stays ended."""
    side = _side(info)
    return _customer(side, customers.unarchive(side, side.customer(input["customerId"])))


async def detach_payment_method(_root: None, info: Info, input: Given) -> Wire:
    return _customer(_side(info), await customers.detach_payment_method(_side(info), input))


async def provision_subscription(_root: None, info: Info, input: Given) -> Wire:
    return {"status": "SUCCESS", "checkoutUrl": None, "checkoutBillingId": None} | await _provisioned(info, input)


async def apply_subscription(_root: None, info: Info, input: Given) -> Wire:
    return await _provisioned(info, input)


async def update_subscription(_root: None, info: Info, input: Given) -> Wire:
    return reads.shown(_side(info), await updates.update(_side(info), input))


async def cancel_subscription(_root: None, info: Info, input: Given) -> Wire:
    return reads.shown(_side(info), await cancellation.cancel(_side(info), input))


async def cancel_schedule(_root: None, info: Info, input: Given) -> str:
    return await cancellation.cancel_updates(_side(info), input)


async def transfer_subscription(_root: None, info: Info, input: Given) -> Wire:
    return reads.shown(_side(info), await moving.transfer(_side(info), input))


async def transfer_to_resource(_root: None, info: Info, input: Given) -> Wire:
    return reads.shown(_side(info), await moving.transfer_to_resource(_side(info), input))


async def delegate_subscription(_root: None, info: Info, input: Given) -> Wire:
    return reads.shown(_side(info), await moving.delegate(_side(info), input))


def create_payment_session(_root: None, info: Info, input: Given) -> Wire:
    """For providers that are not Stripe, of which this environment has none."""
    _side(info).living_customer(input["customerId"])
    raise StiggError("BillingIntegrationMissing", "No billing integration of this environment has payment sessions")


def mock_paywall(_root: None, info: Info, input: Given) -> Wire:
    """The price list again, for there is no other that could be shown."""
    return reads.paywall(_side(info), {**input, "customerId": None})


async def preview_subscription(_root: None, info: Info, input: Given) -> Wire:
    return await previews.preview(_side(info), input)


def report_usage(_root: None, info: Info, input: Given) -> Wire:
    return usage.report(_side(info), input)


def report_usage_bulk(_root: None, info: Info, input: Given) -> list[Wire]:
    """At most a hundred at a time; the first one that is refused refuses those after it, too."""
    if len(input["usages"]) > LARGEST_BULK:
        raise StiggError("BadUserInput", f"At most {LARGEST_BULK} reports at a time")
    return [usage.report(_side(info), each) for each in input["usages"]]


def report_event(_root: None, info: Info, events: Given) -> None:
    """Taken in without an answer: Stigg works events off later."""
    if len(events["usageEvents"]) > LARGEST_EVENT_BULK:
        raise StiggError("BadUserInput", f"At most {LARGEST_EVENT_BULK} events at a time")
    usage.report_events(_side(info), events)


def entitlement_v2(_root: None, info: Info, query: Given) -> Wire:
    if (query.get("currencyId") is None) == (query.get("featureId") is None):
        raise StiggError("BadUserInput", "Exactly one of featureId and currencyId is needed")
    found = reads.entitlement if query.get("featureId") is not None else reads.credit_entitlement
    return found(_side(info), query)


def coupons(_root: None, info: Info, filter: Given | None = None, paging: Given | None = None) -> Wire:
    return reads.coupons(_side(info), filter, paging)


def subscriptions_page(
    _root: None,
    info: Info,
    filter: Given | None = None,
    paging: Given | None = None,
    sorting: list[Given] | None = None,
) -> Wire:
    return reads.subscriptions(_side(info), filter, paging, sorting)


async def _provisioned(info: Info, given: Given) -> Wire:
    side = _side(info)
    found: Subscription = await subscriptions.provision(side, given)
    return {"subscription": reads.shown(side, found)} | _entitlements(side, found.customer_ref_id, found.resource_id)


def _start_of_journey(side: Side, wanted: Given) -> tuple[str, str]:
    """The product decides how a new customer starts; the requested plan is what it falls back on."""
    catalog = side.state.catalog
    plan = orders.find_plan(catalog, wanted["planId"])
    product = catalog.products[plan.product_id]
    if product.start_setup == "PLAN_SELECTION" or product.start_plan_id is None:
        return "REQUESTED_PLAN", plan.ref_id
    kind = "FREE" if product.start_setup == "FREE_PLAN" else "TRIAL"
    return f"PREDEFINED_{kind}_PLAN", product.start_plan_id


def _entitlements(side: Side, customer_id: str, resource_id: str | None) -> Wire:
    given = {"customerId": customer_id, "resourceId": resource_id}
    return {
        "entitlements": reads.entitlements_of(side, given),
        "entitlementsV2": reads.entitlements_v2_of(side, given),
    }


def _customer(side: Side, customer: Customer) -> Wire:
    return customer_wire.customer(side.state, customer, side.now())


def _side(info: Info) -> Side:
    side = info.context
    if not isinstance(side, Side):
        raise TypeError("the context of an execution is Stigg's side")
    return side


RESOLVERS: dict[str, Any] = {
    "applySubscription": apply_subscription,
    "archiveCustomer": archive_customer,
    "cachedEntitlements": lambda _root, info, query: reads.entitlements_of(_side(info), query),
    "cancelSchedule": cancel_schedule,
    "cancelSubscription": cancel_subscription,
    "checkoutState": lambda _root, info, input: checkout_state.read(_side(info), input),
    "coupons": coupons,
    "customerPortal": lambda _root, info, input: portal.read(_side(info), input),
    "createPaymentSession": create_payment_session,
    "delegateSubscriptionToCustomer": delegate_subscription,
    "detachCustomerPaymentMethod": detach_payment_method,
    "entitlement": lambda _root, info, query: reads.entitlement(_side(info), query),
    "entitlementV2": entitlement_v2,
    "entitlementsState": lambda _root, info, query: reads.entitlements_state(_side(info), query),
    "estimateSubscription": lambda _root, info, input: estimates.estimate(_side(info), input),
    "estimateSubscriptionUpdate": lambda _root, info, input: estimates.estimate_update(_side(info), input),
    "getActiveSubscriptions": lambda _root, info, input: reads.active_subscriptions(_side(info), input),
    "getCustomerByRefId": lambda _root, info, input: reads.customer(_side(info), input),
    "getSubscription": lambda _root, info, input: reads.subscription(_side(info), input),
    "migrateSubscriptionToLatest": lambda _root, info, input: reads.shown(
        _side(info), moving.migrate(_side(info), input)
    ),
    "mockPaywall": mock_paywall,
    "paywall": lambda _root, info, input: reads.paywall(_side(info), input),
    "previewNextInvoice": lambda _root, info, input: next_invoice.preview(_side(info), input),
    "previewSubscription": preview_subscription,
    "products": lambda _root, info, paging=None: reads.products(_side(info), paging),
    "provisionCustomer": provision_customer,
    "provisionSubscriptionV2": provision_subscription,
    "reportEvent": report_event,
    "reportUsage": report_usage,
    "reportUsageBulk": report_usage_bulk,
    "sdkConfiguration": lambda _root, _info: {
        "sentryDsn": None,
        "isWidgetWatermarkEnabled": False,
        "showWatermark": False,
    },
    "subscriptions": subscriptions_page,
    "transferSubscription": transfer_subscription,
    "transferSubscriptionToResource": transfer_to_resource,
    "unarchiveCustomer": unarchive_customer,
    "updateOneCustomer": update_customer,
    "updateOneSubscription": update_subscription,
    "usageHistory": lambda _root, info, usageHistoryInput: usage.older_history(_side(info), usageHistoryInput),
    "usageHistoryV2": lambda _root, info, input: usage.history(_side(info), input),
}
