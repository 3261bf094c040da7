"""The outermost layer of both providers' servers: applies faults and writes the journal."""

import asyncio
import contextlib
import json
import secrets
import time
from collections.abc import Coroutine
from typing import Any

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from sandbox.cors import allowing
from sandbox.faults import Fault
from sandbox.journal import Call, Journal, without_secrets
from sandbox.operations import operations_of, request_summary
from sandbox.world import World

LONGEST_HANG_SECONDS = 3600.0
LONGEST_CUT_SECONDS = 1.0
IN_FLIGHT = json.dumps(
    {
        "error": {
            "type": "idempotency_error",
            "code": "idempotency_key_in_use",
            "message": "There is currently another in-progress request using this Idempotency-Key.",
        }
    }
).encode()
BROKEN_OFF = 0  # the status written for a call that got no answer


class Observed:
    """Wraps a side's app. Calls marked `X-Sandbox-Internal` meet no faults; asset paths only named ones."""

    def __init__(self, app: ASGIApp, world: World, provider: str) -> None:
        self._app, self._world, self._provider = app, world, provider
        self._in_flight: set[str | None] = set()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] == "OPTIONS":
            await self._app(scope, receive, send)
            return
        key = self._idempotency_key(scope)
        if key is not None and key in self._in_flight:
            await _send(scope, send, 409, "application/json", IN_FLIGHT)
            return
        self._in_flight.add(key)
        try:
            await self._observe(scope, receive, send)
        finally:
            self._in_flight.discard(key)

    async def _observe(self, scope: Scope, receive: Receive, send: Send) -> None:
        body = await _read(receive)
        operations = operations_of(self._provider, scope["method"], scope["path"], body)
        internal = Headers(scope=scope).get("x-sandbox-internal") == "1"
        fault = None if internal else self._take(scope["path"], operations)
        call = Call(
            at=self._world.clock.now(),
            provider=self._provider,
            operation=", ".join(operations),
            method=scope["method"],
            path=scope["path"],
            status=BROKEN_OFF,
            duration_ms=0.0,
            request=_summary(scope, body),
            request_id=None,
            internal=internal,
            fault=fault.kind if fault else None,
        )
        record = _Record(self._world.journal if self._is_call(scope["path"]) else None, call, send)
        try:
            await self._answer(fault, scope, _Replayed(body, receive), send, record)
        finally:
            record.write()

    def _idempotency_key(self, scope: Scope) -> str | None:
        """Stripe refuses a second call with a key while the first one runs (which a latency fault prolongs)."""
        if self._provider != "stripe" or scope["method"] != "POST":
            return None
        return Headers(scope=scope).get("idempotency-key")

    def _is_call(self, path: str) -> bool:
        return self._provider == "stigg" or path.startswith(("/v1/", "/sandbox/"))

    def _take(self, path: str, operations: list[str]) -> Fault | None:
        asset = self._provider == "stripe" and not path.startswith("/v1/")
        return self._world.faults.take(self._provider, operations, named_only=asset)

    async def _answer(self, fault: Fault | None, scope: Scope, receive: Receive, send: Send, record: "_Record") -> None:
        if fault is not None and fault.seconds and fault.kind != "hang":
            resets = self._world.resets
            await self._pause(fault.seconds)
            if self._world.resets != resets:
                record.forget()
                await _cut(receive, send, abort=False)
                return
        if fault is None or fault.kind == "latency":
            await self._app(scope, receive, record)
        elif fault.kind == "hang":
            await _either(_hang(receive, fault.seconds or LONGEST_HANG_SECONDS), self._world.closing.wait())
            await _cut(receive, send, abort=False)
        elif fault.kind in {"down", "reset"}:
            await _cut(receive, send, abort=fault.kind == "reset")
        else:
            status, content_type, content = _faulty_answer(self._provider, fault)
            await _send(scope, record, status, content_type, content)

    async def _pause(self, seconds: float) -> None:
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._world.closing.wait(), seconds)


class _Record:
    """`send` for the app. Writes the call into the journal just before the caller can have the whole answer."""

    def __init__(self, journal: Journal | None, call: Call, send: Send) -> None:
        self._journal, self._call, self._send = journal, call, send
        self._started = time.perf_counter()

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = Headers(raw=message["headers"])
            self._call.status, self._call.request_id = message["status"], headers.get("request-id")
        elif not message.get("more_body"):
            self.write()
        await self._send(message)

    def forget(self) -> None:
        """The journal has been emptied since the call came."""
        self._journal = None

    def write(self) -> None:
        """Once; a call that got no answer is written at its end."""
        if self._journal is not None:
            self._call.duration_ms = round((time.perf_counter() - self._started) * 1000, 1)
            self._journal.add(self._call)
            self._journal = None


class _Replayed:
    """`receive` once more for the app, after the body has been read here."""

    def __init__(self, body: bytes, receive: Receive) -> None:
        self._body: bytes | None = body
        self._receive = receive

    async def __call__(self) -> Message:
        if self._body is None:
            return await self._receive()
        body, self._body = self._body, None
        return {"type": "http.request", "body": body, "more_body": False}


async def _read(receive: Receive) -> bytes:
    chunks = []
    while True:
        message = await receive()
        chunks.append(message.get("body", b""))
        if not message.get("more_body"):
            return b"".join(chunks)


def _summary(scope: Scope, body: bytes) -> dict[str, Any]:
    content_type = Headers(scope=scope).get("content-type", "")
    query = scope["query_string"].decode("latin-1")
    summary: dict[str, Any] = without_secrets(request_summary(scope["path"], query, content_type, body))
    return summary


async def _either(*works: Coroutine[Any, Any, Any]) -> None:
    """Until the first of them is done."""
    tasks = [asyncio.ensure_future(work) for work in works]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()


async def _hang(receive: Receive, seconds: float) -> None:
    """Until the caller has gone, at most `seconds`."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            while (await receive())["type"] != "http.disconnect":
                pass


async def _cut(receive: Receive, send: Send, *, abort: bool) -> None:
    """Cut the connection with no answer: uvicorn's `send` is bound to the cycle that has the transport."""
    transport = getattr(getattr(send, "__self__", None), "transport", None)
    if transport is None:
        raise RuntimeError("faults that cut the connection need uvicorn's own send")
    if abort:
        transport.abort()
    else:
        transport.close()
    # uvicorn would answer a call that returns while it believes the connection to be there.
    await _hang(receive, LONGEST_CUT_SECONDS)


def _faulty_answer(provider: str, fault: Fault) -> tuple[int, str, bytes]:
    if fault.kind == "garbage":
        return 200, "text/html", b"<html><body>502 Bad Gateway</body></html>"
    if fault.kind == "graphql_error":
        error = {
            "message": "A fault put here on purpose",
            "extensions": {"code": fault.code or "InternalServerError", "traceId": secrets.token_hex(16)},
        }
        return 200, "application/json", json.dumps({"errors": [error], "data": None}).encode()
    if provider == "stripe":
        return fault.status, "application/json", json.dumps({"error": _stripe_error(fault)}).encode()
    return fault.status, "application/json", b'{"message": "A fault put here on purpose"}'


def _stripe_error(fault: Fault) -> dict[str, Any]:
    types = {402: "card_error", 409: "idempotency_error", 429: "invalid_request_error"}
    kind = types.get(fault.status, "invalid_request_error" if fault.status < 500 else "api_error")
    error: dict[str, Any] = {"type": kind, "message": "A fault put here on purpose"}
    if fault.code or fault.status == 429:
        error["code"] = fault.code or "rate_limit"
    return error


async def _send(scope: Scope, send: Send, status: int, content_type: str, content: bytes) -> None:
    """A page under test may read these answers too."""
    request_id = f"req_{secrets.token_hex(7)}"
    headers = [(b"content-type", content_type.encode()), (b"request-id", request_id.encode())]
    origin = Headers(scope=scope).get("origin")
    await send({"type": "http.response.start", "status": status, "headers": headers + allowing(origin)})
    await send({"type": "http.response.body", "body": content})
