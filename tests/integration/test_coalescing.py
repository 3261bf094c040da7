"""A burst of events about one customer costs a few reads of the truth, not one each."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from billing.models import WebhookEvent
from billing.services import customers
from billing.webhooks import dispatch, inbox
from tests.people import Person, person
from tests.sandbox_process import SandboxClient

pytestmark = [pytest.mark.django_db(transaction=True)]
READ = "getCustomerByRefId, getActiveSubscriptions, entitlementsState"


@pytest.fixture
def ada(sandbox: SandboxClient) -> Person:
    who = person("ada")
    who.customer = customers.provision(who.customer.pk)
    return who


def store(who: Person, number: int, event_type: str = "customer.updated", **fields: Any) -> None:
    inbox.store(
        source="stigg",
        external_id=f"message-{event_type}-{number}",
        event_type=event_type,
        payload={"type": event_type, "id": who.customer.stigg_id, **fields},
        customer_ref=who.customer.stigg_id,
    )


def reads(sandbox: SandboxClient) -> int:
    return sum(call["operation"] == READ for call in sandbox.calls("stigg"))


def test_fifty_events_about_one_customer_cost_one_read(sandbox: SandboxClient, ada: Person) -> None:
    for number in range(50):
        store(ada, number)
    before = reads(sandbox)
    assert dispatch.drain() == 50
    assert reads(sandbox) - before == 1
    assert set(WebhookEvent.objects.values_list("state", flat=True)) == {"done"}


def test_an_event_that_comes_after_the_read_is_read_for_again(sandbox: SandboxClient, ada: Person) -> None:
    before = reads(sandbox)
    for number in range(3):
        store(ada, number)
        dispatch.drain()
    assert reads(sandbox) - before == 3


def test_fifty_events_about_one_card_cost_one_read(sandbox: SandboxClient, ada: Person) -> None:
    for number in range(50):
        inbox.store(
            source="stripe",
            external_id=f"evt_{number}",
            event_type="payment_method.updated",
            payload={"data": {"object": {"object": "payment_method", "customer": ada.customer.stripe_id}}},
            customer_ref=str(ada.customer.stripe_id),
        )
    before = len(sandbox.calls("stripe"))
    assert dispatch.drain() == 50
    assert len(sandbox.calls("stripe")) - before == 1


def test_what_waits_of_a_customer_is_claimed_with_its_oldest_event(ada: Person) -> None:
    for number in range(5):
        store(ada, number)
    inbox.store(source="stigg", external_id="else", event_type="customer.updated", payload={}, customer_ref="else")
    claimed = [event.external_id for event in inbox.claim(batch=1)]
    assert claimed == [f"message-customer.updated-{number}" for number in range(5)]


def test_the_newest_of_a_burst_is_not_answered_by_rows_that_only_the_oldest_predates(
    sandbox: SandboxClient, ada: Person
) -> None:
    store(ada, 1)
    WebhookEvent.objects.update(received_at=timezone.now() - timedelta(minutes=1))
    customers.refresh(ada.customer.pk, cause="test")
    store(ada, 2)
    before = reads(sandbox)
    assert dispatch.drain() == 2
    assert reads(sandbox) - before == 1


def test_one_that_fails_does_not_fail_those_that_ask_for_the_same(sandbox: SandboxClient, ada: Person) -> None:
    for number in range(5):
        store(ada, number)
    sandbox.fault("stigg", "graphql_error", code="BadUserInput", times=1)
    assert dispatch.drain() == 5
    states = list(WebhookEvent.objects.order_by("received_at", "pk").values_list("state", flat=True))
    assert states == ["done"] * 4 + ["failed"]


def test_a_worker_that_lost_a_burst_finishes_none_of_it(ada: Person) -> None:
    for number in range(3):
        store(ada, number)
    slow = inbox.claim(batch=1)
    fast = inbox.claim(batch=3, now=timezone.now() + timedelta(minutes=5))
    inbox.finish(fast[:1], outcome="by the second worker")
    inbox.finish(slow, outcome="by the first worker, too late")
    outcomes = WebhookEvent.objects.order_by("pk").values_list("outcome", flat=True)
    assert list(outcomes) == ["by the second worker", "", ""]
