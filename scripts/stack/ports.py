"""Ports on loopback: the usual ones where they are free, others where they are not."""

from __future__ import annotations

import random
import socket
from dataclasses import dataclass

LOOPBACK = "127.0.0.1"
# Below the range that outgoing connections take theirs from, so that none is lost between looking and listening.
SPARE = range(20000, 30000)


@dataclass(frozen=True)
class Ports:
    web: int = 8000
    console: int = 12110
    stripe: int = 12111
    stigg: int = 12112


def is_free(port: int) -> bool:
    """Whether nobody listens there, neither on this address nor where a browser looks first for `localhost`."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError:
            return False
    return not _answers_on_ipv6(port)


def _answers_on_ipv6(port: int) -> bool:
    try:
        with socket.create_connection(("::1", port), timeout=0.5):
            return True
    except OSError:
        return False


def spare(count: int) -> list[int]:
    """Free ports, different ones each time."""
    found: list[int] = []
    for port in random.sample(SPARE, len(SPARE)):
        if is_free(port):
            found.append(port)
        if len(found) == count:
            return found
    raise OSError(f"no {count} free ports between {SPARE.start} and {SPARE.stop}")


def choose(wanted: Ports) -> tuple[Ports, list[str]]:
    """`wanted`, with another port for each that is taken, and a sentence about each of those."""
    chosen: dict[str, int] = {}
    remarks = []
    for name, port in vars(wanted).items():
        chosen[name] = port if is_free(port) else spare(1)[0]
        if chosen[name] != port:
            remarks.append(f"Port {port} is taken; {_title(name)} gets {chosen[name]}.")
    return Ports(**chosen), remarks


def automatic() -> Ports:
    """Spare ports for everything."""
    web, console, stripe, stigg = spare(4)
    return Ports(web=web, console=console, stripe=stripe, stigg=stigg)


def _title(name: str) -> str:
    return {
        "web": "the site",
        "console": "the control panel",
        "stripe": "the sandbox's Stripe",
        "stigg": "the sandbox's Stigg",
    }[name]
