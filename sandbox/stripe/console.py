"""Stripe's part of the console's JSON API: refunds and disputes caused from outside, and lists of such objects."""

import json
from collections.abc import Callable
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from sandbox.stripe import disputes, refunds
from sandbox.stripe.errors import StripeError
from sandbox.stripe.state import Obj
from sandbox.world import World

Fields = dict[str, Any]
COLLECTIONS = ("refunds", "disputes", "promotion_codes", "customer_sessions", "confirmation_tokens", "test_clocks")
OUTCOMES = {"won": True, "lost": False}


def console_routes(world: World) -> list[BaseRoute]:
    """`charge` may be a charge's id, or that of the payment intent or invoice that it paid."""

    def refund(fields: Fields, _path: dict[str, str]) -> Obj:
        amount = fields.get("amount")
        return refunds.refund_charge(
            world, _charge(world, fields), None if amount is None else int(amount), fields.get("reason")
        )

    def dispute(fields: Fields, _path: dict[str, str]) -> Obj:
        return disputes.open_dispute(world, _charge(world, fields), fields.get("reason") or "fraudulent")

    def decide(fields: Fields, path: dict[str, str]) -> Obj:
        found = world.stripe.disputes.get(path["id"])
        if found is None:
            raise LookupError(f"There is no dispute {path['id']}.")
        if fields.get("outcome") not in OUTCOMES:
            raise ValueError(f"outcome must be one of {', '.join(OUTCOMES)}")
        disputes.decide(world, found, won=OUTCOMES[fields["outcome"]])
        return found

    async def collection(request: Request) -> Response:
        held = world.stripe.collection(request.url.path.rpartition("/")[2]).values()
        wanted = request.query_params.items()
        found = [each for each in reversed(held) if all(str(each.get(name)) == value for name, value in wanted)]
        return JSONResponse({"data": found})

    return [
        *(Route(f"/api/stripe/{name}", collection, methods=["GET"]) for name in COLLECTIONS),
        Route("/api/stripe/refunds", _endpoint(refund), methods=["POST"]),
        Route("/api/stripe/disputes", _endpoint(dispute), methods=["POST"]),
        Route("/api/stripe/disputes/{id}/close", _endpoint(decide), methods=["POST"]),
    ]


def _endpoint(work: Callable[[Fields, dict[str, str]], Obj]) -> Callable[[Request], Any]:
    async def endpoint(request: Request) -> Response:
        try:
            fields = json.loads(await request.body() or b"{}")
            return JSONResponse(work(fields, request.path_params))
        except (ValueError, TypeError, AttributeError, StripeError) as refused:
            return JSONResponse({"error": str(refused)}, 400)
        except LookupError as missing:
            return JSONResponse({"error": str(missing.args[0])}, 404)

    return endpoint


def _charge(world: World, fields: Fields) -> Obj:
    wanted = str(fields.get("charge") or "")
    intent_id = next(
        (
            payment["payment"].get("payment_intent")
            for payment in world.stripe.invoice_payments.values()
            if payment["invoice"] == wanted
        ),
        wanted,
    )
    intent = world.stripe.payment_intents.get(intent_id)
    charge = world.stripe.charges.get(intent["latest_charge"] or "" if intent else wanted)
    if charge is None:
        raise LookupError(f"There is no charge {wanted!r}.")
    return charge
