"""Webhooks on their way out: endpoints, policies, tries with their outcome, retries and re-sending."""

import asyncio
import json
import random
import time
from collections import Counter, deque
from collections.abc import Coroutine
from datetime import timedelta
from functools import cache, partial
from typing import Any
from weakref import WeakValueDictionary

import httpx

from sandbox.clock import Clock
from sandbox.outgoing import MODES, SOURCES, Attempt, Delivery, Endpoint, Policy
from sandbox.settings import refuse_foreign_url
from sandbox.signing import signed_headers

__all__ = ["MODES", "SOURCES", "Attempt", "Deliveries", "Delivery", "Endpoint", "Policy"]

# The pause before each further try, in real seconds: shorter than the real services', in the same order.
# Source: https://docs.stripe.com/webhooks#retries
RETRY_SECONDS: dict[str, tuple[float, ...]] = {
    "stripe": (2, 10, 60, 300, 3600, 3 * 3600, 6 * 3600),
    "stigg": (0, 0, 0, 30, 30, 30),
}
SHUFFLE_WINDOW_SECONDS = 0.5
TIMEOUT_SECONDS = 10.0
KEPT_DELIVERIES = 5000
PARALLEL_PER_ENDPOINT = 4


def application_id(source: str) -> str:
    """Id of the endpoint of the application under test."""
    return f"we_application_{source}"


class Deliveries:
    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._endpoints: dict[str, Endpoint] = {}
        self._policies = {source: Policy() for source in SOURCES}
        self._deliveries: deque[Delivery] = deque(maxlen=KEPT_DELIVERIES)
        self.sent = 0
        self._shuffling: dict[str, list[Delivery]] = {source: [] for source in SOURCES}
        self._tasks: set[asyncio.Task[None]] = set()
        self._internal_tasks: set[asyncio.Task[None]] = set()
        self._slots: WeakValueDictionary[str, asyncio.Semaphore] = WeakValueDictionary()
        self._client: httpx.AsyncClient | None = None

    def register(self, endpoint: Endpoint) -> Endpoint:
        """The same id replaces. Raises SettingsError for an address that is not loopback."""
        refuse_foreign_url(endpoint.url)
        self._endpoints[endpoint.id] = endpoint
        return endpoint

    def unregister(self, endpoint_id: str) -> None:
        self._endpoints.pop(endpoint_id, None)

    def set_application(self, source: str, url: str, secret: str) -> Endpoint:
        """Replace the one endpoint of the application under test."""
        return self.register(Endpoint(id=application_id(source), source=source, url=url, secret=secret))

    def endpoints(self, source: str | None = None) -> list[Endpoint]:
        return [endpoint for endpoint in self._endpoints.values() if source in {None, endpoint.source}]

    def policy(self, source: str) -> Policy:
        return self._policies[source]

    def set_policy(self, source: str, mode: str, seconds: float = 0.0) -> Policy:
        """How the application's webhooks of a source fare from now on; held ones wait for `release`."""
        if source not in SOURCES:
            raise ValueError(f"source must be one of {', '.join(SOURCES)}")
        if mode not in MODES:
            raise ValueError(f"mode must be one of {', '.join(MODES)}")
        policy = Policy(mode, seconds)  # type: ignore[arg-type]  # checked against MODES above
        self._policies[source] = policy
        return policy

    def send(self, source: str, event: dict[str, Any], kind: str) -> list[Delivery]:
        """Queue the event for every endpoint that takes this kind; returns at once."""
        # Applications get it as Stripe writes it, with line breaks: whoever verifies must keep the raw body.
        plain, pretty = cache(partial(_body, event)), cache(partial(_body, event, indent=2))
        event_id = str(event.get("id") or event.get("messageId") or "")
        queued = []
        for endpoint in [each for each in self._endpoints.values() if each.takes(source, kind)]:
            body = plain() if endpoint.internal else pretty()
            delivery = self._new(endpoint, event_id, kind, body, _subject(event))
            queued.append(delivery)
            if endpoint.internal:
                self._spawn(self._deliver(delivery), internal=True)
            else:
                self._by_policy(delivery)
        return queued

    def list(self, source: str | None = None, *, internal: bool | None = None) -> list[Delivery]:
        """Newest first."""
        return [
            delivery
            for delivery in reversed(self._deliveries)
            if source in {None, delivery.source} and internal in {None, delivery.internal}
        ]

    def get(self, delivery_id: str) -> Delivery | None:
        return next((delivery for delivery in self._deliveries if delivery.id == delivery_id), None)

    def unfinished(self) -> Counter[str]:
        """By event id: how many of the application's endpoints have not yet taken it."""
        return Counter(each.event_id for each in self._deliveries if not each.internal and each.status != "delivered")

    async def resend(self, delivery_id: str) -> Delivery | None:
        """One more try at once, whatever became of the others; None for an unknown id."""
        delivery = self.get(delivery_id)
        if delivery is not None:
            await self._try_once(delivery)
        return delivery

    def release(self, source: str) -> int:
        """Let the held deliveries of a source go, oldest first; the number of them."""
        held = [each for each in self._deliveries if each.source == source and each.status == "held"]
        for delivery in held:
            delivery.status = "pending"
            self._spawn(self._deliver(delivery))
        return len(held)

    async def settle(self) -> None:
        """Wait until Stigg's side has taken all that Stripe's side sent it (and what that caused)."""
        while pending := {task for task in self._internal_tasks if not task.done()}:
            await asyncio.wait(pending)

    async def quiet(self) -> None:
        """Wait until nothing is on its way any more, to the application neither; what is held stays held."""
        while under_way := {task for task in self._tasks | self._internal_tasks if not task.done()}:
            await asyncio.wait(under_way)

    async def clear(self) -> None:
        """Forget all deliveries and the endpoints made through the API; the application's stay."""
        tasks = [task for task in self._tasks | self._internal_tasks if not task.done()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        self._deliveries.clear()
        self._shuffling = {source: [] for source in SOURCES}
        self._policies = {source: Policy() for source in SOURCES}
        self._slots.clear()
        self._endpoints = {key: endpoint for key, endpoint in self._endpoints.items() if not endpoint.made_by_api}

    async def stop(self) -> None:
        await self.clear()
        if self._client is not None:
            await self._client.aclose()
            self._client = None

    def _new(self, endpoint: Endpoint, event_id: str, kind: str, body: bytes, subject: str) -> Delivery:
        delivery = Delivery(
            source=endpoint.source,
            endpoint_id=endpoint.id,
            url=endpoint.url,
            event_id=event_id,
            kind=kind,
            body=body,
            internal=endpoint.internal,
            created_at=self._clock.now(),
            lane=f"{endpoint.id} {subject}" if endpoint.internal else endpoint.id,
        )
        self._deliveries.append(delivery)
        self.sent += 1
        return delivery

    def _by_policy(self, delivery: Delivery) -> None:
        policy = self._policies[delivery.source]
        if policy.mode == "drop":
            delivery.status = "dropped"
        elif policy.mode == "hold":
            delivery.status = "held"
        elif policy.mode == "delay":
            self._spawn(self._deliver(delivery, pause=policy.seconds))
        elif policy.mode == "shuffle":
            self._shuffle(delivery)
        else:
            self._spawn(self._deliver(delivery, twice=policy.mode == "double"))

    def _shuffle(self, delivery: Delivery) -> None:
        waiting = self._shuffling[delivery.source]
        waiting.append(delivery)
        if len(waiting) == 1:
            self._spawn(self._deliver_shuffled(delivery.source))

    async def _deliver_shuffled(self, source: str) -> None:
        await asyncio.sleep(SHUFFLE_WINDOW_SECONDS)
        waiting, self._shuffling[source] = self._shuffling[source], []
        random.shuffle(waiting)
        for delivery in waiting:
            self._spawn(self._deliver(delivery))

    def _spawn(self, work: Coroutine[Any, Any, None], *, internal: bool = False) -> None:
        tasks = self._internal_tasks if internal else self._tasks
        task = asyncio.get_running_loop().create_task(work)
        tasks.add(task)
        task.add_done_callback(tasks.discard)

    async def _deliver(self, delivery: Delivery, *, pause: float = 0.0, twice: bool = False) -> None:
        await asyncio.sleep(pause)
        pauses = () if delivery.internal else RETRY_SECONDS[delivery.source]
        for index in range(len(pauses) + 1):
            # A slot is taken in the order of asking: first tries leave in the order of the events.
            async with self._slot(delivery):
                taken = await self._try_once(delivery)
                if taken and twice:
                    await self._try_once(delivery)
            if taken or index == len(pauses):
                break
            delivery.next_try_at = self._clock.now() + timedelta(seconds=pauses[index])
            await asyncio.sleep(pauses[index])
        delivery.next_try_at = None
        if delivery.status == "pending":
            delivery.status = "failed"

    def _slot(self, delivery: Delivery) -> asyncio.Semaphore:
        """Stigg's side takes one customer's events one after the other."""
        slot = self._slots.get(delivery.lane)
        if slot is None:
            places = 1 if delivery.internal else PARALLEL_PER_ENDPOINT
            slot = self._slots[delivery.lane] = asyncio.Semaphore(places)
        return slot

    async def _try_once(self, delivery: Delivery) -> bool:
        endpoint = self._endpoints.get(delivery.endpoint_id)
        if endpoint is None:
            delivery.attempts.append(Attempt(self._clock.now(), None, 0.0, "the endpoint is gone"))
            return False
        headers = {"Content-Type": "application/json; charset=utf-8", "User-Agent": "sandbox-webhooks/1.0"}
        headers |= signed_headers(delivery.source, endpoint.secret, delivery.body)
        if delivery.internal:
            headers["X-Sandbox-Internal"] = "1"
        attempt = await self._post(endpoint.url, delivery.body, headers)
        delivery.attempts.append(attempt)
        taken = attempt.status_code is not None and 200 <= attempt.status_code < 300
        if taken:
            delivery.status = "delivered"
        return taken

    async def _post(self, url: str, body: bytes, headers: dict[str, str]) -> Attempt:
        if self._client is None:
            self._client = httpx.AsyncClient(trust_env=False, timeout=TIMEOUT_SECONDS)
        at, started = self._clock.now(), time.perf_counter()
        status_code, error = None, None
        try:
            status_code = (await self._client.post(url, content=body, headers=headers)).status_code
        except httpx.HTTPError as problem:
            error = f"{type(problem).__name__}: {problem}"
        return Attempt(at, status_code, round((time.perf_counter() - started) * 1000, 1), error)


def _body(event: dict[str, Any], indent: int | None = None) -> bytes:
    return json.dumps(event, indent=indent, ensure_ascii=False).encode()


def _subject(event: dict[str, Any]) -> str:
    """Whom a Stripe event is about: the customer, or the object itself."""
    about = event.get("data", {}).get("object", {})
    return str(about.get("customer") or about.get("id") or "")
