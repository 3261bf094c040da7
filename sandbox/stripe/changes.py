"""POST /v1/subscriptions/{id}: new prices and quantities with proration, planned ends, trials cut short."""

from sandbox.stripe import billing, charging, cycle, pending, standing, tax_rates
from sandbox.stripe.call import Call, operation
from sandbox.stripe.copying import copied
from sandbox.stripe.discounts import discounts_of
from sandbox.stripe.errors import StripeError, invalid
from sandbox.stripe.events import emit_update
from sandbox.stripe.items import (
    changed_items,
    cycle_lines,
    cycle_of,
    set_period,
    total_of,
)
from sandbox.stripe.params import Params, merged_metadata, words
from sandbox.stripe.periods import period_end
from sandbox.stripe.prorations import proration_lines, unused_time_lines
from sandbox.stripe.state import Obj
from sandbox.stripe.subscription_object import (
    BEHAVIORS,
    method_of_customer,
    pause_collection,
    payment_settings,
    trial_settings,
)

PRORATIONS = ("always_invoice", "create_prorations", "none")
CHANGE_BEHAVIORS = (*BEHAVIORS, "pending_if_incomplete")
# Source: https://docs.stripe.com/billing/subscriptions/pending-updates-reference#supported-attributes
MAY_WAIT = words(
    "add_invoice_items billing_cycle_anchor discounts expand items off_session payment_behavior proration_behavior "
    "proration_date trial_end trial_from_plan"
)


def update(call: Call, id: str) -> Obj:
    subscription = call.find("subscriptions", id, "subscription")
    if subscription["status"] in standing.ENDED:
        message = "A canceled subscription can only update its cancellation_details and metadata."
        raise invalid(message)
    _refuse_what_cannot_wait(call)
    before = copied(subscription)
    changed = copied(subscription)
    _write_settings(call, changed)
    if "default_tax_rates" in call.params:
        changed["default_tax_rates"] = tax_rates.chosen(call)
    _write_end(call, changed)
    if "items" in call.params:
        items = changed_items(call, cycle.items_of(changed), call.params.groups("items"), id)
        changed["items"]["data"] = items
        changed["currency"] = items[0]["price"]["currency"]
    lines = billed_now(call, subscription, changed)
    _refuse_incomplete(call, changed, lines)
    if lines and call.params.text("payment_behavior") == "pending_if_incomplete":
        _change_when_paid(call, subscription, changed, lines)
        return subscription
    subscription.update(changed)
    if lines:
        _bill(call, subscription, lines)
    emit_update(call.world, "customer.subscription.updated", subscription, before)
    cycle.plan_timers(call.world, subscription)
    return subscription


def billed_now(call: Call, old: Obj, new: Obj, *, keep: bool = True) -> list[Obj]:
    """The lines to invoice at once; those that wait for the next invoice are put aside (unless `keep` is off).

    A change of interval, from free to paid, or of the anchor starts a new period now.
    """
    params, now = call.params, call.params.integer("proration_date") or call.now()
    proration = params.choice("proration_behavior", PRORATIONS) or "create_prorations"
    before, after = cycle.items_of(old), cycle.items_of(new)
    if old["status"] == "trialing":
        return _end_trial_now(call, new) if params.text("trial_end") == "now" else _keep_trial(old, after)
    if _starts_anew(call, old, new):
        credit = [] if proration == "none" else unused_time_lines(call.world, before, now)
        end = period_end(now, *cycle_of(after), after=now)
        set_period(after, now, end)
        new["billing_cycle_anchor"] = now
        return credit + cycle_lines(call.world, after, (now, end))
    first = before[0]
    set_period(after, first["current_period_start"], first["current_period_end"])
    lines = [] if proration == "none" else proration_lines(call.world, before, after, now, new["discounts"])
    if proration == "always_invoice":
        return lines
    if keep and lines:
        call.state.pending_lines.setdefault(old["id"], []).extend(lines)
    return [] if keep else lines


def cancellation_comment(params: Params) -> Obj:
    details = params.group("cancellation_details").only(["comment", "feedback", "feedback_option"])
    return {name: details.text(name) for name in details.names()}


def _write_settings(call: Call, subscription: Obj) -> None:
    params = call.params
    subscription["metadata"] = merged_metadata(subscription["metadata"], params)
    if "description" in params:
        subscription["description"] = params.text("description")
    if "default_payment_method" in params:
        subscription["default_payment_method"] = method_of_customer(call, subscription["customer"])
    if "payment_settings" in params:
        subscription["payment_settings"] |= payment_settings(params.group("payment_settings"))
    if "pause_collection" in params:
        subscription["pause_collection"] = pause_collection(params.group("pause_collection"))
    if "trial_settings" in params:
        subscription["trial_settings"] |= trial_settings(params.group("trial_settings"))
    if method := params.choice("collection_method", ["charge_automatically", "send_invoice"]):
        subscription["collection_method"] = method
    if "days_until_due" in params:
        subscription["days_until_due"] = params.integer("days_until_due")
    if "discounts" in params:
        groups = params.groups("discounts")
        subscription["discounts"] = discounts_of(call, groups, subscription["customer"], subscription["id"])
    later = params.integer("trial_end") if params.text("trial_end") not in {None, "now"} else None
    if later is not None and subscription["status"] == "trialing":
        subscription |= {"trial_end": later, "billing_cycle_anchor": later}
        set_period(cycle.items_of(subscription), subscription["trial_start"], later)


def _write_end(call: Call, subscription: Obj) -> None:
    params = call.params
    at_period_end = params.flag("cancel_at_period_end")
    if at_period_end is None and "cancel_at" not in params:
        return
    moment = params.integer("cancel_at")
    if at_period_end:
        moment = cycle.items_of(subscription)[0]["current_period_end"]
    reason = "cancellation_requested" if moment else None
    subscription |= {
        "cancel_at_period_end": bool(at_period_end),
        "cancel_at": moment,
        "canceled_at": call.now() if moment else None,
    }
    details = {"comment": None, "feedback": None, "feedback_option": None, "reason": reason}
    subscription["cancellation_details"] = details | cancellation_comment(params)


def _starts_anew(call: Call, old: Obj, new: Obj) -> bool:
    before, after = cycle.items_of(old), cycle.items_of(new)
    state = call.state
    from_free = total_of(state, before) == 0 and total_of(state, after) > 0
    anchored = call.params.text("billing_cycle_anchor") == "now"
    return cycle_of(before) != cycle_of(after) or anchored or from_free


def _end_trial_now(call: Call, subscription: Obj) -> list[Obj]:
    now, items = call.now(), cycle.items_of(subscription)
    end = period_end(now, *cycle_of(items), after=now)
    set_period(items, now, end)
    subscription |= {"status": "active", "trial_end": now, "billing_cycle_anchor": now}
    return cycle_lines(call.world, items, (now, end))


def _keep_trial(old: Obj, items: list[Obj]) -> list[Obj]:
    set_period(items, old["trial_start"], items[0]["current_period_end"])
    return []


def _refuse_incomplete(call: Call, subscription: Obj, lines: list[Obj]) -> None:
    behavior = call.params.text("payment_behavior")
    if behavior != "error_if_incomplete" or sum(line["amount"] for line in lines) <= 0:
        return
    world = call.world
    method = standing.default_method(world, standing.customer_of(world, subscription), subscription)
    if method is None:
        raise StripeError(400, "This customer has no default payment method.", code="resource_missing")
    decline = charging.refusal(world, method, off_session=True)
    if decline is not None:
        raise decline.error()


def _change_when_paid(call: Call, subscription: Obj, changed: Obj, lines: list[Obj]) -> None:
    """At once when the invoice is paid at once; a change that waited already makes room."""
    world, before = call.world, copied(subscription)
    if (earlier := call.state.pending_updates.get(subscription["id"])) is not None:
        billing.void(world, call.state.invoices[earlier["invoice"]])
    waiting = call.state.pending_lines.pop(subscription["id"], [])
    invoice = billing.draft(world, changed, copied(waiting) + lines, "subscription_update")
    pending.begin(world, subscription, changed, invoice, waiting)
    cycle.bill(world, changed, invoice)
    if pending.is_waiting_for(world, invoice):
        pending.show(world, subscription)
        emit_update(world, "customer.subscription.updated", subscription, before)


def _refuse_what_cannot_wait(call: Call) -> None:
    if call.params.choice("payment_behavior", CHANGE_BEHAVIORS) != "pending_if_incomplete":
        return
    for name in call.params.names():
        if name not in MAY_WAIT:
            message = f"You cannot pass `{name}` when `payment_behavior` is `pending_if_incomplete`."
            raise invalid(message, name)


def _bill(call: Call, subscription: Obj, lines: list[Obj]) -> None:
    waiting = call.state.pending_lines.pop(subscription["id"], [])
    invoice = billing.draft(call.world, subscription, waiting + lines, "subscription_update")
    if call.params.text("payment_behavior") == "default_incomplete":
        billing.finalize(call.world, invoice)
    else:
        cycle.bill(call.world, subscription, invoice)


UPDATE_PARAMS = (
    "add_invoice_items application_fee_percent automatic_tax billing_cycle_anchor billing_schedules "
    "billing_thresholds cancel_at cancel_at_period_end cancellation_details collection_method days_until_due "
    "default_payment_method default_source default_tax_rates description discounts invoice_settings items metadata "
    "off_session on_behalf_of pause_collection payment_behavior payment_settings pending_invoice_item_interval "
    "proration_behavior proration_date transfer_data trial_end trial_from_plan trial_settings"
)
OPERATIONS = [operation("POST", "/v1/subscriptions/{id}", update, UPDATE_PARAMS)]
