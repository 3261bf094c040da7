"""The console's server: the JSON API, the pages, and their style sheet and script."""

from collections.abc import Callable
from pathlib import Path

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles

from sandbox.console.api import Api
from sandbox.console.html import Html, h
from sandbox.console.http import LoopbackOnly
from sandbox.console.pages.calls import calls_page
from sandbox.console.pages.cards import cards_page
from sandbox.console.pages.customers import customers_page, timeline_page
from sandbox.console.pages.faults import faults_page
from sandbox.console.pages.layout import page
from sandbox.console.pages.objects import objects_page
from sandbox.console.pages.overview import overview
from sandbox.console.pages.record import record_page
from sandbox.console.pages.scenarios import scenarios_page
from sandbox.console.pages.search import search_page
from sandbox.console.pages.webhooks import delivery_page, webhooks_page
from sandbox.console.records import Records
from sandbox.world import World

STATIC = Path(__file__).parent / "static"
HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'self'; base-uri 'none'; frame-ancestors 'none'",
}
Draw = Callable[[Request], Html]


def create_app(world: World) -> Starlette:
    api = [*Records(world).routes(), *Api(world).routes()]
    pages = [_page(world, path, draw) for path, draw in _pages(world).items()]
    return Starlette(
        routes=[*api, Mount("/static", StaticFiles(directory=STATIC)), *pages],
        middleware=[Middleware(LoopbackOnly)],
    )


def _pages(world: World) -> dict[str, Draw]:
    return {
        "/": lambda _: overview(world),
        "/calls": lambda request: calls_page(world, request.query_params),
        "/webhooks": lambda request: webhooks_page(world, request.query_params),
        "/webhooks/{id}": lambda request: delivery_page(world, request.path_params["id"]),
        "/customers": lambda _: customers_page(world),
        "/customers/{id}": lambda request: timeline_page(world, request.path_params["id"], request.query_params),
        "/search": lambda request: search_page(world, request.query_params),
        "/faults": lambda _: faults_page(world),
        "/scenarios": lambda _: scenarios_page(world),
        "/cards": lambda _: cards_page(world),
        "/{side}/{collection}": lambda request: objects_page(world, **request.path_params, query=request.query_params),
        "/{side}/{collection}/{wanted:path}": lambda request: record_page(world, **request.path_params),
    }


def _page(world: World, path: str, draw: Draw) -> BaseRoute:
    async def shown(request: Request) -> Response:
        try:
            return HTMLResponse(draw(request), headers=HEADERS)
        except LookupError as missing:
            told = page(world, path, "Not here", h("p", str(missing.args[0])))
            return HTMLResponse(told, 404, headers=HEADERS)

    return Route(path, shown)
