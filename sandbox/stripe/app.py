"""Stripe's side as a Starlette app: the API, the hosted invoice page, 3-D Secure, and Stripe.js's stand-in."""

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from sandbox.cors import open_to_loopback_pages
from sandbox.elements.app import elements_routes
from sandbox.stripe import (
    account,
    authentication,
    catalogue,
    confirmation_tokens,
    customers,
    discounts,
    disputes,
    hosted,
    invoice_previews,
    invoices,
    notifications,
    payment_intents,
    payment_methods,
    promotion_codes,
    refunds,
    setup_intents,
    subscriptions,
    tax_rates,
)
from sandbox.stripe.call import Operation
from sandbox.stripe.http import not_found, respond
from sandbox.world import World

RESOURCES = (
    account,
    catalogue,
    confirmation_tokens,
    customers,
    discounts,
    disputes,
    invoice_previews,
    invoices,
    notifications,
    payment_intents,
    payment_methods,
    promotion_codes,
    refunds,
    setup_intents,
    subscriptions,
    tax_rates,
)
SHOWN_HEADERS = ["Request-Id", "Stripe-Version", "Idempotency-Key", "Idempotent-Replayed", "Original-Request"]


def create_app(world: World) -> Starlette:
    routes: list[BaseRoute] = [
        *(_api_route(world, operation) for each in RESOURCES for operation in each.OPERATIONS),
        Route("/v1/{path:path}", not_found, methods=["GET", "POST", "DELETE"]),
        *_page_routes(world),
        *elements_routes(world),
    ]
    return Starlette(routes=routes, middleware=[Middleware(open_to_loopback_pages, SHOWN_HEADERS)])


def _api_route(world: World, operation: Operation) -> Route:
    async def endpoint(request: Request) -> Response:
        return await respond(world, operation, request)

    return Route(operation.path, endpoint, methods=[operation.method])


def _page_routes(world: World) -> list[BaseRoute]:
    async def finish_authentication(request: Request) -> Response:
        return await authentication.finish(world, request)

    async def show_invoice(request: Request) -> Response:
        return hosted.show(world, request)

    async def pay_invoice(request: Request) -> Response:
        return await hosted.pay(world, request)

    async def invoice_document(request: Request) -> Response:
        return hosted.document(world, request)

    return [
        Route("/sandbox/3ds/{intent_id}", finish_authentication, methods=["POST"]),
        Route("/invoice/{token}", show_invoice, methods=["GET"]),
        Route("/invoice/{token}", pay_invoice, methods=["POST"]),
        Route("/invoice/{token}/pdf", invoice_document, methods=["GET"]),
    ]
