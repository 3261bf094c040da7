"""Runs a sandbox: its loopback servers in one event loop."""

import asyncio
import contextlib
import logging
import socket
from collections.abc import Callable, Iterator

import uvicorn
from starlette.types import ASGIApp

from sandbox import restoring
from sandbox.console.app import create_app as create_console_app
from sandbox.cors import open_to_loopback_pages
from sandbox.keeping import Keeper
from sandbox.middleware import Observed
from sandbox.settings import LOOPBACK, Settings, SettingsError
from sandbox.stigg.app import create_app as create_stigg_app
from sandbox.stripe.app import create_app as create_stripe_app
from sandbox.stripe.console import console_routes
from sandbox.world import World

GRACE_SECONDS = 1


class QuietServer(uvicorn.Server):
    """One of several servers in a loop: the signals belong to whoever started the loop."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


class Sandbox:
    def __init__(self, settings: Settings) -> None:
        """Raises SettingsError for a taken port, a catalog or a state file that cannot be used."""
        self.world = World(settings)
        self._keeper = Keeper(self.world, settings.state_file) if settings.state_file else None
        apps = _apps(self.world)
        self._sockets = bind_all(list(apps))
        self._servers = [QuietServer(_config(app)) for app in apps.values()]

    async def run(self, on_ready: Callable[[], None]) -> None:
        """Serve until `stop`; `on_ready` is called when all listen and the catalog is seeded."""
        serving = [
            asyncio.create_task(server.serve(sockets=[sock]))
            for server, sock in zip(self._servers, self._sockets, strict=True)
        ]
        try:
            await self._until_started(serving)
            await self._fill()
            on_ready()
            asked = asyncio.create_task(self.world.closing.wait())
            await asyncio.wait([asked, *serving], return_when=asyncio.FIRST_COMPLETED)
        finally:
            await self._close(serving)
            await self.world.stop()
            if self._keeper is not None:
                await self._keeper.stop()

    def stop(self) -> None:
        self.world.closing.set()

    async def _close(self, serving: list[asyncio.Task[None]]) -> None:
        """What the sides are telling each other is said to the end, callers that hang are let go."""
        self.world.closing.set()
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self.world.deliveries.settle(), GRACE_SECONDS)
        # What is cut off at the end is no error.
        logging.getLogger("uvicorn.error").setLevel(logging.CRITICAL)
        for server in self._servers:
            server.should_exit = True
        await asyncio.gather(*serving, return_exceptions=True)

    async def _fill(self) -> None:
        restored = self._keeper is not None and self._keeper.restore()
        await self.world.start(filled=restored)
        if restored:
            restoring.plan_timers(self.world)
        if self._keeper is not None:
            self._keeper.start()

    async def _until_started(self, serving: list[asyncio.Task[None]]) -> None:
        while not all(server.started for server in self._servers):
            if any(task.done() for task in serving):
                raise RuntimeError("a server of the sandbox did not start")
            await asyncio.sleep(0.01)


def _apps(world: World) -> dict[int, ASGIApp]:
    """By port. Stripe's side has its own rules for other origins; the edge is Stigg's side once more."""
    settings = world.settings
    console = create_console_app(world)
    console.router.routes[:0] = console_routes(world)
    stigg = Observed(open_to_loopback_pages(create_stigg_app(world)), world, "stigg")
    apps: dict[int, ASGIApp] = {
        settings.stripe_port: Observed(create_stripe_app(world), world, "stripe"),
        settings.stigg_port: stigg,
        settings.console_port: open_to_loopback_pages(console),
    }
    if settings.edge_port is not None:
        apps[settings.edge_port] = stigg
    if len(apps) < (3 if settings.edge_port is None else 4):
        raise SettingsError("Each of the sandbox's ports must be another one.")
    return apps


def bind_all(ports: list[int]) -> list[socket.socket]:
    """Listening loopback sockets. Raises SettingsError for a port that cannot be had."""
    sockets: list[socket.socket] = []
    for port in ports:
        # asyncio turns Nagle's delay off only where the protocol is named.
        sock = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        sockets.append(sock)
        try:
            sock.bind((LOOPBACK, port))
            sock.listen(128)
        except OSError as problem:
            for opened in sockets:
                opened.close()
            raise SettingsError(f"Port {port} on {LOOPBACK} cannot be used: {problem.strerror}.") from problem
    return sockets


def _config(app: ASGIApp) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        log_level="warning",
        access_log=False,
        lifespan="off",
        proxy_headers=False,
        ws="auto",  # a protocol for sockets is used when one is installed
        server_header=False,
        timeout_graceful_shutdown=GRACE_SECONDS,
    )
