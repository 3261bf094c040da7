"""Saved cards for the Payment Element: what a CustomerSession's secret shows of its customer, and lets remove.

Stripe.js speaks to addresses of its own for this, which are no part of the documented API; so does the stand-in.
"""

from collections.abc import Callable

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from sandbox.stripe import payment_methods
from sandbox.stripe.call import Call
from sandbox.stripe.errors import StripeError, invalid, missing_object
from sandbox.stripe.ids import random_text
from sandbox.stripe.params import Params, parse_form
from sandbox.stripe.state import Obj
from sandbox.world import World

# Source: https://docs.stripe.com/js/elements_object/create (customerSessionClientSecret)
PUBLIC_FIELDS = ("id", "object", "type", "created", "allow_redisplay", "billing_details", "card")


async def show(world: World, request: Request) -> Response:
    return _answered(lambda: _view(world, _session(world, request, Params(parse_form(request.url.query)))))


async def remove(world: World, request: Request) -> Response:
    body = (await request.body()).decode("utf-8", "replace")

    def detach() -> Obj:
        params = Params(parse_form(body))
        session = _session(world, request, params)
        wanted = params.need("payment_method")
        if _features(session)["payment_method_remove"] != "enabled":
            raise StripeError(403, "This CustomerSession does not allow to remove payment methods.")
        if wanted not in {method["id"] for method in _shown(world, session)}:
            raise missing_object("PaymentMethod", wanted, "payment_method")
        return _public(payment_methods.detach(Call(world, Params({}), publishable=True), wanted))

    return _answered(detach)


def _answered(work: Callable[[], Obj]) -> Response:
    try:
        return JSONResponse(work(), headers={"Cache-Control": "no-store"})
    except StripeError as error:
        return JSONResponse(error.body(f"req_{random_text(14)}"), error.status)


def _session(world: World, request: Request, params: Params) -> Obj:
    """Raises for a wrong key, an unknown or expired secret, and an intent of another customer."""
    if request.headers.get("authorization") != f"Bearer {world.settings.stripe_publishable_key}":
        raise StripeError(401, "Invalid API Key provided.")
    session = world.stripe.customer_sessions.get(params.need("client_secret"))
    if session is None or session["components"]["payment_element"]["features"] is None:
        raise invalid("The CustomerSession client secret is not valid for the Payment Element.", "client_secret")
    if session["expires_at"] <= world.clock.timestamp():
        raise invalid("The CustomerSession client secret has expired.", "client_secret")
    _check_customer(world, session, params.text("intent_client_secret"))
    return session


def _check_customer(world: World, session: Obj, intent_secret: str | None) -> None:
    if intent_secret is None:
        return
    intents = [*world.stripe.setup_intents.values(), *world.stripe.payment_intents.values()]
    intent = next((each for each in intents if each["client_secret"] == intent_secret), None)
    if intent is not None and intent["customer"] not in {None, session["customer"]}:
        raise invalid("The CustomerSession and the intent belong to different customers.", "client_secret")


def _features(session: Obj) -> Obj:
    features: Obj = session["components"]["payment_element"]["features"]
    return features


def _view(world: World, session: Obj) -> Obj:
    return {
        "features": _features(session),
        "payment_methods": [_public(method) for method in _shown(world, session)],
    }


def _shown(world: World, session: Obj) -> list[Obj]:
    """Newest first, as many as the session allows."""
    features = _features(session)
    if features["payment_method_redisplay"] != "enabled":
        return []
    wanted = features["payment_method_allow_redisplay_filters"]
    mine = [
        method
        for method in reversed(world.stripe.payment_methods.values())
        if method["customer"] == session["customer"] and method["allow_redisplay"] in wanted
    ]
    return mine[: features["payment_method_redisplay_limit"]]


def _public(method: Obj) -> Obj:
    return {name: method[name] for name in PUBLIC_FIELDS}
