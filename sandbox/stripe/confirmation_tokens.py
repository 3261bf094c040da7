"""/v1/confirmation_tokens: what a form has collected, for a server or the page to confirm an intent with later.

Stripe.js makes them with the publishable key; the test helper makes them on a server. Each confirms one intent.
Source: https://docs.stripe.com/api/confirmation_tokens
"""

from sandbox.stripe import payment_methods
from sandbox.stripe.call import Call, operation
from sandbox.stripe.copying import copied
from sandbox.stripe.errors import StripeError, invalid, missing_parameter
from sandbox.stripe.ids import new_id
from sandbox.stripe.state import Obj

LIFETIME_SECONDS = 12 * 3600
PARAMS = "payment_method payment_method_data payment_method_options return_url setup_future_usage shipping"


def create(call: Call) -> Obj:
    """Stripe.js makes one. Raises for a secret key: servers have the test helper."""
    if not call.publishable:
        raise StripeError(403, "Confirmation tokens are made by Stripe.js, with a publishable key.")
    return make(call)


def make(call: Call) -> Obj:
    method = _method(call)
    token: Obj = {
        "id": new_id("ctoken"),
        "object": "confirmation_token",
        "created": call.now(),
        "expires_at": call.now() + LIFETIME_SECONDS,
        "livemode": False,
        "mandate_data": None,
        "metadata": None,
        "payment_intent": None,
        "payment_method_options": None,
        "payment_method_preview": _preview(method),
        "return_url": call.params.text("return_url"),
        "setup_future_usage": call.params.choice("setup_future_usage", ["off_session", "on_session"]),
        "setup_intent": None,
        "shipping": None,
        "use_stripe_sdk": call.publishable,
    }
    call.state.confirmation_tokens[token["id"]] = token
    call.state.token_methods[token["id"]] = method["id"]
    return token


def retrieve(call: Call, id: str) -> Obj:
    return call.find("confirmation_tokens", id, "confirmation token")


def redeem(call: Call, intent: Obj, token_id: str) -> Obj:
    """The token's payment method. Raises for a token that is unknown, over, or of another intent."""
    token = call.find("confirmation_tokens", token_id, "confirmation token", "confirmation_token")
    if "payment_method" in call.params or "payment_method_data" in call.params:
        raise invalid("You cannot pass a payment method together with a confirmation token.", "confirmation_token")
    used_by = token["setup_intent"] or token["payment_intent"]
    if used_by not in {None, intent["id"]}:
        raise invalid("This confirmation token has already been used.", "confirmation_token")
    if token["expires_at"] <= call.now():
        raise StripeError(400, "This confirmation token has expired.", param="confirmation_token")
    token[intent["object"]] = intent["id"]
    if "setup_future_usage" in intent:
        intent["setup_future_usage"] = intent["setup_future_usage"] or token["setup_future_usage"]
    return call.state.payment_methods[call.state.token_methods[token_id]]


def return_url(call: Call) -> str | None:
    """Of a confirmation: its own, else the one that its token was made with."""
    token = call.state.confirmation_tokens.get(call.params.text("confirmation_token") or "")
    return call.params.text("return_url") or (token["return_url"] if token else None)


def _method(call: Call) -> Obj:
    data = call.params.group("payment_method_data")
    if data.tree:
        return payment_methods.from_data(call, data)
    if method_id := call.params.text("payment_method"):
        return payment_methods.resolve(call, method_id)
    raise missing_parameter("payment_method_data")


def _preview(method: Obj) -> Obj:
    names = ("allow_redisplay", "billing_details", "card", "customer", "customer_account", "type")
    return {name: copied(method[name]) for name in names}


OPERATIONS = [
    operation("POST", "/v1/confirmation_tokens", create, PARAMS, publishable=True),
    operation("POST", "/v1/test_helpers/confirmation_tokens", make, PARAMS),
    operation("GET", "/v1/confirmation_tokens/{id}", retrieve),
]
