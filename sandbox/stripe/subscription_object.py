"""A subscription's shape, and what its settings are read from."""

from sandbox.stripe import tax_rates
from sandbox.stripe.call import Call
from sandbox.stripe.errors import invalid, missing_object
from sandbox.stripe.ids import new_id
from sandbox.stripe.listing import list_object
from sandbox.stripe.params import Params
from sandbox.stripe.state import Obj
from sandbox.stripe.values import nulls

BEHAVIORS = ("allow_incomplete", "default_incomplete", "error_if_incomplete")
DAY = 86400


def new_subscription(call: Call, customer: Obj) -> Obj:
    """Complete but for its items, not stored."""
    params, now = call.params, call.now()
    nothing = nulls(
        "application application_fee_percent billing_cycle_anchor_config billing_thresholds canceled_at "
        "customer_account default_source ended_at latest_invoice managed_payments "
        "next_pending_invoice_item_invoice on_behalf_of pause_collection pending_invoice_item_interval "
        "pending_setup_intent pending_update schedule transfer_data trial_end trial_start"
    )
    return nothing | {
        "id": new_id("sub"),
        "object": "subscription",
        "automatic_tax": {"disabled_reason": None, "enabled": False, "liability": None},
        "billing_cycle_anchor": now,
        "billing_mode": _billing_mode(params),
        "billing_schedules": [],
        "cancel_at": params.integer("cancel_at"),
        "cancel_at_period_end": False,
        "cancellation_details": nulls("comment feedback feedback_option reason"),
        "collection_method": params.choice("collection_method", ["charge_automatically", "send_invoice"])
        or "charge_automatically",
        "created": now,
        "currency": "usd",
        "customer": customer["id"],
        "days_until_due": params.integer("days_until_due"),
        "default_payment_method": method_of_customer(call, customer["id"]),
        "default_tax_rates": tax_rates.chosen(call),
        "description": params.text("description"),
        "discounts": [],
        "invoice_settings": nulls("account_tax_ids custom_fields description footer") | {"issuer": {"type": "self"}},
        "items": list_object([], "/v1/subscription_items"),
        "livemode": False,
        "metadata": {},
        "payment_settings": payment_settings(params.group("payment_settings")),
        "start_date": now,
        "status": "incomplete",
        "test_clock": customer["test_clock"],
        "trial_settings": trial_settings(params.group("trial_settings")),
    }


def method_of_customer(call: Call, customer_id: str) -> str | None:
    """`default_payment_method`, which has to be attached to the customer."""
    method_id = call.params.text("default_payment_method")
    if method_id is None:
        return None
    method = call.state.payment_methods.get(method_id)
    if method is None or method["customer"] != customer_id:
        raise missing_object("PaymentMethod", method_id, "default_payment_method")
    return method_id


def payment_settings(params: Params) -> Obj:
    saving = params.choice("save_default_payment_method", ["off", "on_subscription"])
    return {
        "payment_method_options": None,
        "payment_method_types": params.texts("payment_method_types") or None,
        "save_default_payment_method": saving or "off",
    }


def pause_collection(params: Params) -> Obj | None:
    behavior = params.choice("behavior", ["keep_as_draft", "mark_uncollectible", "void"])
    return None if behavior is None else {"behavior": behavior, "resumes_at": params.integer("resumes_at")}


def trial_settings(params: Params) -> Obj:
    behavior = params.group("end_behavior")
    missing = behavior.choice("missing_payment_method", ["cancel", "create_invoice", "pause"])
    return {
        "end_behavior": {
            "billing_cycle_anchor": behavior.choice("billing_cycle_anchor", ["now", "unchanged"]),
            "missing_payment_method": missing or "create_invoice",
        }
    }


def trial_end_of(call: Call, items: list[Obj]) -> int | None:
    """The end of the trial asked for, or None."""
    params, now = call.params, call.now()
    if params.text("trial_end") == "now":
        return None
    days = params.integer("trial_period_days")
    if days is None and params.flag("trial_from_plan"):
        days = items[0]["price"]["recurring"]["trial_period_days"]
    end = params.integer("trial_end") or (now + days * DAY if days else None)
    if end is not None and end <= now:
        raise invalid("Invalid timestamp: must be an integer Unix timestamp in the future.", "trial_end")
    return end


def _billing_mode(params: Params) -> Obj:
    kind = params.group("billing_mode").choice("type", ["classic", "flexible"]) or "flexible"
    flexible = {"proration_discounts": "included"} if kind == "flexible" else None
    return {"flexible": flexible, "type": kind}
