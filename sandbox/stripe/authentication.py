"""Where the stand-in for the bank's 3-D Secure page reports: `POST /sandbox/3ds/{intent_id}`. Not Stripe's API."""

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from sandbox.stripe import payment_intents, setup_intents
from sandbox.stripe.params import Params, parse_form
from sandbox.world import World

OUTCOMES = {"accept": True, "refuse": False}


async def finish(world: World, request: Request) -> Response:
    """Form: client_secret, outcome = accept | refuse. Answers {"id", "object", "status"}."""
    params = Params(parse_form((await request.body()).decode("utf-8", "replace")))
    intent_id = request.path_params["intent_id"]
    intent = world.stripe.setup_intents.get(intent_id) or world.stripe.payment_intents.get(intent_id)
    outcome = OUTCOMES.get(params.text("outcome") or "")
    if intent is None or params.text("client_secret") != intent["client_secret"]:
        return JSONResponse({"error": "no such intent, or a wrong client_secret"}, 404)
    if outcome is None:
        return JSONResponse({"error": "outcome must be accept or refuse"}, 400)
    if intent["status"] != "requires_action":
        return JSONResponse({"error": f"the intent is {intent['status']}"}, 409)
    if intent["object"] == "setup_intent":
        setup_intents.authenticated(world, intent, accepted=outcome)
    else:
        payment_intents.authenticated(world, intent, accepted=outcome)
    return JSONResponse({name: intent[name] for name in ("id", "object", "status")})
