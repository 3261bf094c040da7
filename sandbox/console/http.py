"""Requests and answers of the console: JSON for programs, forms and a way back for people; loopback only."""

from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from sandbox.console.plain import plain
from sandbox.settings import is_loopback_url
from sandbox.stripe.errors import StripeError

Handler = Callable[[Request], Awaitable[Response]]


async def fields_of(request: Request) -> dict[str, Any]:
    """The body's fields, from JSON or a form; empty without a body. Raises ValueError."""
    if _is_form(request):
        return dict(await request.form())
    body = await request.body()
    if not body:
        return {}
    sent = await request.json()
    if not isinstance(sent, dict):
        raise ValueError("the body must be a JSON object")
    return sent


def answer(request: Request, payload: Any) -> Response:
    """A form is sent back to the page it stood on."""
    if _is_form(request):
        return RedirectResponse(_way_back(request), status_code=303)
    return JSONResponse(plain(payload))


def answering(handler: Handler) -> Handler:
    """ValueError and Stripe's refusals → 400, LookupError → 404, each with its sentence."""

    async def guarded(request: Request) -> Response:
        try:
            return await handler(request)
        except (ValueError, StripeError) as refused:
            return JSONResponse({"error": str(refused)}, status_code=400)
        except LookupError as missing:
            return JSONResponse({"error": str(missing.args[0])}, status_code=404)

    return guarded


class LoopbackOnly:
    """Refuses foreign Host headers (DNS rebinding) and writes started by foreign pages."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            request = Request(scope)
            origin = request.headers.get("origin")
            foreign_host = not is_loopback_url(f"http://{request.headers.get('host', '')}")
            foreign_page = origin is not None and not is_loopback_url(origin)
            if foreign_host or foreign_page:
                refusal = PlainTextResponse("The sandbox answers loopback only.", status_code=403)
                await refusal(scope, receive, send)
                return
        await self._app(scope, receive, send)


def _is_form(request: Request) -> bool:
    return request.headers.get("content-type", "").startswith("application/x-www-form-urlencoded")


def _way_back(request: Request) -> str:
    """The path of the page that the form stood on: never another host's."""
    page = urlsplit(request.headers.get("referer", "/"))
    path = "/" + page.path.lstrip("/")
    return f"{path}?{page.query}" if page.query else path
