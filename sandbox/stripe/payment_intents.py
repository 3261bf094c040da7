"""/v1/payment_intents and /v1/charges: paying once, by a server or by Stripe.js with a client secret."""

from sandbox.stripe import billing, charging, confirmation_tokens
from sandbox.stripe.call import LIST_PARAMS, Call, operation
from sandbox.stripe.cards import UNAUTHENTICATED, Decline
from sandbox.stripe.customers import living
from sandbox.stripe.errors import invalid, missing_parameter
from sandbox.stripe.events import emit
from sandbox.stripe.intents import (
    CONFIRMABLE,
    automatic_methods,
    chosen_method,
    method_to_confirm,
    need_confirmation,
    need_return_url,
    need_status,
    view,
    wants_in_page,
)
from sandbox.stripe.listing import matching, page
from sandbox.stripe.params import merged_metadata
from sandbox.stripe.state import Obj
from sandbox.world import World

SMALLEST_AMOUNT = 50
AUTHENTICATION_FAILED = Decline(
    "payment_intent_authentication_failure",
    "We are unable to authenticate your payment method. Please choose a different payment method and try again.",
)
CONFIRM_PARAMS = (
    "allowed_payment_method_types amount_details capture_method confirmation_token error_on_requires_action "
    "excluded_payment_method_types hooks mandate mandate_data off_session payment_details payment_method "
    "payment_method_data payment_method_options radar_options receipt_email return_url setup_future_usage "
    "shipping use_stripe_sdk"
)
WRITABLE = (
    "allowed_payment_method_types amount application_fee_amount capture_method currency customer customer_account "
    "description excluded_payment_method_types metadata payment_method payment_method_configuration "
    "payment_method_data payment_method_options receipt_email setup_future_usage shipping statement_descriptor "
    "statement_descriptor_suffix transfer_data transfer_group amount_details hooks payment_details"
)


def create(call: Call) -> Obj:
    params = call.params
    need_confirmation(call)
    if params.integer("amount") is None:
        raise missing_parameter("amount")
    amount, currency = _amount(call), params.need("currency").lower()
    customer = params.text("customer")
    if customer is not None:
        living(call, customer)
    intent = charging.new_payment_intent(call.world, amount, currency, customer)
    intent["automatic_payment_methods"] = automatic_methods(call, params)
    intent["allowed_payment_method_types"] = params.texts("allowed_payment_method_types") or None
    _write(call, intent)
    emit(call.world, "payment_intent.created", intent)
    if params.flag("confirm"):
        _confirm(call, intent)
    return intent


def retrieve(call: Call, id: str) -> Obj:
    intent = call.find("payment_intents", id, "payment_intent", "intent")
    call.need_client_secret(intent)
    return view(call, intent)


def update(call: Call, id: str) -> Obj:
    intent = call.find("payment_intents", id, "payment_intent", "intent")
    need_status(intent, CONFIRMABLE, "update")
    if "amount" in call.params:
        intent["amount"] = _amount(call)
    _write(call, intent)
    return intent


def confirm(call: Call, id: str) -> Obj:
    intent = call.find("payment_intents", id, "payment_intent", "intent")
    call.need_client_secret(intent)
    _confirm(call, intent)
    return view(call, intent)


def cancel(call: Call, id: str) -> Obj:
    intent = call.find("payment_intents", id, "payment_intent", "intent")
    need_status(intent, CONFIRMABLE, "cancel", payment_intent=intent)
    if billing.invoice_of(call.world, intent) is not None:
        raise invalid("You cannot cancel a PaymentIntent that belongs to an invoice. Void the invoice instead.")
    reasons = ["abandoned", "duplicate", "fraudulent", "requested_by_customer"]
    charging.cancel_intent(call.world, intent, call.params.choice("cancellation_reason", reasons))
    return intent


def list_all(call: Call) -> Obj:
    mine = matching(call.state.payment_intents.values(), call.params, "customer")
    return page(call, mine, "/v1/payment_intents")


def retrieve_charge(call: Call, id: str) -> Obj:
    return call.find("charges", id, "charge")


def list_charges(call: Call) -> Obj:
    mine = matching(call.state.charges.values(), call.params, "customer", "payment_intent")
    return page(call, mine, "/v1/charges")


def authenticated(world: World, intent: Obj, *, accepted: bool) -> None:
    """The customer came back from 3-D Secure: the charge is tried, or the payment has failed."""
    method = world.stripe.payment_methods[intent["payment_method"]]
    if accepted:
        charging.capture(world, intent, method, authenticated=True)
    else:
        charging.fail(world, intent, method, AUTHENTICATION_FAILED)
    billing.follow(world, intent)


def _amount(call: Call) -> int:
    amount = call.params.integer("amount") or 0
    if amount < SMALLEST_AMOUNT:
        message = "Amount must be at least 50 of the currency's smallest unit."
        raise invalid(message, "amount", "amount_too_small")
    return amount


def _write(call: Call, intent: Obj) -> None:
    params = call.params
    for name in ("description", "receipt_email", "statement_descriptor", "statement_descriptor_suffix"):
        if name in params:
            intent[name] = params.text(name)
    if usage := params.choice("setup_future_usage", ["off_session", "on_session"]):
        intent["setup_future_usage"] = usage
    intent["metadata"] = merged_metadata(intent["metadata"], params)
    method = chosen_method(call, intent, params)
    if method is not None:
        intent["payment_method"] = method["id"]
        if intent["status"] == "requires_payment_method":
            intent["status"] = "requires_confirmation"


def _confirm(call: Call, intent: Obj) -> None:
    """Raises the card error of a decline; the intent then waits for another payment method."""
    need_status(intent, CONFIRMABLE, "confirm", payment_intent=view(call, intent))
    if billing.invoice_of(call.world, intent) is None:
        need_return_url(call, intent)
    method = method_to_confirm(call, intent, "PaymentIntent")
    world = call.world
    if call.params.flag("off_session") and charging.needs_authentication(world, method):
        charging.fail(world, intent, method, UNAUTHENTICATED)
        decline: Decline | None = UNAUTHENTICATED
    else:
        return_url = confirmation_tokens.return_url(call)
        decline = charging.charge(world, intent, method, return_url=return_url, in_page=wants_in_page(call))
    billing.follow(world, intent)
    if decline is not None:
        shown: Obj = {"payment_intent": view(call, intent), "payment_method": dict(method)}
        if intent["latest_charge"] is not None:
            shown["charge"] = intent["latest_charge"]
        raise decline.error(**shown)


OPERATIONS = [
    operation(
        "POST",
        "/v1/payment_intents",
        create,
        f"{WRITABLE} {CONFIRM_PARAMS} automatic_payment_methods confirm confirmation_method on_behalf_of",
    ),
    operation("GET", "/v1/payment_intents", list_all, f"{LIST_PARAMS} customer customer_account"),
    operation("GET", "/v1/payment_intents/{id}", retrieve, "client_secret", publishable=True),
    operation("POST", "/v1/payment_intents/{id}", update, WRITABLE),
    operation(
        "POST", "/v1/payment_intents/{id}/confirm", confirm, f"{CONFIRM_PARAMS} amount_to_confirm", publishable=True
    ),
    operation("POST", "/v1/payment_intents/{id}/cancel", cancel, "cancellation_reason"),
    operation("GET", "/v1/charges", list_charges, f"{LIST_PARAMS} customer payment_intent transfer_group"),
    operation("GET", "/v1/charges/{id}", retrieve_charge),
]
