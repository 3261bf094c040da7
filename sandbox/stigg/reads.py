"""The queries: what can be asked without changing anything."""

from typing import Any

from sandbox.catalog.model import Catalog, Plan, Product
from sandbox.stigg import credits, entitlements, paging, pricing
from sandbox.stigg.errors import StiggError
from sandbox.stigg.side import Side
from sandbox.stigg.state import Subscription
from sandbox.stigg.wire import catalog as catalog_wire
from sandbox.stigg.wire import customer as customer_wire
from sandbox.stigg.wire import entitlement as entitlement_wire
from sandbox.stigg.wire import subscription as subscription_wire

Given = dict[str, Any]
Wire = dict[str, Any]


def customer(side: Side, given: Given) -> Wire | None:
    found = side.state.customers.get(given["customerId"])
    if found is None:
        if side.state.catalog.behaviour.unknown_customer == "error":
            raise StiggError("CustomerNotFound", "Customer not found", customerId=given["customerId"])
        return None
    return customer_wire.customer(side.state, found, side.now())


def paywall(side: Side, given: Given) -> Wire:
    state, now = side.state, side.now()
    if given.get("offerId") is not None:
        raise StiggError("UnsupportedParameter", "The sandbox does not know offerId yet")
    product = _product(state.catalog, given.get("productId"))
    country, every = given.get("billingCountryCode"), bool(given.get("fetchAllCountriesPrices"))
    plans = _shown_plans(state.catalog, product, given)
    customer_id = given.get("customerId")
    owner = side.customer(customer_id) if customer_id is not None else None
    active = _active(side, customer_id, given) if customer_id is not None else None
    return {
        "plans": [catalog_wire.plan(state, plan, country, every) for plan in plans],
        "currency": catalog_wire.currency(_currency(state.catalog, plans, country)),
        "configuration": catalog_wire.paywall_looks(state.catalog),
        "customer": owner and customer_wire.customer(state, owner, now),
        "activeSubscriptions": (active and [subscription_wire.subscription(state, s, now) for s in active]) or active,
        "resource": given.get("resourceId") and {"resourceId": given["resourceId"]},
        "paywallCalculatedPricePoints": _price_points(state.catalog, plans, country),
    }


def products(side: Side, paging_given: Given | None) -> Wire:
    nodes = [catalog_wire.product(side.state, product) for product in side.state.catalog.products.values()]
    return paging.connection(nodes, paging_given, 20)


def coupons(side: Side, wanted: Given | None, paging_given: Given | None) -> Wire:
    now = side.now()
    nodes = [catalog_wire.coupon(side.state, item, now) for item in side.state.catalog.coupons.values()]
    rows = [node for node in nodes if paging.matches(node | {"source": "STIGG"}, wanted)]
    return paging.connection(rows, paging_given, 25)


def subscription(side: Side, given: Given) -> Wire:
    return shown(side, side.subscription(given["subscriptionId"]))


def shown(side: Side, item: Subscription) -> Wire:
    return subscription_wire.subscription(side.state, item, side.now())


def active_subscriptions(side: Side, given: Given) -> list[Wire]:
    side.customer(given["customerId"])
    return [shown(side, item) for item in _active(side, given["customerId"], given)]


def subscriptions(side: Side, wanted: Given | None, paging_given: Given | None, sorting: list[Given] | None) -> Wire:
    newest_first = sorted(side.state.subscriptions.values(), key=lambda s: s.created_at, reverse=True)
    rows = [row for item in newest_first if paging.matches(row := _row(item), wanted)]
    nodes = [shown(side, side.state.subscriptions[row["subscriptionId"]]) for row in paging.ordered(rows, sorting)]
    return paging.connection(nodes, paging_given, 10)


def entitlements_of(side: Side, given: Given) -> list[Wire]:
    """Empty for a customer who has no access at all."""
    owner = side.state.customers.get(given["customerId"])
    if owner is None or owner.archived_at is not None:
        return []
    resource_id = given.get("resourceId")
    found = entitlements.granted(side.state, owner, resource_id, side.now())
    return [entitlement_wire.entitlement(item, owner.ref_id, resource_id) for item in found]


def entitlements_v2_of(side: Side, given: Given) -> list[Wire]:
    owner = side.state.customers.get(given["customerId"])
    if owner is None or owner.archived_at is not None:
        return []
    found = entitlements.granted(side.state, owner, given.get("resourceId"), side.now())
    held = credits.balances(side.state, owner, given.get("resourceId"), side.now())
    return [entitlement_wire.feature_entitlement(item) for item in found] + [credits.entitlement(b) for b in held]


def credit_entitlement(side: Side, given: Given) -> Wire:
    """Raises StiggError for a credit that the customer has none of."""
    currency_id, owner = given["currencyId"], side.customer(given["customerId"])
    for held in credits.balances(side.state, owner, given.get("resourceId"), side.now()):
        if held.credit.ref_id == currency_id:
            return credits.entitlement(held)
    raise StiggError("CustomCurrencyNotFound", "No subscription gives this credit", currencyId=currency_id)


def entitlements_state(side: Side, given: Given) -> Wire:
    denial = entitlements.state_denial(side.state, side.state.customers.get(given["customerId"]), side.now())
    return {
        "entitlements": [] if denial else entitlements_of(side, given),
        "entitlementsV2": [] if denial else entitlements_v2_of(side, given),
        "accessDeniedReason": denial,
    }


def entitlement(side: Side, given: Given) -> Wire:
    """One feature, evaluated for the requested usage or values; in the shape of both types."""
    customer_id, resource_id, feature_id = given["customerId"], given.get("resourceId"), given["featureId"]
    feature = side.state.catalog.features.get(feature_id)
    owner = side.state.customers.get(customer_id)
    denial = entitlements.state_denial(side.state, owner, side.now())
    if feature is None or denial is not None or owner is None:
        return entitlement_wire.refused(feature, customer_id, resource_id, denial or "FeatureNotFound")
    options = given.get("options") or {}
    for item in entitlements.granted(side.state, owner, resource_id, side.now()):
        if item.feature.ref_id == feature_id:
            values = options.get("requestedValues") or ()
            answer = entitlements.evaluate(item, options.get("requestedUsage"), values)
            newer = entitlement_wire.feature_entitlement(answer)
            return newer | entitlement_wire.entitlement(answer, customer_id, resource_id)
    reason = "NoFeatureEntitlementInSubscription"
    return entitlement_wire.refused(feature, customer_id, resource_id, reason)


def _product(catalog: Catalog, product_id: str | None) -> Product:
    if product_id is None:
        return next(iter(catalog.products.values()))
    found = catalog.products.get(product_id)
    if found is None:
        raise StiggError("ProductNotFoundError", "Product not found", productId=product_id)
    return found


def _shown_plans(catalog: Catalog, product: Product, given: Given) -> list[Plan]:
    widget = given.get("context") or "PAYWALL"
    every = bool(given.get("includeHiddenPlans"))
    return [plan for plan in catalog.plans_of(product.ref_id) if every or widget not in plan.hidden_from]


def _active(side: Side, customer_id: str, given: Given) -> list[Subscription]:
    owner = side.customer(customer_id)
    pending = side.state.catalog.behaviour.pending_is_active
    wanted = given.get("resourceIds") or ([given["resourceId"]] if given.get("resourceId") else None)
    return [
        item
        for item in side.state.subscriptions_of(owner)
        if (item.grants_access or (pending and item.status == "PAYMENT_PENDING"))
        and (wanted is None or item.resource_id in wanted)
    ]


def _row(item: Subscription) -> paging.Row:
    return {
        "subscriptionId": item.ref_id,
        "customerId": item.customer_ref_id,
        "billingId": item.billing_id,
        "status": item.status,
        "paymentCollection": item.payment_collection,
        "pricingType": item.pricing_type,
        "productId": item.product_id,
        "resourceId": item.resource_id,
        "salesforceId": item.salesforce_id,
        "createdAt": item.created_at,
        "startDate": item.start_at,
        "endDate": item.end_at,
        "cancellationDate": item.cancellation_at,
    }


def _currency(catalog: Catalog, plans: list[Plan], country: str | None) -> str:
    local = [price for plan in plans for price in plan.prices if country and price.country == country]
    return local[0].currency if local else catalog.currency


def _price_points(catalog: Catalog, plans: list[Plan], country: str | None) -> list[Wire]:
    """The headline price per plan and period: the flat fee, or else the price of one unit."""
    points = []
    for plan in plans:
        for period in ("MONTHLY", "ANNUALLY"):
            prices = pricing.offered_prices(plan, period, country)
            plain = sorted((p for p in prices if not p.tiers), key=lambda p: p.billing_model != "FLAT_FEE")
            if not plain:
                continue
            counted = catalog.features.get(plain[0].feature_id or "")
            amount = catalog_wire.money(plain[0].amount or 0, plain[0].currency)
            points.append(
                {
                    "planId": plan.ref_id,
                    "additionalChargesMayApply": len(prices) > 1,
                    "billingPeriod": period,
                    "amount": amount["amount"],
                    "currency": amount["currency"],
                    "billingCountryCode": plain[0].country,
                    "feature": counted and catalog_wire.feature(counted),
                }
            )
    return points
