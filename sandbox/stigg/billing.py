"""Subscriptions at Stripe, as Stigg makes and changes them. Each function is one call that moves money."""

from datetime import datetime

from sandbox.catalog.model import Coupon
from sandbox.stigg import pricing
from sandbox.stigg.orders import Order
from sandbox.stigg.seed import make_coupon
from sandbox.stigg.side import Side
from sandbox.stigg.state import Subscription
from sandbox.stigg.stripe_link import Obj, StripeRefusal

Items = list[Obj]

NET_DAYS = 30


async def start(side: Side, subscription: Subscription, customer_billing_id: str, lines: list[pricing.Line]) -> Obj:
    """The first invoice is charged to the default card at once; a refused charge leaves it incomplete.

    Source: https://docs.stripe.com/api/subscriptions/create#create_subscription-payment_behavior
    """
    params: Obj = {
        "customer": customer_billing_id,
        "items": [_item(side, line) for line in lines],
        "payment_behavior": "allow_incomplete",
        "metadata": {
            **subscription.billing_metadata,
            "stigg_subscription_id": subscription.ref_id,
            "stigg_customer_id": subscription.customer_ref_id,
        },
        "discounts": await _discounts(side, subscription.coupon, subscription.currency),
        "default_tax_rates": [rate.billing_id for rate in subscription.tax_rates],
    }
    if subscription.payment_collection_method == "INVOICE":
        params |= {"collection_method": "send_invoice", "days_until_due": subscription.days_until_due or NET_DAYS}
    return await side.stripe.post("/v1/subscriptions", params)


async def change(
    side: Side, subscription: Subscription, lines: list[pricing.Line], *, prorate: bool, restart: bool = False
) -> Obj:
    """Swaps the items. With `prorate` the difference is invoiced now, but not yet charged: see `collect`.

    Source: https://docs.stripe.com/billing/subscriptions/prorations
    """
    current = await side.stripe.get(f"/v1/subscriptions/{subscription.billing_id}")
    params: Obj = {"items": _swapped(side, current, lines)}
    if prorate:
        params |= {"proration_behavior": "always_invoice", "payment_behavior": "default_incomplete"}
    else:
        params["proration_behavior"] = "none"
    if restart:
        params["billing_cycle_anchor"] = "now"
    return await side.stripe.post(f"/v1/subscriptions/{subscription.billing_id}", params)


async def preview_change(side: Side, subscription: Subscription, order: Order) -> Obj:
    """The invoice that `change` would make now, with the coupon that would be put on first."""
    current = await side.stripe.get(f"/v1/subscriptions/{subscription.billing_id}")
    details: Obj = {"items": _swapped(side, current, order.lines), "proration_behavior": "always_invoice"}
    if order.tax_rates != subscription.tax_rates:
        details["default_tax_rates"] = [rate.billing_id for rate in order.tax_rates] or ""
    if order.restart_cycle:
        details["billing_cycle_anchor"] = "now"
    params: Obj = {"subscription": subscription.billing_id, "subscription_details": details}
    if order.coupon is not None and order.coupon != subscription.coupon:
        params["discounts"] = await _discounts(side, order.coupon, subscription.currency) or ""
    return await side.stripe.post("/v1/invoices/create_preview", params)


async def collect(side: Side, invoice_id: str) -> bool:
    """Charges an open invoice to the default card; whether nothing is left to pay."""
    invoice = await side.stripe.get(f"/v1/invoices/{invoice_id}")
    if invoice["status"] != "open":
        return True
    try:
        await side.stripe.post(f"/v1/invoices/{invoice_id}/pay")
    except StripeRefusal as refusal:
        if refusal.status != 402:
            raise
        return False
    return True


async def set_tax_rates(side: Side, subscription: Subscription) -> None:
    rates = [rate.billing_id for rate in subscription.tax_rates]
    await side.stripe.post(f"/v1/subscriptions/{subscription.billing_id}", {"default_tax_rates": rates or ""})


async def set_coupon(side: Side, subscription: Subscription) -> None:
    discounts = await _discounts(side, subscription.coupon, subscription.currency)
    await side.stripe.post(f"/v1/subscriptions/{subscription.billing_id}", {"discounts": discounts or ""})


async def cancel_now(side: Side, subscription: Subscription, *, prorate: bool) -> Obj:
    params = {"prorate": prorate, "invoice_now": prorate}
    return await side.stripe.delete(f"/v1/subscriptions/{subscription.billing_id}", params)


async def cancel_at_period_end(side: Side, subscription: Subscription, *, cancel: bool) -> Obj:
    return await side.stripe.post(f"/v1/subscriptions/{subscription.billing_id}", {"cancel_at_period_end": cancel})


async def cancel_at(side: Side, subscription: Subscription, when: datetime) -> Obj:
    return await side.stripe.post(f"/v1/subscriptions/{subscription.billing_id}", {"cancel_at": int(when.timestamp())})


async def void_invoice(side: Side, invoice_id: str) -> None:
    await side.stripe.post(f"/v1/invoices/{invoice_id}/void")


def _item(side: Side, line: pricing.Line) -> Obj:
    price_id = side.state.stripe_prices[(line.package.ref_id, line.price.key)]
    return {"price": price_id} if line.is_metered else {"price": price_id, "quantity": line.billed_quantity}


def _swapped(side: Side, current: Obj, lines: list[pricing.Line]) -> Items:
    """Items to keep by their id, items to add, and the rest marked as deleted."""
    there = {item["price"]["id"]: item["id"] for item in current["items"]["data"]}
    items: Items = []
    for line in lines:
        item = _item(side, line)
        known = there.pop(item["price"], None)
        items.append(item | {"id": known} if known else item)
    new = [item for item in items if "id" not in item]
    if len(there) == 1 and len(new) == 1 and "quantity" in new[0] and not there.keys() & _metered(current):
        # One for one: the item keeps its id, as when a plan is swapped in Stripe's dashboard.
        new[0]["id"] = there.popitem()[1]
    return items + [{"id": item_id, "deleted": True} for item_id in there.values()]


def _metered(current: Obj) -> set[str]:
    prices = (item["price"] for item in current["items"]["data"])
    return {price["id"] for price in prices if price["recurring"]["usage_type"] == "metered"}


async def _discounts(side: Side, coupon: Coupon | None, currency: str) -> list[Obj] | None:
    if coupon is None or (coupon.amounts_off and currency not in coupon.amounts_off):
        return None
    currency_of_amount = currency if coupon.amounts_off else None
    billing_id = side.state.stripe_coupons.get((coupon.ref_id, currency_of_amount))
    return [{"coupon": billing_id or await make_coupon(side, coupon, currency_of_amount)}]
