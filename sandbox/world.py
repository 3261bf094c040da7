"""`World`: the one object that holds a sandbox's clock, faults, journal, deliveries and both sides' state."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from copy import deepcopy

from sandbox.catalog.loader import DEFAULT
from sandbox.clock import Clock
from sandbox.delivery import Deliveries, Endpoint
from sandbox.faults import Faults
from sandbox.journal import Journal
from sandbox.settings import Settings
from sandbox.stigg.state import StiggState
from sandbox.stripe.state import StripeState

__all__ = ["Settings", "World"]

INTERNAL_ENDPOINT_ID = "we_internal"
INTERNAL_SECRET = "whsec_internal_stigg"

LONGEST_SETTLING_SECONDS = 2.0

CatalogStamp = tuple[int, int]


class World:
    """Everything lives in one event loop; handlers do not await between reading and writing state.

    `on_start` holds what a side does once all servers listen: a side's `create_app(world)` appends to
    it. It fills the states and nothing else, for a reset puts a copy of what it made in their place
    (and runs it again only when the catalog's file has changed).
    """

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.clock = Clock()
        self.faults = Faults()
        self.journal = Journal()
        self.deliveries = Deliveries(self.clock)
        self.clock.settle = self.deliveries.settle
        self.stripe = StripeState()
        self.stigg = StiggState()
        self.on_start: list[Callable[[], Awaitable[None]]] = []
        # Set when the sandbox is about to stop: nobody waits for faults any longer.
        self.closing = asyncio.Event()
        # How often the states were replaced: a call that waited meanwhile was meant for those that are gone.
        self.resets = 0
        self._seeded: tuple[CatalogStamp, StripeState, StiggState] | None = None
        self._register_endpoints()

    @property
    def changes(self) -> int:
        """Grows with whatever may have changed the states: calls, deliveries, timers."""
        return self.journal.added + self.deliveries.sent + self.clock.fired

    async def start(self, *, filled: bool = False) -> None:
        """Called once, when all servers listen; `filled`: the states were put in place beforehand."""
        self.clock.start()
        if not filled:
            await self._seed()

    async def stop(self) -> None:
        await self.clock.stop()
        await self.deliveries.stop()

    async def reset(self) -> None:
        """Fresh states with the catalog in place, real time, no faults, empty journal.

        The application's webhook endpoints stay as they are.
        """
        self.resets += 1
        # What one side is about to tell the other belongs to the old states: it must not reach the new ones.
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self.deliveries.settle(), LONGEST_SETTLING_SECONDS)
        await self.deliveries.clear()
        self.clock.clear()
        self.faults.clear()
        self.journal.clear()
        if self._seeded is not None and self._seeded[0] == self._catalog_stamp():
            self.stripe, self.stigg = deepcopy(self._seeded[1:])
            return
        self.stripe, self.stigg = StripeState(), StiggState()
        await self._seed()

    async def _seed(self) -> None:
        stamp = self._catalog_stamp()
        for action in self.on_start:
            await action()
        await self.deliveries.settle()
        self._seeded = (stamp, *deepcopy((self.stripe, self.stigg)))

    def _catalog_stamp(self) -> CatalogStamp:
        """Tells an edited catalog from the one that was seeded."""
        try:
            about = (self.settings.catalog or DEFAULT).stat()
        except OSError:
            return (0, 0)
        return (about.st_mtime_ns, about.st_size)

    def _register_endpoints(self) -> None:
        settings = self.settings
        stripe_to_stigg = Endpoint(
            id=INTERNAL_ENDPOINT_ID,
            source="stripe",
            url=f"{settings.stigg_url}/stripe-events",
            secret=INTERNAL_SECRET,
            internal=True,
        )
        self.deliveries.register(stripe_to_stigg)
        if settings.stripe_webhook_url:
            self.deliveries.set_application("stripe", settings.stripe_webhook_url, settings.stripe_webhook_secret)
        if settings.stigg_webhook_url:
            self.deliveries.set_application("stigg", settings.stigg_webhook_url, settings.stigg_webhook_secret)
