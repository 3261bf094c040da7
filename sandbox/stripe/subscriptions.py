"""/v1/subscriptions: creating, reading, listing, cancelling and resuming. Changes are in `changes`."""

from sandbox.stripe import billing, charging, cycle, setup_intents, standing
from sandbox.stripe.call import LIST_PARAMS, Call, operation
from sandbox.stripe.changes import OPERATIONS as CHANGE_OPERATIONS
from sandbox.stripe.changes import cancellation_comment
from sandbox.stripe.customers import living
from sandbox.stripe.discounts import discounts_of
from sandbox.stripe.errors import StripeError, invalid, missing_object, unsupported
from sandbox.stripe.events import emit
from sandbox.stripe.invoice_object import new_invoice
from sandbox.stripe.items import cycle_lines, cycle_of, new_items, set_period
from sandbox.stripe.listing import matching, page
from sandbox.stripe.params import merged_metadata
from sandbox.stripe.periods import period_end
from sandbox.stripe.prorations import unused_time_lines
from sandbox.stripe.state import Obj
from sandbox.stripe.subscription_object import BEHAVIORS, new_subscription, trial_end_of
from sandbox.world import World


def create(call: Call) -> Obj:
    customer = living(call, call.params.need("customer"))
    behavior = call.params.choice("payment_behavior", BEHAVIORS) or "allow_incomplete"
    subscription = _unbilled(call, customer)
    method = standing.default_method(call.world, customer, subscription)
    first = _first_invoice_amount(call, subscription)
    automatic = subscription["collection_method"] == "charge_automatically"
    if first > 0 and automatic and behavior != "default_incomplete":
        _check_can_pay(call, customer, method, behavior)
    call.state.subscriptions[subscription["id"]] = subscription
    call.state.starting.add(subscription["id"])
    _start(call.world, subscription, method, charge_now=behavior != "default_incomplete")
    if subscription["status"] == "trialing" and method is None and behavior == "default_incomplete":
        _ask_for_card(call, subscription)
    call.state.starting.discard(subscription["id"])
    emit(call.world, "customer.subscription.created", subscription)
    cycle.plan_timers(call.world, subscription)
    return subscription


def retrieve(call: Call, id: str) -> Obj:
    return call.find("subscriptions", id, "subscription")


def list_all(call: Call) -> Obj:
    """Without a status all but the ended ones."""
    params, status = call.params, call.params.text("status")
    rows = matching(call.state.subscriptions.values(), params, "customer", "collection_method")
    if status is None:
        rows = [each for each in rows if each["status"] not in standing.ENDED]
    elif status == "ended":
        rows = [each for each in rows if each["status"] in standing.ENDED]
    elif status != "all":
        rows = [each for each in rows if each["status"] == status]
    if price := params.text("price"):
        rows = [each for each in rows if price in {item["price"]["id"] for item in cycle.items_of(each)}]
    return page(call, rows, "/v1/subscriptions")


def cancel(call: Call, id: str) -> Obj:
    subscription = call.find("subscriptions", id, "subscription")
    if subscription["status"] in standing.ENDED:
        raise missing_object("subscription", id)
    comment = cancellation_comment(call.params)
    if call.params.flag("prorate"):
        lines = unused_time_lines(call.world, cycle.items_of(subscription), call.now())
        call.state.pending_lines.setdefault(id, []).extend(lines)
    if call.params.flag("invoice_now") and (lines := call.state.pending_lines.pop(id, [])):
        cycle.bill(call.world, subscription, billing.draft(call.world, subscription, lines, "manual"))
    cancel_now(call.world, subscription, reason="cancellation_requested", comment=comment)
    return subscription


def cancel_now(world: World, subscription: Obj, *, reason: str, comment: Obj | None = None) -> None:
    """A start that was never paid takes its open invoice along."""
    invoice = world.stripe.invoices.get(subscription["latest_invoice"] or "")
    if subscription["status"] == "incomplete" and invoice is not None and invoice["status"] == "open":
        billing.void(world, invoice)
    standing.end(world, subscription, reason, comment)


def resume(call: Call, id: str) -> Obj:
    subscription = call.find("subscriptions", id, "subscription")
    if subscription["status"] != "paused":
        raise invalid("You can only resume a subscription that is paused.")
    subscription |= {"status": "active", "billing_cycle_anchor": call.now()}
    cycle.start_period(call.world, subscription, call.now(), "subscription_cycle")
    cycle.plan_timers(call.world, subscription)
    emit(call.world, "customer.subscription.resumed", subscription)
    return subscription


def _unbilled(call: Call, customer: Obj) -> Obj:
    """The subscription as asked for, with its first period, not stored."""
    params, now = call.params, call.now()
    if "billing_cycle_anchor" in params:
        raise unsupported("billing_cycle_anchor")
    subscription = new_subscription(call, customer)
    items = new_items(call, params.groups("items"), subscription["id"])
    subscription["items"] |= {"data": items, "url": f"/v1/subscription_items?subscription={subscription['id']}"}
    subscription["currency"] = items[0]["price"]["currency"]
    subscription["metadata"] = merged_metadata({}, params)
    trial_end = trial_end_of(call, items)
    if trial_end is not None:
        subscription |= {"trial_start": now, "trial_end": trial_end, "status": "trialing"}
        subscription["billing_cycle_anchor"] = trial_end
    end = trial_end or period_end(now, *cycle_of(items), after=now)
    set_period(items, now, end)
    if params.flag("cancel_at_period_end"):
        subscription |= {"cancel_at_period_end": True, "cancel_at": end, "canceled_at": now}
    subscription["discounts"] = discounts_of(call, params.groups("discounts"), customer["id"], subscription["id"])
    return subscription


def _first_invoice_amount(call: Call, subscription: Obj) -> int:
    preview = new_invoice(
        call.world,
        standing.customer_of(call.world, subscription),
        _first_lines(call.world, subscription),
        currency=subscription["currency"],
        reason="subscription_create",
        subscription=subscription,
        discounts=subscription["discounts"],
    )
    credit = -min(standing.customer_of(call.world, subscription)["balance"], 0)
    due: int = preview["total"] - credit
    return due


def _first_lines(world: World, subscription: Obj) -> list[Obj]:
    items = cycle.items_of(subscription)
    period = (items[0]["current_period_start"], items[0]["current_period_end"])
    return cycle_lines(world, items, period, trial=subscription["status"] == "trialing")


def _check_can_pay(call: Call, customer: Obj, method: Obj | None, behavior: str) -> None:
    if method is None:
        message = (
            "This customer has no attached payment source or default payment method. Please consider adding a "
            "default payment method."
        )
        raise StripeError(400, message, code="resource_missing")
    if behavior != "error_if_incomplete":
        return
    if charging.needs_authentication(call.world, method):
        message = "Payment for this subscription requires additional user action before it can be completed."
        code = "subscription_payment_intent_requires_action"
        raise StripeError(402, message, kind="card_error", code=code)
    decline = charging.refusal(call.world, method, off_session=False)
    if decline is not None:
        raise decline.error()


def _start(world: World, subscription: Obj, method: Obj | None, *, charge_now: bool) -> None:
    trial = subscription["status"] == "trialing"
    automatic = subscription["collection_method"] == "charge_automatically"
    invoice = billing.draft(world, subscription, _first_lines(world, subscription), "subscription_create")
    if not trial:
        subscription["status"] = "incomplete" if automatic and invoice["total"] > 0 else "active"
    billing.finalize(world, invoice)
    if invoice["status"] == "open" and automatic and charge_now and method is not None:
        billing.collect(world, invoice, method)


def _ask_for_card(call: Call, subscription: Obj) -> None:
    intent = setup_intents.new_intent(call.world, subscription["customer"])
    call.state.setup_intents[intent["id"]] = intent
    subscription["pending_setup_intent"] = intent["id"]
    emit(call.world, "setup_intent.created", intent)


CREATE_PARAMS = (
    "add_invoice_items application_fee_percent automatic_tax backdate_start_date billing_cycle_anchor "
    "billing_cycle_anchor_config billing_mode billing_schedules billing_thresholds cancel_at cancel_at_period_end "
    "collection_method currency customer customer_account days_until_due default_payment_method default_source "
    "default_tax_rates description discounts invoice_settings items metadata off_session on_behalf_of "
    "payment_behavior payment_settings pending_invoice_item_interval proration_behavior transfer_data trial_end "
    "trial_from_plan trial_period_days trial_settings"
)
OPERATIONS = [
    operation("POST", "/v1/subscriptions", create, CREATE_PARAMS),
    operation(
        "GET",
        "/v1/subscriptions",
        list_all,
        f"{LIST_PARAMS} automatic_tax collection_method current_period_end current_period_start customer "
        "customer_account plan price status test_clock",
    ),
    operation("GET", "/v1/subscriptions/{id}", retrieve),
    operation("DELETE", "/v1/subscriptions/{id}", cancel, "cancellation_details invoice_now prorate"),
    operation(
        "POST",
        "/v1/subscriptions/{id}/resume",
        resume,
        "billing_cycle_anchor payment_behavior proration_behavior proration_date",
    ),
    *CHANGE_OPERATIONS,
]
