"""Stripe's and Stigg's sides in a thread of the test process, with a receiver for their webhooks."""

import asyncio
import json
import socket
import threading
import time
from collections.abc import Callable, Coroutine
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from sandbox.middleware import Observed
from sandbox.settings import Settings
from sandbox.stigg.app import create_app as create_stigg_app
from sandbox.stripe.app import create_app as create_stripe_app
from sandbox.world import World

HOST = "127.0.0.1"


class _Server(uvicorn.Server):
    def install_signal_handlers(self) -> None:
        """Signals belong to the test runner."""


class Servers:
    def __init__(self, **settings: Any) -> None:
        self.received: list[dict[str, Any]] = []
        ports = _free_ports(4)
        self.world = World(
            Settings(
                stripe_port=ports[0],
                stigg_port=ports[1],
                console_port=ports[2],
                stigg_webhook_url=f"http://{HOST}:{ports[3]}/stigg",
                **settings,
            )
        )
        receiver = Starlette(routes=[Route("/stigg", self._receive, methods=["POST"])])
        self._apps = [
            (Observed(create_stripe_app(self.world), self.world, "stripe"), ports[0]),
            (Observed(create_stigg_app(self.world), self.world, "stigg"), ports[1]),
            (receiver, ports[3]),
        ]
        self._loop = asyncio.new_event_loop()
        self._ready = threading.Event()
        self._thread = threading.Thread(target=self._loop.run_until_complete, args=(self._serve(),))

    def start(self) -> None:
        self._thread.start()
        if not self._ready.wait(20):
            raise RuntimeError("the servers did not start")

    def stop(self) -> None:
        for server in self._servers:
            server.should_exit = True
        self._thread.join(20)
        self._loop.close()

    def run(self, work: Coroutine[Any, Any, Any]) -> Any:
        """Run something of the world's in its own loop."""
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(60)

    def advance(self, **span: float) -> None:
        seconds = span.get("seconds", 0) + span.get("hours", 0) * 3600 + span.get("days", 0) * 86400
        self.run(self.world.clock.advance(seconds))
        self.settle()

    def settle(self) -> None:
        """Until Stigg's side has heard all that Stripe's has told it, and the receiver all of Stigg's."""
        self.run(self.world.deliveries.settle())
        self.wait_for(lambda: all(d.status != "pending" for d in self.world.deliveries.list("stigg")))

    def wait_for(self, condition: Callable[[], bool], seconds: float = 10) -> None:
        ends = time.monotonic() + seconds
        while not condition():
            if time.monotonic() > ends:
                raise AssertionError("it did not come about in time")
            time.sleep(0.02)

    def kinds(self, customer_id: str) -> list[str]:
        """The types of the webhooks about one customer that have arrived."""
        return [body["type"] for body in self._in_order() if _about(body) == customer_id]

    def last(self, kind: str) -> dict[str, Any]:
        return [body for body in self._in_order() if body["type"] == kind][-1]

    def _in_order(self) -> list[dict[str, Any]]:
        """What has arrived, in the order of sending: several are under way at once, and one may overtake another."""
        sent = [json.loads(each.body)["messageId"] for each in reversed(self.world.deliveries.list("stigg"))]
        return sorted(self.received, key=lambda body: sent.index(body["messageId"]))

    async def _receive(self, request: Request) -> Response:
        self.received.append(json.loads(await request.body()))
        return Response()

    async def _serve(self) -> None:
        self._servers = [
            _Server(uvicorn.Config(app, HOST, port, log_level="warning", lifespan="off")) for app, port in self._apps
        ]
        serving = [asyncio.create_task(server.serve()) for server in self._servers]
        while not all(server.started for server in self._servers):
            await asyncio.sleep(0.01)
        await self.world.start()
        self._ready.set()
        await asyncio.gather(*serving)
        await self.world.stop()


def _about(body: dict[str, Any]) -> str | None:
    if "customer" in body:
        return body["customer"]["id"]
    return body["input"]["customerId"] if "input" in body else body.get("id")


def _free_ports(count: int) -> list[int]:
    sockets = [socket.socket() for _ in range(count)]
    for sock in sockets:
        sock.bind((HOST, 0))
    ports = [sock.getsockname()[1] for sock in sockets]
    for sock in sockets:
        sock.close()
    return ports
