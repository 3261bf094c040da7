"""Tax rates of an order: those that it names, and one for the percentage that it gives; else the seller's own, if the
catalog says that they tax everybody. All of them live at Stripe.

Stigg works out no tax itself. Source: https://docs.stigg.io/documentation/native-integrations/billing/stripe/overview
"""

from dataclasses import replace

from sandbox.stigg.errors import StiggError
from sandbox.stigg.orders import Order
from sandbox.stigg.side import Side
from sandbox.stigg.state import Subscription, TaxRate
from sandbox.stigg.stripe_link import Obj, StripeRefusal


async def resolved(side: Side, order: Order, current: Subscription | None = None) -> Order:
    """The order with its rates; one that says nothing of taxes keeps those of the subscription that it changes.

    Raises StiggError for a rate that Stripe does not have, or a percentage that is none.
    """
    is_untold = not order.tax_rate_ids and not order.tax_percentage
    if is_untold and current:
        return replace(order, tax_rates=current.tax_rates)
    behaviour = side.state.catalog.behaviour
    percentage = behaviour.tax_percentage if is_untold else order.tax_percentage
    try:
        found = [await side.stripe.get(f"/v1/tax_rates/{each}") for each in order.tax_rate_ids]
        if percentage:
            found.append(await _of_percentage(side, percentage, inclusive=is_untold and behaviour.tax_included))
    except StripeRefusal as refusal:
        raise StiggError("InvalidArgumentError", str(refusal), stripeCode=refusal.code) from refusal
    return replace(order, tax_rates=tuple(_rate(each) for each in found))


async def _of_percentage(side: Side, percentage: float, *, inclusive: bool) -> Obj:
    """The one made for it before, or a new one."""
    name = side.state.catalog.behaviour.tax_name
    for known in (await side.stripe.get("/v1/tax_rates", {"limit": 100}))["data"]:
        if (known["percentage"], known["display_name"], known["inclusive"]) == (percentage, name, inclusive):
            found: Obj = known
            return found
    return await side.stripe.post(
        "/v1/tax_rates", {"percentage": percentage, "display_name": name, "inclusive": inclusive}
    )


def _rate(found: Obj) -> TaxRate:
    return TaxRate(found["id"], found["display_name"], float(found["percentage"]), bool(found["inclusive"]))
