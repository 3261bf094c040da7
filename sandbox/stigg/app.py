"""Stigg's side as one ASGI app: GraphQL, the edge, and the address at which it listens to Stripe's side."""

import json

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocket

from sandbox.catalog.loader import DEFAULT, load
from sandbox.stigg import stripe_events
from sandbox.stigg.edge import Edge
from sandbox.stigg.graphql_api import GraphQLApi
from sandbox.stigg.push import Push
from sandbox.stigg.seed import seed
from sandbox.stigg.side import Side
from sandbox.stigg.stripe_link import StripeLink
from sandbox.stigg.trace import traced
from sandbox.world import World


def create_app(world: World) -> Starlette:
    """Raises CatalogError at once for a catalogue that cannot be used, rather than when the servers run."""
    load(world.settings.catalog or DEFAULT)
    side = Side(world, StripeLink(world.settings.stripe_url, world.settings.stripe_secret_key))
    api = GraphQLApi(side)

    async def put_catalog_in_place() -> None:
        await seed(side)

    async def take_stripe_event(request: Request) -> Response:
        if not request.headers.get("stripe-signature"):
            return JSONResponse({"error": "no signature"}, status_code=400)
        with traced():
            await stripe_events.handle(side, json.loads(await request.body()))
        return JSONResponse({"received": True})

    async def listen(socket: WebSocket) -> None:
        await Push(side, api.schema, socket).serve()

    world.on_start.append(put_catalog_in_place)
    return Starlette(
        routes=[
            Route("/graphql", api.endpoint, methods=["POST"]),
            WebSocketRoute("/graphql", listen),
            Route("/stripe-events", take_stripe_event, methods=["POST"]),
            *Edge(api).routes(),
        ]
    )
