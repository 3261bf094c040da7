"""Runs Stripe's side alone in a thread, on a free loopback port, for tests that drive it over HTTP."""

import asyncio
import json
import socket
import threading
from collections.abc import Coroutine
from typing import Any
from urllib.parse import urlsplit

import stripe
import uvicorn

from sandbox.middleware import Observed
from sandbox.stripe.app import create_app
from sandbox.world import INTERNAL_ENDPOINT_ID, Settings, World
from tests.contract.stripe.parameters import parameter_problems
from tests.contract.stripe.schema import problems

SECRET_KEY = "sk_test_sandbox"
PUBLISHABLE_KEY = "pk_test_sandbox"


class CheckedHTTPClient(stripe.RequestsClient):
    """Stripe's own HTTP client; each request and each answer is held against Stripe's schemas."""

    def request(self, method: str, url: str, headers: Any, post_data: Any = None) -> Any:
        content, status, answered = super().request(method, url, headers, post_data)
        text = content.decode() if isinstance(content, bytes) else str(content)
        check_exchange(method, url, headers["Authorization"], post_data or "", status, json.loads(text))
        return content, status, answered


def check_exchange(method: str, url: str, authorization: str, form: str, status: int, body: Any) -> None:
    """The answer has its documented shape, and no call was carried out that Stripe would not have taken."""
    parts, publishable = urlsplit(url), PUBLISHABLE_KEY in authorization
    found = problems(method, parts.path, status, body, publishable=publishable)
    assert not found, f"{method} {url} → {status}: {found}"
    if status == 200:
        found = parameter_problems(method, parts.path, form or parts.query, publishable=publishable)
        assert not found, f"{method} {url} took {form}: {found}"


class StripeSide:
    """`world` may be read from the test's thread; what changes it goes through `run`."""

    def __init__(self) -> None:
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        self._socket.bind(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._socket.getsockname()[1]}"
        self.loop = asyncio.new_event_loop()
        self._ready = threading.Event()
        self._thread = threading.Thread(target=self._serve, daemon=True)

    def start(self) -> None:
        self._thread.start()
        assert self._ready.wait(10)

    def stop(self) -> None:
        self.server.should_exit = True
        self._thread.join(10)
        self._socket.close()

    def run(self, work: Coroutine[Any, Any, Any]) -> Any:
        return asyncio.run_coroutine_threadsafe(work, self.loop).result(20)

    def advance(self, **time: float) -> None:
        from datetime import timedelta

        self.run(self.world.clock.advance(timedelta(**time).total_seconds()))

    def client(self, key: str = SECRET_KEY) -> stripe.StripeClient:
        return stripe.StripeClient(
            key, base_addresses={"api": self.url}, http_client=CheckedHTTPClient(), max_network_retries=0
        )

    def event_types(self) -> list[str]:
        return [event["type"] for event in self.world.stripe.events.values()]

    def events(self, kind: str) -> list[dict[str, Any]]:
        return [event for event in self.world.stripe.events.values() if event["type"] == kind]

    def _serve(self) -> None:
        asyncio.set_event_loop(self.loop)
        self.loop.run_until_complete(self._main())
        self.loop.close()

    async def _main(self) -> None:
        self.world = World(Settings(stripe_port=urlsplit(self.url).port or 0))
        # Stigg's side does not run here.
        self.world.deliveries.unregister(INTERNAL_ENDPOINT_ID)
        app = Observed(create_app(self.world), self.world, "stripe")
        config = uvicorn.Config(app, log_level="warning", lifespan="off", ws="none", access_log=False)
        self.server = uvicorn.Server(config)
        self.world.clock.start()
        self.loop.call_later(0.1, self._ready.set)
        await self.server.serve(sockets=[self._socket])
        await self.world.stop()
