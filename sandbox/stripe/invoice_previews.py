"""POST /v1/invoices/create_preview: what the next invoice would be. Nothing is changed by it."""

from sandbox.stripe import cycle, standing, tax_rates
from sandbox.stripe.call import Call, operation
from sandbox.stripe.changes import billed_now
from sandbox.stripe.copying import copied
from sandbox.stripe.customers import living
from sandbox.stripe.discounts import discounts_of, valid_at
from sandbox.stripe.invoice_object import new_invoice
from sandbox.stripe.items import changed_items, cycle_lines, cycle_of, new_items, set_period
from sandbox.stripe.params import Params, words
from sandbox.stripe.periods import period_end
from sandbox.stripe.state import Obj
from sandbox.stripe.subscription_object import new_subscription

PREVIEW_DETAILS = words(
    "billing_cycle_anchor billing_mode billing_schedules cancel_at cancel_at_period_end cancel_now "
    "default_tax_rates items metadata pause proration_behavior proration_date resume_at start_date trial_end"
)


def create_preview(call: Call) -> Obj:
    """Of a subscription's renewal, of a change to it, or of a new one."""
    details = call.params.group("subscription_details").only(PREVIEW_DETAILS)
    subscription_id = call.params.text("subscription")
    if subscription_id is not None:
        current = call.find("subscriptions", subscription_id, "subscription", "subscription")
        return _preview_of_change(call, current, details)
    customer_id = call.params.text("customer")
    customer = living(call, customer_id) if customer_id else dict(_nobody(call))
    scratch = Call(call.world, Params(dict(details.tree)), call.publishable)
    subscription = new_subscription(scratch, customer)
    items = new_items(call, details.groups("items"), subscription["id"])
    subscription["items"]["data"] = items
    now = call.now()
    start = now
    if (trial_end := details.integer("trial_end")) is not None:
        start = trial_end
    end = period_end(start, *cycle_of(items), after=start)
    set_period(items, start, end)
    if "discounts" in call.params:
        subscription["discounts"] = discounts_of(
            call, call.params.groups("discounts"), customer["id"], None, redeem=False
        )
    lines = cycle_lines(call.world, items, (start, end))
    return _preview(call, customer, subscription, lines, "subscription_create")


def _preview_of_change(call: Call, current: Obj, details: Params) -> Obj:
    """Without a change: the renewal. With one: what it bills now, or adds to the next invoice."""
    scratch = Call(call.world, details, call.publishable)
    changed = copied(current)
    changed["items"]["data"] = changed_items(call, cycle.items_of(current), details.groups("items"), current["id"])
    customer = standing.customer_of(call.world, current)
    if "default_tax_rates" in details:
        changed["default_tax_rates"] = tax_rates.chosen(scratch)
    if "discounts" in call.params:
        changed["discounts"] = discounts_of(
            call, call.params.groups("discounts"), customer["id"], current["id"], redeem=False
        )
    if details.tree and current["status"] != "trialing":
        lines = billed_now(scratch, current, changed, keep=False)
        if _bills_at_once(details, current, changed):
            return _preview(call, customer, changed, lines, "upcoming")
    else:
        lines = []
    items = cycle.items_of(changed)
    start: int = items[0]["current_period_end"]
    changed["discounts"] = valid_at(call.state, changed["discounts"], start)
    period = (start, period_end(changed["billing_cycle_anchor"], *cycle_of(items), after=start))
    waiting = copied(call.state.pending_lines.get(current["id"], []))
    return _preview(call, customer, changed, waiting + lines + cycle_lines(call.world, items, period), "upcoming")


def _bills_at_once(details: Params, current: Obj, changed: Obj) -> bool:
    anew = current["billing_cycle_anchor"] != changed["billing_cycle_anchor"]
    return anew or details.text("proration_behavior") == "always_invoice"


def _preview(call: Call, customer: Obj, subscription: Obj, lines: list[Obj], reason: str) -> Obj:
    discounts = list(subscription["discounts"])
    invoice = new_invoice(
        call.world,
        customer,
        lines,
        currency=subscription["items"]["data"][0]["price"]["currency"],
        reason=reason,
        subscription=subscription,
        discounts=discounts,
    )
    credit = min(-min(customer["balance"], 0), max(invoice["total"], 0))
    due = max(invoice["total"], 0) - credit
    invoice |= {
        "amount_due": due,
        "amount_remaining": due,
        "starting_balance": customer["balance"],
        "ending_balance": customer["balance"] + credit,
    }
    return invoice


def _nobody(call: Call) -> Obj:
    """The customer of a preview that names none."""
    return {
        "id": "cus_preview",
        "address": None,
        "balance": 0,
        "email": None,
        "name": None,
        "phone": None,
        "shipping": None,
        "tax_exempt": "none",
        "test_clock": None,
    }


OPERATIONS = [
    operation(
        "POST",
        "/v1/invoices/create_preview",
        create_preview,
        "automatic_tax currency customer customer_account customer_details discounts invoice_items issuer "
        "on_behalf_of preview_mode schedule schedule_details subscription subscription_details",
    ),
]
