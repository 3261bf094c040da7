"""Requests through the whole WSGI application, in one process and thread, the views taking turns.

Processor time, not time on the clock: what others do on the machine counts as little as it can.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from io import BytesIO
from typing import Any

VIEWS = {"constant view": "/constant/", "paywall": "/pricing/?period=MONTHLY", "plain template": "/plain/"}
VISITORS = ("anonymous", "signed in")
Table = dict[str, dict[str, float]]


@dataclass(frozen=True)
class Wire:
    """The application and the headers of one visitor."""

    application: Callable[..., Any]
    headers: Mapping[str, str]

    def get(self, path: str) -> int:
        """One request; the size of its body. Raises AssertionError when it is not answered with 200."""
        answered: list[str] = []
        path, _, query = path.partition("?")
        environ = {
            "REQUEST_METHOD": "GET",
            "PATH_INFO": path,
            "QUERY_STRING": query,
            "SERVER_NAME": "localhost",
            "SERVER_PORT": "80",
            "SERVER_PROTOCOL": "HTTP/1.1",
            "REMOTE_ADDR": "127.0.0.1",
            "HTTP_HOST": "localhost",
            "HTTP_ACCEPT_ENCODING": "gzip, deflate, br",
            "HTTP_ACCEPT_LANGUAGE": "en-US,en;q=0.9",
            "wsgi.url_scheme": "http",
            "wsgi.input": BytesIO(),
            "wsgi.errors": BytesIO(),
            **self.headers,
        }
        response = self.application(environ, lambda status, _headers, *_: answered.append(status))
        size = sum(len(part) for part in response)
        response.close()
        assert answered == ["200 OK"], (path, answered)
        return size


def compare(wires: Mapping[str, Wire], *, rounds: int, each: int) -> Table:
    """Microseconds of processor time for one request, by visitor and view: the median of the rounds."""
    found: dict[str, dict[str, list[float]]] = {who: {name: [] for name in VIEWS} for who in wires}
    for wire in wires.values():
        for path in VIEWS.values():
            for _ in range(20):
                wire.get(path)
    for _ in range(rounds):
        for who, wire in wires.items():
            for name, path in VIEWS.items():
                found[who][name].append(_microseconds(wire, path, each))
    return {who: {name: statistics.median(times) for name, times in views.items()} for who, views in found.items()}


def _microseconds(wire: Wire, path: str, each: int) -> float:
    began_at = time.thread_time()
    for _ in range(each):
        wire.get(path)
    return (time.thread_time() - began_at) / each * 1e6
