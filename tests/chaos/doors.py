"""What comes to the door and should not get in (R12, R13, R14): old secrets, forged signatures, bodies without end."""

from __future__ import annotations

import asyncio
import json
import secrets
import time
from collections.abc import Awaitable, Callable

from scripts.stack.ports import LOOPBACK
from tests.chaos.events import Mint
from tests.chaos.results import Results, percentile
from tests.chaos.sender import Wire, signed
from tests.chaos.stack import Stack, running_stack

SLOW_CONNECTIONS = 200
SLOW_SECONDS = 6
BAD = "Stripe-Signature: "
BODY = b'{"id": "evt_forged", "object": "event", "type": "invoice.paid", "data": {"object": {}}}'
SOURCES = ("stripe", "stigg")


def run(results: Results, *, seed: int) -> None:
    with running_stack("postgresql") as stack:
        old = {"stripe": stack.plan.secrets.stripe_webhook, "stigg": stack.plan.secrets.stigg_webhook}
        new = {"stripe": "whsec_" + secrets.token_urlsafe(24), "stigg": secrets.token_urlsafe(24)}
        mint = Mint(stack.crowd(5, seed), seed)
        both = {source: f"{new[source]},{old[source]}" for source in SOURCES}
        stack.start_web(STRIPE_WEBHOOK_SECRETS=both["stripe"], STIGG_WEBHOOK_SECRETS=both["stigg"])
        asyncio.run(_rotation(results, stack, mint, old, new, overlap=True))
        asyncio.run(_forgeries(results, stack, mint, old))
        asyncio.run(_sizes(results, stack, mint, old))
        asyncio.run(_slow_senders(results, stack, mint, old))
        stack.stop("web")
        stack.start_web(STRIPE_WEBHOOK_SECRETS=new["stripe"], STIGG_WEBHOOK_SECRETS=new["stigg"])
        asyncio.run(_rotation(results, stack, mint, old, new, overlap=False))


async def _rotation(results: Results, stack: Stack, mint: Mint, old: dict, new: dict, *, overlap: bool) -> None:
    wire = Wire(stack.web_ports, new)
    seen: dict[str, list[int]] = {"old": [], "new": [], "both": []}
    for _ in range(25):
        for source in SOURCES:
            for name, given in (("old", old), ("new", new)):
                body = getattr(mint, source)(mint.somebody()).body
                seen[name].append((await wire.post(source, body, signed(source, body, given[source]))).status)
        body = mint.stripe(mint.somebody()).body
        header = f"{signed('stripe', body, old['stripe'])},v1={signed('stripe', body, new['stripe'])[-64:]}"
        seen["both"].append((await wire.post("stripe", body, header)).status)
    when = "while both secrets live" if overlap else "after the old one went"
    for name, statuses in seen.items():
        is_good = overlap or name != "old"
        fits = sum(status == 200 if is_good else 400 <= status < 500 for status in statuses)
        what = f"signed with {name}, {when}: {'taken' if is_good else 'refused'}"
        results.check("rotation", what, f"{fits} of {len(statuses)}", fits == len(statuses))


async def _forgeries(results: Results, stack: Stack, mint: Mint, known: dict) -> None:
    before, now = stack.count(), int(time.time())
    good = signed("stripe", BODY, known["stripe"])
    forged = {
        "no header": "X: y",
        "garbage": BAD + "!!!",
        "old": signed("stripe", BODY, known["stripe"], moment=now - 400),
        "of the future": signed("stripe", BODY, known["stripe"], moment=now + 400),
        "another scheme": good.replace("v1=", "v0="),
        "a hundred signatures": good[: good.index(",v1=")] + ",v1=" + ",v1=".join(["0" * 64] * 100),
        "another body's": signed("stripe", BODY + b" ", known["stripe"]),
        "another secret's": signed("stripe", BODY, "whsec_guess"),
    }
    wire = Wire(stack.web_ports, known)
    statuses = {what: (await wire.post("stripe", BODY, header)).status for what, header in forged.items()}
    for what, header in (("Stigg, none", "X: y"), ("Stigg, guessed", "Stigg-Webhooks-Secret: guess")):
        statuses[what] = (await wire.post("stigg", BODY, header)).status
    let_in = [f"{what}: {status}" for what, status in statuses.items() if not 400 <= status < 500]
    results.nothing("forgeries", f"let in, of {len(statuses)} kinds", let_in)
    results.nothing("forgeries", "rows stored", stack.count() - before)

    async def refused() -> None:
        await wire.post("stripe", BODY, forged["another secret's"])

    async def taken() -> None:
        event = mint.stripe(mint.somebody())
        await wire.post("stripe", event.body)

    bad, good_ms = await _timed(refused, 300), await _timed(taken, 300)
    results.goal("forgeries", "a refusal costs, of a taken event", f"{bad / good_ms:.2f} ×", bad <= good_ms)


async def _timed(work: Callable[[], Awaitable[None]], times: int) -> float:
    """The median in milliseconds."""
    spent = []
    for _ in range(times):
        began_at = time.perf_counter()
        await work()
        spent.append(1000 * (time.perf_counter() - began_at))
    return percentile(spent, 0.5)


async def _sizes(results: Results, stack: Stack, mint: Mint, known: dict) -> None:
    wire = Wire(stack.web_ports, known)
    large = json.loads(mint.stripe(mint.somebody()).body)
    large["data"]["object"]["description"] = "x" * 255_000
    status = (await wire.post("stripe", json.dumps(large).encode())).status
    results.check("sizes", "256 kB", status, status == 200)
    status = (await wire.post("stripe", b"x" * 1_100_000)).status
    results.check("sizes", "1.1 MB", status, status == 413)
    status = await _raw(stack, "Content-Length: 50000000\r\n", b"x" * 100)
    results.check("sizes", "50 MB announced, 100 bytes sent", status, status == 413)
    chunk = b"10000\r\n" + b"x" * 0x10000 + b"\r\n"
    status = await _raw(stack, "Transfer-Encoding: chunked\r\n", chunk * 20 + b"0\r\n\r\n")
    results.check("sizes", "1.3 MB in chunks without a length", status, 400 <= status < 500)


async def _raw(stack: Stack, headers: str, body: bytes) -> int:
    """The status of an answer that comes although the body is not all there; 0 without one in five seconds."""
    reader, writer = await asyncio.open_connection(LOOPBACK, stack.web_ports[0])
    head = f"POST /hooks/stripe/ HTTP/1.1\r\nHost: localhost\r\n{BAD}t=1,v1=0\r\n{headers}\r\n"
    try:
        writer.write(head.encode() + body)
        async with asyncio.timeout(5):
            return int((await reader.readline())[9:12] or 0)
    except (OSError, TimeoutError):
        return 0
    finally:
        writer.close()


async def _slow_senders(results: Results, stack: Stack, mint: Mint, known: dict) -> None:
    """Connections that send a byte a second must not keep others waiting, nor fill the memory.

    Without the secret they are refused by their head. A head that looks like Stripe's is believed until the
    body is there: against these stands the proxy in front, which hands a request on when it is complete.
    """
    wire = Wire(stack.web_ports, known)
    calm = await _pace(wire, mint, 2)
    before = _memory(stack)
    writers = [(await asyncio.open_connection(LOOPBACK, stack.web_ports[n % 2]))[1] for n in range(SLOW_CONNECTIONS)]
    dripping = asyncio.create_task(_drip(writers))
    slow = await _pace(wire, mint, SLOW_SECONDS)
    grown = (_memory(stack) - before) / 1024
    dripping.cancel()
    for writer in writers:
        writer.close()
    pace = f"{slow:.0f} / {calm:.0f} ms"
    results.goal("slow senders", f"p99 beside {SLOW_CONNECTIONS} of them / without", pace, slow < 5 * calm + 50)
    results.check("slow senders", "memory grown", f"{grown:.1f} MB", grown <= 50)


async def _drip(writers: list[asyncio.StreamWriter]) -> None:
    head = b"POST /hooks/stigg/ HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000\r\nStigg-Webhooks-Secret: x\r\n\r\n"
    for writer in writers:
        writer.write(head)
    while True:
        for writer in writers:
            writer.write(b"x")
        await asyncio.sleep(1)


async def _pace(wire: Wire, mint: Mint, seconds: float) -> float:
    """The p99 in milliseconds of one post after the other."""
    spent, stop_at = [], time.monotonic() + seconds
    while time.monotonic() < stop_at:
        event = mint.stripe(mint.somebody())
        spent.append(1000 * (await wire.post(event.source, event.body)).seconds)
    return percentile(spent, 0.99)


def _memory(stack: Stack) -> int:
    return sum(stack.supervisor.resident_kilobytes(name) for name in stack.supervisor.names("web"))
