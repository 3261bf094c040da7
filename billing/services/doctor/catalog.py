"""The price list: is there something to sell, and does it have prices."""

from __future__ import annotations

from billing.errors import GatewayError, GatewayNotFound
from billing.gateways.stigg.types import PaywallSnapshot
from billing.services.doctor.context import Context
from billing.services.doctor.finding import Finding, fault, not_checked, ok, warning


def check(context: Context) -> Finding:
    """As Stigg publishes it now, not as we stored it."""
    name, product_id = "catalog", context.options.product_id
    if not context.stigg_works:
        return not_checked(name, "the Stigg key has to work first")
    try:
        paywall, _raw = context.stigg.fetch_paywall()
    except GatewayNotFound:
        return fault(
            name,
            f"Stigg has no product {product_id!r}" if product_id else "Stigg has no price list",
            "Set STIGG_PRODUCT_ID to the id of a published product, or leave it empty when there is only one.",
        )
    except GatewayError as error:
        return fault(name, f"the price list cannot be read ({error})", "Look at STIGG_PRODUCT_ID and STIGG_API_URL.")
    return _judge(paywall, context)


def _judge(paywall: PaywallSnapshot, context: Context) -> Finding:
    name, options = "catalog", context.options
    plans = [plan for plan in paywall.plans if plan.plan_id not in options.hidden_plan_ids]
    priced = [plan for plan in plans if plan.prices]
    if not plans:
        return fault(name, "no plan is published", "Publish at least one plan of the product in Stigg's app.")
    if not priced:
        return fault(name, f"{len(plans)} plans, none with a price", "Set prices in Stigg's app and publish the plans.")
    unpriced = [plan.display_name for plan in plans if plan.pricing_type == "PAID" and not plan.prices]
    if unpriced:
        return warning(
            name, f"no price yet: {', '.join(unpriced)}", "Set its prices in Stigg's app, or take it off the paywall."
        )
    products = {plan.product_id for plan in plans}
    if len(products) > 1 and not options.product_id:
        return warning(
            name,
            f"plans of {len(products)} products stand side by side",
            f"Set STIGG_PRODUCT_ID to one of: {', '.join(sorted(products))}.",
        )
    highlighted = options.highlighted_plan_id
    if highlighted and paywall.find_plan(highlighted) is None:
        return warning(name, f"no plan {highlighted!r} to highlight", "Set HIGHLIGHTED_PLAN_ID to a published plan.")
    return ok(name, f"{len(plans)} plans, {len(priced)} with prices in {paywall.currency}")
