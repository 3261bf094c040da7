"""The stand-in's addresses on the Stripe port: the script, the frames, 3-D Secure's page. Calls no API itself."""

import re
from dataclasses import asdict

from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, PlainTextResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles

from sandbox.elements import customer_sessions
from sandbox.elements.preferences import preferences_of
from sandbox.elements.script import HERE, stripe_js
from sandbox.settings import is_loopback_url
from sandbox.world import World

# The frames speak to their own origin only; any loopback page may hold them.
FRAME_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' http://127.0.0.1:* http://localhost:*; "
    "img-src 'self'; font-src 'self' http://127.0.0.1:* http://localhost:*; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors http://127.0.0.1:* http://localhost:*"
)
ASSET_FOLDERS = ("frame", "common")
_ASSET = re.compile(r"/elements/(frame|common)/")
FRAME_HEADERS = {"Content-Security-Policy": FRAME_POLICY, "Cache-Control": "no-store", "Referrer-Policy": "no-referrer"}
PAGES = {
    "payment.html": "payment.html",
    "address.html": "address.html",
    "express-checkout.html": "express-checkout.html",
    "wallet": "wallet.html",
    "3ds": "three-d-secure.html",
}


def elements_routes(world: World) -> list[BaseRoute]:
    async def preferences(_: Request) -> Response:
        return JSONResponse(
            asdict(preferences_of(world)),
            headers={"Access-Control-Allow-Origin": "*", "Cache-Control": "no-store"},
        )

    async def saved_cards(request: Request) -> Response:
        return await customer_sessions.show(world, request)

    async def remove_saved_card(request: Request) -> Response:
        return await customer_sessions.remove(world, request)

    return [
        Route("/{version}/stripe.js", script, methods=["GET"]),
        Route("/elements/preferences", preferences, methods=["GET"]),
        Route("/elements/customer-session", saved_cards, methods=["GET"]),
        Route("/elements/customer-session/remove", remove_saved_card, methods=["POST"]),
        Route("/elements/{page}", frame_page, methods=["GET"]),
        *(Mount(f"/elements/{{stamp}}/{folder}", _Assets(directory=HERE / folder)) for folder in ASSET_FOLDERS),
    ]


async def script(request: Request) -> Response:
    """Only the version that the product pins is there."""
    if request.path_params["version"] != "endive":
        return PlainTextResponse("This sandbox stands in for Stripe.js endive only.", status_code=404)
    return Response(stripe_js(), media_type="text/javascript; charset=utf-8", headers={"Cache-Control": "no-cache"})


async def frame_page(request: Request) -> Response:
    name = PAGES.get(request.path_params["page"])
    if name is None:
        return PlainTextResponse("Not Found", status_code=404)
    embedder = request.query_params.get("parent") or request.query_params.get("return_url")
    if embedder is None or not is_loopback_url(embedder):
        return PlainTextResponse("The sandbox serves loopback pages only.", status_code=400)
    markup = (HERE / "frame" / name).read_text("utf-8")
    return HTMLResponse(_ASSET.sub(rf"/elements/{_stamp()}/\1/", markup), headers=FRAME_HEADERS)


def _stamp() -> str:
    """Another one after each edit of a file: assets have it in their address and may be kept for ever."""
    changed = (each.stat().st_mtime_ns for folder in ASSET_FOLDERS for each in (HERE / folder).rglob("*"))
    return f"{max(changed):x}"


class _Assets(StaticFiles):
    def file_response(self, *args: object, **kwargs: object) -> Response:
        response = super().file_response(*args, **kwargs)  # type: ignore[arg-type]  # handed on as given
        response.headers["Cache-Control"] = "max-age=31536000, immutable"
        return response
