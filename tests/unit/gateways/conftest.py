"""Gateways as the product builds them, over answers made with `responses`; the journal in a list."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import responses

from billing.gateways import guard as guard_module
from billing.gateways.guard import Breaker, Guard
from billing.gateways.stigg import StiggGateway
from billing.gateways.stigg.client import StiggClient
from billing.gateways.stripe import StripeGateway
from billing.gateways.stripe.client import StripeConnection
from tests.unit.gateways import answers

STIGG_KEY = "server-very-hush"
STRIPE_KEY = "sk_test_very_hush"


class Clock:
    """Monotonic time that moves when told."""

    def __init__(self) -> None:
        self.seconds = 1000.0

    def __call__(self) -> float:
        return self.seconds


class Journal(list[dict[str, Any]]):
    """What the guard would have logged."""

    def info(self, event: str, **fields: Any) -> None:
        self.append({"event": event, "level": "info"} | fields)

    def warning(self, event: str, **fields: Any) -> None:
        self.append({"event": event, "level": "warning"} | fields)

    def calls(self) -> list[dict[str, Any]]:
        return [line for line in self if line["event"] == "gateway_call"]


@pytest.fixture(autouse=True)
def journal(monkeypatch: pytest.MonkeyPatch) -> Journal:
    lines = Journal()
    monkeypatch.setattr(guard_module, "logger", lines)
    return lines


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def http() -> Iterator[responses.RequestsMock]:
    """Every address that a test did not name refuses the connection."""
    with responses.RequestsMock() as mock:
        yield mock


@pytest.fixture
def pauses() -> list[float]:
    """How long the Stigg client would have slept between tries."""
    return []


@pytest.fixture
def build_client(clock: Clock, pauses: list[float]) -> Callable[..., StiggClient]:
    def build(*, failures: int = 50, **options: Any) -> StiggClient:
        given = {
            "api_key": STIGG_KEY,
            "api_url": answers.STIGG_URL,
            "edge_url": answers.EDGE_URL,
            "guard": Guard("stigg", max_concurrent=4, breaker=Breaker(failures=failures, seconds=10, clock=clock)),
            "sleep": pauses.append,
        }
        return StiggClient(**(given | options))

    return build


@pytest.fixture
def client(build_client: Callable[..., StiggClient]) -> StiggClient:
    return build_client()


@pytest.fixture
def stigg(client: StiggClient) -> StiggGateway:
    return StiggGateway(client)


@pytest.fixture
def stripe_gateway() -> StripeGateway:
    return StripeGateway(StripeConnection(secret_key=STRIPE_KEY, api_url=answers.STRIPE_URL, more_tries=0))


class Graphql:
    """Stigg's endpoint: queue answers, read what was sent."""

    def __init__(self, http: responses.RequestsMock) -> None:
        self._http = http

    def answers(self, data: Any, **options: Any) -> None:
        self._http.post(answers.GRAPHQL, json={"data": data}, **options)

    def fails(self, code: str, **details: Any) -> None:
        self._http.post(answers.GRAPHQL, json=answers.failure(code, **details))

    @property
    def sent(self) -> list[dict[str, Any]]:
        return [json.loads(call.request.body) for call in self._http.calls if call.request.url == answers.GRAPHQL]

    @property
    def input(self) -> dict[str, Any]:
        """The `input` of the one call that was made."""
        (only,) = self.sent
        found: dict[str, Any] = only["variables"]["input"]
        return found


@pytest.fixture
def graphql(http: responses.RequestsMock) -> Graphql:
    return Graphql(http)
