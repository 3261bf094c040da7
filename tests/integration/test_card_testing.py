"""Limits against card testing: counted in rows, per customer and per address, before Stripe is asked for anything."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client, RequestFactory
from django.utils import timezone

from billing.errors import TooManyAttempts
from billing.models import CardAttempt, WebhookEvent
from billing.services import card_testing
from billing.services.card_testing import count_refusal, count_setup_intent, digest_address, refuse_after_refusals
from billing.views.access import address_of
from billing.webhooks.dispatch import drain
from tests.integration.senders import STRIPE, Sender
from tests.people import Person, begin, person
from tests.sandbox_process import SandboxClient

pytestmark = pytest.mark.django_db
HOME, ELSEWHERE = digest_address("192.0.2.1"), digest_address("192.0.2.2")


@pytest.fixture
def dave() -> Person:
    return person("dave")


def count(who: Person, number: int, *, now: datetime | None = None, address: str = "") -> None:
    """Make `number` SetupIntents."""
    moment = now or timezone.now()
    start = CardAttempt.objects.count()
    for index in range(start, start + number):
        count_setup_intent(who.customer, reference=f"si:{index}", address_digest=address, now=moment)


def test_the_sixth_setup_intent_in_ten_minutes_is_refused(dave: Person) -> None:
    count(dave, 5)
    with pytest.raises(TooManyAttempts) as refused:
        count(dave, 1)
    assert 590 <= refused.value.retry_after_seconds <= 601
    assert CardAttempt.objects.count() == 5


def test_the_wait_that_is_named_is_enough_and_not_too_long(dave: Person) -> None:
    now = timezone.now()
    count(dave, 4, now=now - timedelta(minutes=4))
    count(dave, 1, now=now)
    with pytest.raises(TooManyAttempts) as refused:
        count(dave, 1, now=now)
    wait = refused.value.retry_after_seconds
    with pytest.raises(TooManyAttempts):
        count(dave, 1, now=now + timedelta(seconds=wait - 5))
    count(dave, 1, now=now + timedelta(seconds=wait))


def test_a_day_has_a_limit_of_its_own(dave: Person) -> None:
    now = timezone.now()
    for quarter in range(4):
        count(dave, 5, now=now + timedelta(minutes=15 * quarter))
    with pytest.raises(TooManyAttempts) as refused:
        count(dave, 1, now=now + timedelta(hours=2))
    assert refused.value.retry_after_seconds > 20 * 3600
    count(dave, 1, now=now + timedelta(hours=25))


def test_counting_the_same_setup_intent_twice_counts_once(dave: Person) -> None:
    for _ in range(20):
        count_setup_intent(dave.customer, reference="si:1", address_digest="", now=timezone.now())
    assert CardAttempt.objects.count() == 1


def test_many_accounts_at_one_address_are_limited_together() -> None:
    for number in range(15):
        count(person(f"thief{number}"), 1, address=HOME)
    with pytest.raises(TooManyAttempts):
        count(person("thief"), 1, address=HOME)
    count(person("neighbour"), 1, address=ELSEWHERE)
    count(person("unknown"), 1, address="")


def test_one_customers_limit_is_not_anothers(dave: Person) -> None:
    count(dave, 5)
    count(person("ada"), 5)


def test_refused_cards_close_the_form_after_a_while(dave: Person) -> None:
    now = timezone.now()
    for number in range(10):
        refuse_after_refusals(dave.customer, now=now)
        count_refusal(dave.customer, reference=f"refused:{number}", now=now)
    for attempt in (lambda: refuse_after_refusals(dave.customer, now=now), lambda: count(dave, 1, now=now)):
        with pytest.raises(TooManyAttempts):
            attempt()
    refuse_after_refusals(dave.customer, now=now + timedelta(minutes=11))


def test_an_address_is_kept_as_a_keyed_hash_only(settings: Any) -> None:
    first = digest_address("192.0.2.1")
    assert "192.0.2.1" not in first
    assert len(first) <= 64
    assert digest_address("") == ""
    settings.SECRET_KEY = "another " * 10
    assert digest_address("192.0.2.1") != first


@pytest.mark.usefixtures("price_list")
def test_a_card_refused_in_the_form_is_counted_by_its_webhook(
    sandbox: SandboxClient, dave: Person, client: Client, settings: Any
) -> None:
    (secret,) = settings.TOLLGATE_STRIPE_WEBHOOK_SECRETS
    session = begin(dave)
    sender = Sender("stripe", secret)
    metadata = {"checkout_id": str(session.pk)}
    event = sender.event("setup_intent.setup_failed", event_id="evt_1", id=session.setup_intent_id, metadata=metadata)
    for _ in range(3):
        assert sender.send(client, event).status_code == 200
    drain()
    assert WebhookEvent.objects.get().state == "done"
    assert CardAttempt.objects.filter(kind=CardAttempt.Kind.REFUSED, customer=dave.customer).count() == 1


def test_a_forged_refusal_names_a_checkout_in_vain(dave: Person, client: Client) -> None:
    event = STRIPE.event("setup_intent.setup_failed", metadata={"checkout_id": "not-a-checkout"})
    assert STRIPE.send(client, event).status_code == 200
    drain()
    assert CardAttempt.objects.count() == 0


@pytest.mark.usefixtures("price_list")
def test_above_the_limit_stripe_is_asked_for_nothing(sandbox: SandboxClient, dave: Person) -> None:
    for plan in ("plan-pro", "plan-starter", "plan-pro", "plan-starter", "plan-pro"):
        begin(dave, plan=plan)
    client = Client()
    client.force_login(dave.user)
    calls = len(sandbox.calls("stripe"))
    for plan in ("plan-starter", "plan-pro", "plan-starter"):
        answer = client.post("/checkout/start/", {"plan": plan, "period": "MONTHLY", "name": "Dave"})
        assert answer.status_code == 429
    assert len(sandbox.calls("stripe")) == calls


@pytest.mark.usefixtures("price_list")
def test_the_address_of_the_visitor_is_what_is_counted(sandbox: SandboxClient, dave: Person) -> None:
    client = Client(REMOTE_ADDR="192.0.2.1", headers={"X-Forwarded-For": "192.0.2.99"})
    client.force_login(dave.user)
    client.post("/checkout/start/", {"plan": "plan-pro", "period": "MONTHLY", "name": "Dave"})
    assert CardAttempt.objects.get().address_digest == card_testing.digest_address("192.0.2.1")


def test_behind_a_proxy_the_address_that_the_proxy_saw_is_counted(rf: RequestFactory, settings: Any) -> None:
    settings.TOLLGATE_BEHIND_PROXY = True
    request = rf.get("/", REMOTE_ADDR="10.0.0.1", headers={"X-Forwarded-For": "198.51.100.7, 192.0.2.99"})
    assert address_of(request) == "192.0.2.99"


def test_all_addresses_of_one_ipv6_network_count_as_one(rf: RequestFactory) -> None:
    addresses = {address_of(rf.get("/", REMOTE_ADDR=f"2001:db8:1:2::{number}")) for number in range(1, 4)}
    assert len(addresses) == 1
