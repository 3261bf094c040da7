"""The push channel, spoken to as a websocket client of the protocol graphql-transport-ws would."""

import warnings
from typing import Any

import pytest
from starlette.websockets import WebSocketDisconnect

from sandbox.catalog import loader
from sandbox.settings import Settings
from sandbox.stigg import promotions, usage
from sandbox.stigg.app import create_app
from sandbox.stigg.side import Side
from sandbox.stigg.state import Customer
from sandbox.stigg.stripe_link import StripeLink
from sandbox.world import World

with warnings.catch_warnings():
    # It would rather have httpx2, which changes nothing about websockets.
    warnings.simplefilter("ignore")
    from starlette.testclient import TestClient

PROTOCOL = "graphql-transport-ws"
ENTITLEMENTS = """subscription { entitlementsUpdatedV2 {
  customerId accessDeniedReason entitlements { __typename ... on FeatureEntitlement { feature { refId } } } } }"""
USAGE = """subscription { usageUpdatedV2 {
  customerId entitlementReference { type id } usage { currentUsage usageUpdatedAt } } }"""


class Listener:
    """A world without servers: the app alone, and a customer put into it."""

    def __init__(self) -> None:
        self.world = World(Settings())
        self.world.stigg.catalog = loader.load()
        self.client = TestClient(create_app(self.world))
        now = self.world.clock.now()
        self.world.stigg.customers["customer-ada"] = Customer("1", "customer-ada", now, now)

    def connect(self, key: str | None = None) -> Any:
        self.key = key or self.world.settings.stigg_api_key
        return self.client.websocket_connect("/graphql", subprotocols=[PROTOCOL])

    def begin(self, socket: Any) -> None:
        socket.send_json({"type": "connection_init", "payload": {"headers": {"X-API-KEY": self.key}}})
        assert socket.receive_json() == {"type": "connection_ack"}

    def subscribe(self, socket: Any, query: str) -> None:
        socket.send_json({"id": "1", "type": "subscribe", "payload": {"query": query}})
        # An answer means that what came before has been taken in.
        socket.send_json({"type": "ping"})
        assert socket.receive_json() == {"type": "pong"}

    def run(self, act: Any) -> None:
        """In the loop of the app."""
        self.client.portal.call(act)


@pytest.fixture
def listener():
    found = Listener()
    with found.client:
        yield found


def test_entitlements_are_pushed_when_they_change(listener):
    with listener.connect() as socket:
        listener.begin(socket)
        listener.subscribe(socket, ENTITLEMENTS)
        given = {"customer_id": "customer-ada", "feature_id": "feature-sso"}
        listener.run(lambda: promotions.grant(listener.world, given))
        pushed = socket.receive_json()
        assert (pushed["id"], pushed["type"]) == ("1", "next")
        assert pushed["payload"]["data"]["entitlementsUpdatedV2"] == {
            "customerId": "customer-ada",
            "accessDeniedReason": None,
            "entitlements": [{"__typename": "FeatureEntitlement", "feature": {"refId": "feature-sso"}}],
        }


def test_usage_is_pushed_when_it_is_reported(listener):
    side = Side(listener.world, StripeLink("http://127.0.0.1:1", "sk_test_x"))
    given = {"customer_id": "customer-ada", "feature_id": "feature-projects", "usage_limit": 10}
    with listener.connect() as socket:
        listener.begin(socket)
        listener.run(lambda: promotions.grant(listener.world, given))
        listener.subscribe(socket, USAGE)
        report = {"customerId": "customer-ada", "featureId": "feature-projects", "value": 3}
        listener.run(lambda: usage.report(side, report))
        pushed = socket.receive_json()["payload"]["data"]["usageUpdatedV2"]
        assert pushed["entitlementReference"] == {"type": "FEATURE", "id": "feature-projects"}
        assert pushed["usage"]["currentUsage"] == 3
        assert pushed["usage"]["usageUpdatedAt"] > 1_600_000_000_000


def test_a_document_that_cannot_run_is_answered(listener):
    with listener.connect() as socket:
        listener.begin(socket)
        socket.send_json({"id": "7", "type": "subscribe", "payload": {"query": "subscription { subscriptionUpdated }"}})
        answer = socket.receive_json()
        assert (answer["id"], answer["type"]) == ("7", "error")


def test_a_wrong_key_ends_the_connection(listener):
    with listener.connect(key="server-wrong") as socket:
        socket.send_json({"type": "connection_init", "payload": {"headers": {"X-API-KEY": "server-wrong"}}})
        with pytest.raises(WebSocketDisconnect) as ended:
            socket.receive_json()
    assert (ended.value.code, ended.value.reason) == (4403, "Invalid API key")


def test_nothing_can_be_asked_before_the_key(listener):
    with listener.connect() as socket:
        socket.send_json({"id": "1", "type": "subscribe", "payload": {"query": USAGE}})
        with pytest.raises(WebSocketDisconnect) as ended:
            socket.receive_json()
    assert ended.value.code == 4401
