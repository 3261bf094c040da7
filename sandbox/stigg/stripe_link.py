"""Stigg's side as a client of Stripe's side: plain HTTP with forms, as Stigg's servers speak to Stripe."""

from collections.abc import Iterator
from typing import Any

import httpx

Obj = dict[str, Any]

# Stripe answers at once here; only a sandbox that hangs would take longer.
TIMEOUT_SECONDS = 30.0


class StripeRefusal(Exception):
    """Stripe's answer was an error; the fields are those of its error object."""

    def __init__(self, status: int, error: Obj) -> None:
        super().__init__(error.get("message") or f"Stripe answered {status}")
        self.status = status
        self.param: str | None = error.get("param")
        self.code: str | None = error.get("code")
        self.decline_code: str | None = error.get("decline_code")


class StripeLink:
    """One call per method; each raises StripeRefusal, or httpx.HTTPError when Stripe cannot be reached."""

    def __init__(self, base_url: str, secret_key: str, transport: httpx.AsyncBaseTransport | None = None) -> None:
        # Idle connections are not kept: nothing is left to close when the sandbox stops.
        self._client = httpx.AsyncClient(
            base_url=base_url,
            headers={"Authorization": f"Bearer {secret_key}", "X-Sandbox-Internal": "1"},
            timeout=TIMEOUT_SECONDS,
            limits=httpx.Limits(max_keepalive_connections=0),
            transport=transport,
            trust_env=False,
        )

    async def get(self, path: str, params: Obj | None = None) -> Obj:
        return await self._call("GET", path, params=dict(_flatten(params or {})))

    async def post(self, path: str, params: Obj | None = None, idempotency_key: str | None = None) -> Obj:
        headers = {"Idempotency-Key": idempotency_key} if idempotency_key else {}
        return await self._call("POST", path, data=dict(_flatten(params or {})), headers=headers)

    async def delete(self, path: str, params: Obj | None = None) -> Obj:
        return await self._call("DELETE", path, params=dict(_flatten(params or {})))

    async def _call(self, method: str, path: str, **sent: Any) -> Obj:
        answer = await self._client.request(method, path, **sent)
        body: Obj = answer.json()
        if answer.is_error:
            raise StripeRefusal(answer.status_code, body.get("error") or {})
        return body


def _flatten(value: Any, name: str = "") -> Iterator[tuple[str, str]]:
    """Nested values as bracketed form fields; None is left out, an empty string clears a field."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from _flatten(inner, f"{name}[{key}]" if name else str(key))
    elif isinstance(value, (list, tuple)):
        for index, inner in enumerate(value):
            yield from _flatten(inner, f"{name}[{index}]")
    elif isinstance(value, bool):
        yield name, "true" if value else "false"
    elif value is not None:
        yield name, str(value)
