"""The senders' side of the wire: posts signed events over kept connections, and again until they are taken."""

from __future__ import annotations

import asyncio
import hmac
import time
from collections import Counter
from collections.abc import AsyncIterable, Sequence
from dataclasses import dataclass, field
from hashlib import sha256

from scripts.stack.ports import LOOPBACK
from tests.chaos.events import Event

TIMEOUT_SECONDS = 15.0
LONGEST_PAUSE_SECONDS = 2.0
FIRST_PAUSE_SECONDS = 0.1


@dataclass
class Answer:
    status: int
    seconds: float
    headers: bytes = b""
    body: bytes = b""


@dataclass
class Journal:
    """What the senders saw."""

    acked: dict[str, str] = field(default_factory=dict)
    """Id to source of what got a 2xx."""
    refused: Counter[str] = field(default_factory=Counter)
    """By kind, what got a 4xx."""
    surprises: list[str] = field(default_factory=list)
    """A 4xx for a true event, a 2xx for one that should be refused."""
    errors: list[tuple[float, int]] = field(default_factory=list)
    """Monotonic time and status of each 5xx."""
    dropped: int = 0
    """Connections that broke or were refused."""
    posts: int = 0
    seconds: list[float] = field(default_factory=list)
    """Of each 2xx."""

    def note(self, event: Event, status: int, seconds: float) -> bool:
        """Keep an answer; whether the sender is content."""
        self.posts += 1
        if 200 <= status < 300:
            self.acked[event.key] = event.source
            self.seconds.append(seconds)
            if event.expected != "taken":
                self.surprises.append(f"{event.kind}: {status}")
            return True
        if 400 <= status < 500:
            self.refused[event.kind] += 1
            if event.expected != "refused":
                self.surprises.append(f"{event.kind}: {status}")
            return True
        self.errors.append((time.monotonic(), status))
        return False


class Wire:
    """One kept connection at a time, to whichever of `ports` takes it: a load balancer of the simplest kind."""

    def __init__(self, ports: Sequence[int], secrets: dict[str, str], number: int = 0) -> None:
        self._ports, self._secrets, self._turn = list(ports), secrets, number
        self._reader: asyncio.StreamReader | None = None
        self._writer: asyncio.StreamWriter | None = None

    async def post(self, source: str, body: bytes, headers: str = "") -> Answer:
        """Raises OSError, EOFError or TimeoutError when no answer came."""
        began_at = time.perf_counter()
        try:
            async with asyncio.timeout(TIMEOUT_SECONDS):
                if self._writer is None:
                    await self._connect()
                assert self._writer is not None
                self._writer.write(self._head(source, body, headers or self._signed(source, body)) + body)
                await self._writer.drain()
                status, head, answered = await self._answer()
        except (OSError, EOFError, TimeoutError, ValueError):
            self.close()
            raise
        return Answer(status, time.perf_counter() - began_at, head, answered)

    def close(self) -> None:
        if self._writer is not None:
            self._writer.close()
        self._reader = self._writer = None

    async def _connect(self) -> None:
        for _ in self._ports:
            self._turn += 1
            try:
                port = self._ports[self._turn % len(self._ports)]
                self._reader, self._writer = await asyncio.open_connection(LOOPBACK, port)
            except OSError:
                continue
            return
        raise ConnectionRefusedError

    async def _answer(self) -> tuple[int, bytes, bytes]:
        assert self._reader is not None
        head = await self._reader.readuntil(b"\r\n\r\n")
        lower = head.lower()
        start = lower.find(b"content-length:")
        body = b""
        if start >= 0:
            body = await self._reader.readexactly(int(lower[start + 15 : lower.index(b"\r\n", start)]))
        if start < 0 or b"connection: close" in lower:
            self.close()
        return int(head[9:12]), head, body

    def _head(self, source: str, body: bytes, headers: str) -> bytes:
        return (
            f"POST /hooks/{source}/ HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
            f"Content-Length: {len(body)}\r\n{headers}\r\n\r\n"
        ).encode()

    def _signed(self, source: str, body: bytes) -> str:
        return signed(source, body, self._secrets[source])


def signed(source: str, body: bytes, secret: str, *, moment: int | None = None) -> str:
    """The header line that proves the sender."""
    if source == "stigg":
        return f"Stigg-Webhooks-Secret: {secret}"
    stamp = str(int(time.time()) if moment is None else moment)
    digest = hmac.new(secret.encode(), stamp.encode() + b"." + body, sha256).hexdigest()
    return f"Stripe-Signature: t={stamp},v1={digest}"


class Senders:
    """Many wires at work on one queue; what failed goes back in after a pause."""

    def __init__(self, wires: Sequence[Wire], journal: Journal) -> None:
        self._wires, self._journal = wires, journal
        self._queue: asyncio.Queue[Event | None] = asyncio.Queue(maxsize=4 * len(wires))
        self._open = 0
        self._all_content = asyncio.Event()
        self._waiting: set[asyncio.Future[None]] = set()

    async def send(self, events: AsyncIterable[Event]) -> None:
        """Until every event is taken or refused for good."""
        serving = [asyncio.ensure_future(self._serve(wire)) for wire in self._wires]
        self._open = 1
        async for event in events:
            self._open += 1
            await self._queue.put(event)
        self._close_one()
        await self._all_content.wait()
        for _ in self._wires:
            await self._queue.put(None)
        await asyncio.gather(*serving)

    async def _serve(self, wire: Wire) -> None:
        while (event := await self._queue.get()) is not None:
            try:
                answer = await wire.post(event.source, event.body)
                content = self._journal.note(event, answer.status, answer.seconds)
            except (OSError, EOFError, TimeoutError, ValueError):
                self._journal.dropped += 1
                content = False
            if content:
                self._close_one()
            else:
                event.tries += 1
                pause = min(LONGEST_PAUSE_SECONDS, FIRST_PAUSE_SECONDS * 2**event.tries)
                asyncio.get_running_loop().call_later(pause, self._again, event)
        wire.close()

    def _again(self, event: Event) -> None:
        task = asyncio.ensure_future(self._queue.put(event))
        self._waiting.add(task)
        task.add_done_callback(self._waiting.discard)

    def _close_one(self) -> None:
        self._open -= 1
        if self._open == 0:
            self._all_content.set()
