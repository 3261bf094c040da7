"""Events, signed webhooks with retries and policies, test clocks."""

import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
import stripe

from sandbox import delivery
from tests.contract.stripe.conftest import set_up_card
from tests.contract.stripe.schema import object_problems
from tests.contract.stripe.side import StripeSide
from tests.contract.stripe.test_subscriptions import charge_failing_card, subscribe


class Receiver:
    """An application that takes webhooks; it refuses the first `refuse` of them."""

    def __init__(self) -> None:
        self.taken: list[tuple[bytes, str]] = []
        self.refuse = 0
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                refused = receiver.refuse > 0
                receiver.refuse -= refused
                if not refused:
                    receiver.taken.append((body, self.headers["Stripe-Signature"]))
                self.send_response(503 if refused else 200)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, format: str, *args: Any) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/hooks/stripe/"
        threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True).start()


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    receiver = Receiver()
    yield receiver
    receiver.server.shutdown()
    receiver.server.server_close()


def eventually(check: Callable[[], bool], seconds: float = 5) -> None:
    deadline = time.monotonic() + seconds
    while not check():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def listen(client: stripe.StripeClient, receiver: Receiver, *kinds: Any) -> Any:
    return client.v1.webhook_endpoints.create({"url": receiver.url, "enabled_events": list(kinds or ("*",))})


def test_webhooks_are_signed(client: stripe.StripeClient, receiver: Receiver, side: StripeSide) -> None:
    endpoint = listen(client, receiver, "customer.created")
    side.advance(days=40)
    made = client.v1.customers.create({"email": "a@example.com"})
    client.v1.customers.update(made.id, {"name": "not asked for"})
    eventually(lambda: len(receiver.taken) == 1)
    body, signature = receiver.taken[0]
    event = stripe.Webhook.construct_event(body, signature, endpoint.secret)
    assert (event.type, event.data.object["id"], event.request.id[:4]) == ("customer.created", made.id, "req_")
    eventually(lambda: client.v1.events.retrieve(event.id).pending_webhooks == 0)
    with pytest.raises(stripe.SignatureVerificationError):
        stripe.Webhook.construct_event(body, signature, "whsec_other")
    listed = client.v1.webhook_endpoints.list().data[0]
    assert "secret" not in listed


def test_a_refused_webhook_comes_again(
    client: stripe.StripeClient, receiver: Receiver, side: StripeSide, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(delivery.RETRY_SECONDS, "stripe", (0.05, 0.05, 0.05))
    listen(client, receiver)
    receiver.refuse = 2
    client.v1.customers.create({"email": "a@example.com"})
    eventually(lambda: len(receiver.taken) == 1)
    sent = side.world.deliveries.list("stripe")[0]
    eventually(lambda: sent.status == "delivered")
    assert [attempt.status_code for attempt in sent.attempts] == [503, 503, 200]


def test_webhooks_are_dropped_doubled_and_held(
    client: stripe.StripeClient, receiver: Receiver, side: StripeSide
) -> None:
    deliveries = side.world.deliveries
    listen(client, receiver)
    deliveries.set_policy("stripe", "drop")
    client.v1.customers.create()
    deliveries.set_policy("stripe", "double")
    client.v1.customers.create()
    eventually(lambda: len(receiver.taken) == 2)
    assert receiver.taken[0][0] == receiver.taken[1][0]
    deliveries.set_policy("stripe", "hold")
    client.v1.customers.create()
    assert deliveries.list("stripe")[0].status == "held"
    side.run(_release(side))
    eventually(lambda: len(receiver.taken) == 3)
    dropped = deliveries.list("stripe")[-1]
    assert dropped.status == "dropped"
    side.run(deliveries.resend(dropped.id))
    assert (dropped.status, len(receiver.taken)) == ("delivered", 4)


def test_endpoints_are_loopback_only_and_can_be_deleted(client: stripe.StripeClient, receiver: Receiver) -> None:
    with pytest.raises(stripe.InvalidRequestError):
        client.v1.webhook_endpoints.create({"url": "https://example.com/", "enabled_events": ["*"]})
    endpoint = listen(client, receiver)
    client.v1.webhook_endpoints.update(endpoint.id, {"disabled": True})
    client.v1.customers.create()
    assert client.v1.webhook_endpoints.delete(endpoint.id).deleted
    assert receiver.taken == []


def test_every_event_has_stripes_shape(
    client: stripe.StripeClient, customer: Any, price: Any, side: StripeSide
) -> None:
    charge_failing_card(client, customer)
    subscribe(client, customer, price)
    set_up_card(client, customer)
    made = subscribe(client, customer, price)
    side.advance(days=32)
    client.v1.subscriptions.cancel(made.id)
    side.advance(hours=24)
    for event in side.world.stripe.events.values():
        kind = event["data"]["object"]["object"]
        assert object_problems("event", event) == []
        assert object_problems(kind, event["data"]["object"]) == [], event["type"]
    listed = client.v1.events.list({"type": "invoice.*", "limit": 100}).data
    assert {event.type for event in listed} >= {"invoice.created", "invoice.finalized", "invoice.paid"}


def test_a_test_clock_moves_time(client: stripe.StripeClient, price: Any) -> None:
    clock = client.v1.test_helpers.test_clocks.create({"frozen_time": int(time.time())})
    customer = client.v1.customers.create({"email": "a@example.com", "test_clock": clock.id})
    set_up_card(client, customer)
    made = subscribe(client, customer, price)
    target = clock.frozen_time + 32 * 86400
    assert client.v1.test_helpers.test_clocks.advance(clock.id, {"frozen_time": target}).status == "advancing"
    eventually(lambda: client.v1.test_helpers.test_clocks.retrieve(clock.id).status == "ready")
    assert len(client.v1.invoices.list({"subscription": made.id}).data) == 2


async def _release(side: StripeSide) -> None:
    side.world.deliveries.release("stripe")
