"""What SetupIntents and PaymentIntents share: payment methods at confirmation, 3-D Secure, errors, views."""

from typing import Any
from urllib.parse import urlencode

from sandbox.stripe import confirmation_tokens, payment_methods
from sandbox.stripe.call import Call
from sandbox.stripe.cards import Decline
from sandbox.stripe.errors import StripeError, invalid
from sandbox.stripe.params import Params, words
from sandbox.stripe.state import Obj
from sandbox.world import World

CONFIRMABLE = {"requires_payment_method", "requires_confirmation", "requires_action"}
# What a publishable key may see of an intent.
PUBLIC_FIELDS = words(
    "id object amount automatic_payment_methods canceled_at cancellation_reason capture_method client_secret "
    "confirmation_method created currency description last_payment_error last_setup_error livemode next_action "
    "payment_method payment_method_types receipt_email setup_future_usage shipping status usage"
)


def view(call: Call, intent: Obj) -> Obj:
    """The whole intent for a secret key, its public part for a publishable one."""
    if not call.publishable:
        return intent
    return {name: value for name, value in intent.items() if name in PUBLIC_FIELDS}


def chosen_method(call: Call, intent: Obj, params: Params) -> Obj | None:
    """The payment method that a create or confirm call names, makes, or leaves as it was."""
    data = params.group("payment_method_data")
    if data.tree:
        return payment_methods.from_data(call, data)
    method_id = params.text("payment_method") or intent["payment_method"]
    if method_id is None:
        return None
    return _of_customer(payment_methods.resolve(call, method_id), intent)


def method_to_confirm(call: Call, intent: Obj, kind: str) -> Obj:
    """The payment method that a confirmation names, makes, brings in a token, or leaves as it was."""
    if token_id := call.params.text("confirmation_token"):
        return _of_customer(confirmation_tokens.redeem(call, intent, token_id), intent)
    return need_method(chosen_method(call, intent, call.params), kind)


def need_confirmation(call: Call) -> None:
    """A token is for a confirmation only."""
    if "confirmation_token" in call.params and not call.params.flag("confirm"):
        raise invalid("You can only pass confirmation_token together with confirm=true.", "confirmation_token")


def _of_customer(method: Obj, intent: Obj) -> Obj:
    if method["customer"] not in {None, intent["customer"]}:
        message = (
            "The provided PaymentMethod is attached to another customer. "
            "Please include the customer in the customer parameter."
        )
        raise invalid(message, "payment_method")
    return method


def need_method(method: Obj | None, kind: str) -> Obj:
    if method is None:
        message = (
            f"You cannot confirm this {kind} because it's missing a payment method. "
            f"Update the {kind} with a payment method and then confirm it again."
        )
        raise invalid(message, code=f"{_code_word(kind)}_unexpected_state")
    return method


def need_status(intent: Obj, allowed: set[str], verb: str, **shown: Any) -> None:
    if intent["status"] in allowed:
        return
    kind = "SetupIntent" if intent["object"] == "setup_intent" else "PaymentIntent"
    message = f"You cannot {verb} this {kind} because it has a status of {intent['status']}."
    raise StripeError(400, message, code=f"{intent['object']}_unexpected_state", **shown)


def need_return_url(call: Call, intent: Obj) -> None:
    """A server that confirms must say where redirect methods come back to, unless it takes none."""
    methods, params = intent["automatic_payment_methods"], call.params
    redirects = methods is not None and methods["allow_redirects"] == "always"
    by_server = not call.publishable and not params.flag("use_stripe_sdk")
    asked = call.world.settings.need_return_url and by_server and redirects
    if not asked or confirmation_tokens.return_url(call):
        return
    kind = "SetupIntent" if intent["object"] == "setup_intent" else "PaymentIntent"
    message = (
        f"This {kind} is configured to accept payment methods enabled in your Dashboard. Because some of these "
        "payment methods might redirect your customer off of your page, you must provide a `return_url`. If you "
        "don't want to accept redirect-based payment methods, set `automatic_payment_methods[enabled]` to `true` "
        "and `automatic_payment_methods[allow_redirects]` to `never` when creating Setup Intents and Payment Intents."
    )
    raise invalid(message)


def authentication_needed(world: World, intent: Obj, *, return_url: str | None, in_page: bool) -> Obj:
    """`next_action` for 3-D Secure: in the page by Stripe.js, or by a redirect when a server confirmed."""
    query = {"intent": intent["id"], "client_secret": intent["client_secret"]}
    address = f"{world.settings.stripe_url}/elements/3ds"
    if return_url is not None and not in_page:
        query["return_url"] = return_url
        return {
            "type": "redirect_to_url",
            "redirect_to_url": {"return_url": return_url, "url": f"{address}?{urlencode(query)}"},
        }
    return {
        "type": "use_stripe_sdk",
        "use_stripe_sdk": {
            "type": "three_d_secure_redirect",
            "stripe_js": f"{address}?{urlencode(query)}",
            "source": "src_sandbox",
        },
    }


def wants_in_page(call: Call) -> bool:
    return call.publishable or bool(call.params.flag("use_stripe_sdk"))


def error_object(decline: Decline, method: Obj, charge: str | None = None) -> Obj:
    """`last_setup_error` and `last_payment_error`."""
    error: Obj = {
        "code": decline.code,
        "doc_url": f"https://docs.stripe.com/error-codes/{decline.code.replace('_', '-')}",
        "message": decline.message,
        "payment_method": dict(method),
        "type": "card_error",
    }
    if decline.decline_code is not None:
        error["decline_code"] = decline.decline_code
    if charge is not None:
        error["charge"] = charge
    return error


def automatic_methods(call: Call, params: Params) -> Obj | None:
    """`automatic_payment_methods`: on unless the caller chose the types.

    Raises for contradictory parameters.
    """
    group = params.group("automatic_payment_methods").only(["enabled", "allow_redirects"])
    allowed = params.texts("allowed_payment_method_types")
    if group.tree and allowed:
        message = (
            "You may only specify one of these parameters: automatic_payment_methods, allowed_payment_method_types."
        )
        raise invalid(message)
    enabled = group.flag("enabled")
    if allowed or enabled is False:
        return None
    redirects = group.choice("allow_redirects", ["always", "never"]) or "always"
    return {"allow_redirects": redirects, "enabled": True}


def _code_word(kind: str) -> str:
    return "setup_intent" if kind == "SetupIntent" else "payment_intent"
