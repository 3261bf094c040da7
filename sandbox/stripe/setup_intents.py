"""/v1/setup_intents: saving a card for later, with declines and 3-D Secure; and /v1/setup_attempts."""

from sandbox.stripe import confirmation_tokens, payment_methods
from sandbox.stripe.call import LIST_PARAMS, Call, operation
from sandbox.stripe.cards import Decline
from sandbox.stripe.copying import copied
from sandbox.stripe.customers import living
from sandbox.stripe.errors import missing_parameter
from sandbox.stripe.events import emit, emit_update
from sandbox.stripe.ids import client_secret, new_id
from sandbox.stripe.intents import (
    CONFIRMABLE,
    authentication_needed,
    automatic_methods,
    chosen_method,
    error_object,
    method_to_confirm,
    need_confirmation,
    need_return_url,
    need_status,
    view,
    wants_in_page,
)
from sandbox.stripe.listing import matching, page
from sandbox.stripe.params import merged_metadata
from sandbox.stripe.state import Obj, StripeState
from sandbox.world import World

AUTHENTICATION_FAILED = Decline(
    "setup_intent_authentication_failure",
    "We are unable to authenticate your payment method. Please choose a different payment method and try again.",
)
CONFIRM_PARAMS = (
    "allowed_payment_method_types confirmation_token mandate_data payment_method payment_method_data "
    "payment_method_options return_url use_stripe_sdk"
)
WRITABLE = (
    "allowed_payment_method_types attach_to_self customer customer_account description "
    "excluded_payment_method_types flow_directions metadata payment_method payment_method_configuration "
    "payment_method_data payment_method_options"
)


def create(call: Call) -> Obj:
    params = call.params
    need_confirmation(call)
    intent = new_intent(call.world, customer=params.text("customer"))
    if intent["customer"] is not None:
        living(call, intent["customer"])
    intent["automatic_payment_methods"] = automatic_methods(call, params)
    intent["allowed_payment_method_types"] = params.texts("allowed_payment_method_types") or None
    intent["payment_method_types"] = intent["allowed_payment_method_types"] or ["card"]
    intent["usage"] = params.choice("usage", ["off_session", "on_session"]) or "off_session"
    _write(call, intent)
    call.state.setup_intents[intent["id"]] = intent
    emit(call.world, "setup_intent.created", intent)
    if params.flag("confirm"):
        _confirm(call, intent)
    return intent


def new_intent(world: World, customer: str | None) -> Obj:
    """A complete SetupIntent that is not stored yet."""
    intent_id = new_id("seti")
    return {
        "id": intent_id,
        "object": "setup_intent",
        "allowed_payment_method_types": None,
        "application": None,
        "automatic_payment_methods": {"allow_redirects": "always", "enabled": True},
        "cancellation_reason": None,
        "client_secret": client_secret(intent_id),
        "created": world.clock.timestamp(),
        "customer": customer,
        "customer_account": None,
        "description": None,
        "excluded_payment_method_types": None,
        "flow_directions": None,
        "last_setup_error": None,
        "latest_attempt": None,
        "livemode": False,
        "managed_payments": None,
        "mandate": None,
        "metadata": {},
        "next_action": None,
        "on_behalf_of": None,
        "payment_method": None,
        "payment_method_configuration_details": None,
        "payment_method_options": {
            "card": {"mandate_options": None, "network": None, "request_three_d_secure": "automatic"}
        },
        "payment_method_types": ["card"],
        "single_use_mandate": None,
        "status": "requires_payment_method",
        "usage": "off_session",
    }


def retrieve(call: Call, id: str) -> Obj:
    intent = call.find("setup_intents", id, "setupintent", "intent")
    call.need_client_secret(intent)
    return view(call, intent)


def update(call: Call, id: str) -> Obj:
    intent = call.find("setup_intents", id, "setupintent", "intent")
    need_status(intent, {"requires_payment_method", "requires_confirmation", "requires_action"}, "update")
    if customer := call.params.text("customer"):
        living(call, customer)
        intent["customer"] = customer
    _write(call, intent)
    return intent


def confirm(call: Call, id: str) -> Obj:
    intent = call.find("setup_intents", id, "setupintent", "intent")
    call.need_client_secret(intent)
    _confirm(call, intent)
    return view(call, intent)


def cancel(call: Call, id: str) -> Obj:
    intent = call.find("setup_intents", id, "setupintent", "intent")
    need_status(intent, CONFIRMABLE, "cancel", setup_intent=intent)
    reasons = ["abandoned", "requested_by_customer", "duplicate"]
    intent["cancellation_reason"] = call.params.choice("cancellation_reason", reasons)
    intent |= {"status": "canceled", "next_action": None}
    emit(call.world, "setup_intent.canceled", intent)
    return intent


def list_all(call: Call) -> Obj:
    mine = matching(call.state.setup_intents.values(), call.params, "customer", "payment_method")
    return page(call, mine, "/v1/setup_intents")


def list_attempts(call: Call) -> Obj:
    if "setup_intent" not in call.params:
        raise missing_parameter("setup_intent")
    mine = matching(call.state.setup_attempts.values(), call.params, "setup_intent")
    return page(call, mine, "/v1/setup_attempts")


def authenticated(world: World, intent: Obj, *, accepted: bool) -> None:
    """The customer came back from 3-D Secure."""
    method = world.stripe.payment_methods[intent["payment_method"]]
    attempt = world.stripe.setup_attempts[intent["latest_attempt"]]
    intent["next_action"] = None
    if accepted:
        world.stripe.authenticated.add(method["id"])
        _succeed(world, intent, method, attempt)
    else:
        _fail(world, intent, method, attempt, AUTHENTICATION_FAILED)


def _write(call: Call, intent: Obj) -> None:
    params = call.params
    if "description" in params:
        intent["description"] = params.text("description")
    intent["metadata"] = merged_metadata(intent["metadata"], params)
    method = chosen_method(call, intent, params)
    if method is not None:
        intent["payment_method"] = method["id"]
        if intent["status"] == "requires_payment_method":
            intent["status"] = "requires_confirmation"


def _confirm(call: Call, intent: Obj) -> None:
    """Raises the card error of a decline; the intent then waits for another payment method."""
    need_status(intent, CONFIRMABLE, "confirm", setup_intent=view(call, intent))
    need_return_url(call, intent)
    method = method_to_confirm(call, intent, "SetupIntent")
    intent |= {"payment_method": method["id"], "last_setup_error": None, "next_action": None}
    world, card = call.world, call.state.cards[method["id"]]
    attempt = _new_attempt(world, intent, method)
    if card.on_set_up is not None:
        _fail(world, intent, method, attempt, card.on_set_up)
        raise card.on_set_up.error(setup_intent=view(call, intent), payment_method=dict(method))
    if card.authentication != "never":
        intent["status"] = "requires_action"
        attempt["status"] = "requires_action"
        return_url = confirmation_tokens.return_url(call)
        intent["next_action"] = authentication_needed(world, intent, return_url=return_url, in_page=wants_in_page(call))
        emit(world, "setup_intent.requires_action", intent)
    else:
        _succeed(world, intent, method, attempt)


def _succeed(world: World, intent: Obj, method: Obj, attempt: Obj) -> None:
    attempt["status"] = "succeeded"
    intent |= {"status": "succeeded", "last_setup_error": None}
    if intent["customer"] is not None:
        payment_methods.attach_to(world, method, intent["customer"])
    emit(world, "setup_intent.succeeded", intent)
    for subscription in world.stripe.subscriptions.values():
        if subscription["pending_setup_intent"] == intent["id"]:
            before = copied(subscription)
            subscription |= {"pending_setup_intent": None, "default_payment_method": method["id"]}
            emit_update(world, "customer.subscription.updated", subscription, before)


def _fail(world: World, intent: Obj, method: Obj, attempt: Obj, decline: Decline) -> None:
    error = error_object(decline, method)
    attempt |= {"status": "failed", "setup_error": error}
    intent |= {"status": "requires_payment_method", "payment_method": None, "last_setup_error": error}
    emit(world, "setup_intent.setup_failed", intent)


def _new_attempt(world: World, intent: Obj, method: Obj) -> Obj:
    attempt: Obj = {
        "id": new_id("setatt"),
        "object": "setup_attempt",
        "application": None,
        "created": world.clock.timestamp(),
        "customer": intent["customer"],
        "customer_account": None,
        "flow_directions": None,
        "livemode": False,
        "on_behalf_of": None,
        "payment_method": method["id"],
        "payment_method_details": {"card": _attempt_card(world.stripe, method), "type": "card"},
        "setup_error": None,
        "setup_intent": intent["id"],
        "status": "processing",
        "usage": intent["usage"],
    }
    world.stripe.setup_attempts[attempt["id"]] = attempt
    intent["latest_attempt"] = attempt["id"]
    return attempt


def _attempt_card(state: StripeState, method: Obj) -> Obj:
    card = method["card"]
    same = ("brand", "checks", "country", "exp_month", "exp_year", "fingerprint", "funding", "last4", "wallet")
    return {name: copied(card[name]) for name in same} | {
        "network": state.cards[method["id"]].brand,
        "three_d_secure": None,
    }


OPERATIONS = [
    operation(
        "POST",
        "/v1/setup_intents",
        create,
        f"{WRITABLE} automatic_payment_methods confirm confirmation_token mandate_data on_behalf_of return_url "
        "single_use usage use_stripe_sdk",
    ),
    operation(
        "GET", "/v1/setup_intents", list_all, f"{LIST_PARAMS} attach_to_self customer customer_account payment_method"
    ),
    operation("GET", "/v1/setup_intents/{id}", retrieve, "client_secret", publishable=True),
    operation("POST", "/v1/setup_intents/{id}", update, WRITABLE),
    operation("POST", "/v1/setup_intents/{id}/confirm", confirm, CONFIRM_PARAMS, publishable=True),
    operation("POST", "/v1/setup_intents/{id}/cancel", cancel, "cancellation_reason"),
    operation("GET", "/v1/setup_attempts", list_attempts, f"{LIST_PARAMS} setup_intent"),
]
