"""Events, webhooks, and what a test clock brings about."""

import time
from collections.abc import Iterator
from typing import Any

import pytest
import stripe

from sandbox import delivery
from tests.contract.stripe.behaviours.doors import Door
from tests.contract.stripe.behaviours.names import shows
from tests.contract.stripe.behaviours.steps import Steps
from tests.contract.stripe.test_notifications import Receiver, eventually

DAY = 86400
FAILING = "pm_card_chargeCustomerFail"


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    receiver = Receiver()
    yield receiver
    receiver.server.shutdown()
    receiver.server.server_close()


@pytest.fixture
def clock(door: Door) -> Any:
    return door("test_helpers.test_clocks.create", frozen_time=int(time.time()))


@pytest.fixture
def timed(door: Door, clock: Any) -> Any:
    return door("customers.create", email="ada@example.com", test_clock=clock["id"])


def advance(door: Door, clock: Any, seconds: int) -> None:
    """Further by so much than it stands now."""
    stands = door("test_helpers.test_clocks.retrieve", clock["id"])["frozen_time"]
    moved = door("test_helpers.test_clocks.advance", clock["id"], frozen_time=stands + seconds)
    assert moved["status"] == "advancing"
    eventually(lambda: door("test_helpers.test_clocks.retrieve", clock["id"])["status"] == "ready")


@shows("events-list")
def test_events_tell_what_changed(door: Door) -> None:
    made = door("customers.create", email="ada@example.com")
    door("customers.update", made["id"], name="Ada")
    updates = door("events.list", type="customer.updated")["data"]
    assert [each["data"]["previous_attributes"] for each in updates] == [{"name": None}]
    event = door("events.retrieve", updates[0]["id"])
    assert (event["data"]["object"]["name"], event["api_version"]) == ("Ada", "2026-10-28.endive")
    assert event["request"]["id"].startswith("req_")
    kinds = [each["type"] for each in door("events.list", types=["customer.created", "customer.updated"])["data"]]
    assert kinds == ["customer.updated", "customer.created"]


@shows("webhook-signature")
def test_webhooks_are_signed_with_their_endpoints_secret(door: Door, receiver: Receiver) -> None:
    first, second = (
        door("webhook_endpoints.create", url=f"{receiver.url}{name}", enabled_events=["customer.created"])
        for name in ("a", "b")
    )
    assert first["secret"] != second["secret"]
    assert all("secret" not in each for each in door("webhook_endpoints.list")["data"])
    made = door("customers.create", email="ada@example.com")
    eventually(lambda: len(receiver.taken) == 2)
    opened = 0
    for body, signature in receiver.taken:
        for endpoint in (first, second):
            try:
                event = stripe.Webhook.construct_event(body, signature, endpoint["secret"])
            except stripe.SignatureVerificationError:
                continue
            opened += 1
            assert (event.type, event.data.object["id"]) == ("customer.created", made["id"])
    assert opened == 2
    assert door("webhook_endpoints.delete", first["id"])["deleted"] is True


@shows("webhook-retry")
def test_a_refused_webhook_comes_again(door: Door, receiver: Receiver, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(delivery.RETRY_SECONDS, "stripe", (0.05, 0.1))
    door("webhook_endpoints.create", url=receiver.url, enabled_events=["*"])
    receiver.refuse = 2
    door("customers.create", email="ada@example.com")
    eventually(lambda: len(receiver.taken) == 1)
    event = door("events.list")["data"][0]
    eventually(lambda: door("events.retrieve", event["id"])["pending_webhooks"] == 0)


@shows("clock-renewal")
def test_a_clock_that_moves_on_bills(door: Door, steps: Steps, clock: Any, timed: Any, price: Any) -> None:
    steps.save_card(timed)
    made = steps.subscribe(timed, price)
    advance(door, clock, 32 * DAY)
    after = door("subscriptions.retrieve", made["id"], expand=["latest_invoice"])
    invoice = after["latest_invoice"]
    assert (after["status"], invoice["status"], invoice["amount_paid"]) == ("active", "paid", 4900)
    assert invoice["billing_reason"] == "subscription_cycle"
    renewed, begun = after["items"]["data"][0], made["items"]["data"][0]
    assert renewed["current_period_start"] == begun["current_period_end"]
    upcoming = door("events.list", type="invoice.upcoming")["data"][0]
    assert upcoming["data"]["object"]["total"] == 4900


@shows("clock-incomplete-expired")
def test_an_unpaid_start_expires(door: Door, steps: Steps, clock: Any, timed: Any, price: Any) -> None:
    steps.attach(timed, FAILING)
    made = steps.subscribe(timed, price)
    advance(door, clock, 22 * 3600)
    assert door("subscriptions.retrieve", made["id"])["status"] == "incomplete"
    advance(door, clock, 2 * 3600)
    assert door("subscriptions.retrieve", made["id"])["status"] == "incomplete_expired"
    assert door("invoices.retrieve", made["latest_invoice"]["id"])["status"] == "void"


@shows("clock-past-due")
def test_a_failed_renewal_is_past_due(door: Door, steps: Steps, clock: Any, timed: Any, price: Any) -> None:
    steps.save_card(timed)
    made = steps.subscribe(timed, price)
    steps.attach(timed, FAILING)
    first_due = made["items"]["data"][0]["current_period_end"]
    advance(door, clock, first_due + 2 * 3600 - clock["frozen_time"])  # the next try is days later
    assert door("subscriptions.retrieve", made["id"])["status"] == "past_due"
    invoice = door("invoices.list", subscription=made["id"], status="open")["data"][0]
    assert (invoice["attempt_count"], invoice["next_payment_attempt"] is not None) == (1, True)
    card = door("payment_methods.attach", "pm_card_visa", customer=timed["id"])
    door("invoices.pay", invoice["id"], payment_method=card["id"])
    assert door("subscriptions.retrieve", made["id"])["status"] == "active"
