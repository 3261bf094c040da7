"""Everything that may be posted to /hooks/: what proves its sender is stored once, all else leaves no trace."""

from __future__ import annotations

import json
import time
import uuid
from typing import Any

import pytest
from django.db import InterfaceError, OperationalError
from django.db.backends.base.base import BaseDatabaseWrapper
from django.http import HttpResponse
from django.test import Client

from billing.models import WebhookEvent
from billing.webhooks.dispatch import drain
from tests.integration.senders import OTHER, STIGG, STRIPE, Sender, signature

pytestmark = pytest.mark.django_db
both = pytest.mark.parametrize("sender", [STRIPE, STIGG], ids=lambda sender: sender.source)


def assert_refused(answer: HttpResponse, status: int = 400) -> None:
    assert answer.status_code == status
    assert WebhookEvent.objects.count() == 0


def with_secrets(settings: Any, sender: Sender, *secrets: str) -> None:
    setattr(settings, f"TOLLGATE_{sender.source.upper()}_WEBHOOK_SECRETS", secrets)


# What is taken in


@both
def test_a_signed_event_is_stored_and_acknowledged(client: Client, sender: Sender) -> None:
    answer = sender.send(client, sender.event("thing.happened", event_id="evt_1", **sender.about("somebody")))
    assert (answer.status_code, answer.json()) == (200, {"received": True, "duplicate": False})
    event = WebhookEvent.objects.get()
    assert (event.source, event.external_id, event.event_type) == (sender.source, "evt_1", "thing.happened")
    assert (event.state, event.customer_ref) == ("received", "somebody")
    assert event.occurred_at is not None


@both
def test_the_second_delivery_of_an_event_changes_nothing(client: Client, sender: Sender) -> None:
    first = sender.event("thing.happened", event_id="evt_1")
    assert not sender.send(client, first).json()["duplicate"]
    second = sender.send(client, first | {"type": "thing.happened.differently"})
    assert (second.status_code, second.json()["duplicate"]) == (200, True)
    assert WebhookEvent.objects.get().event_type == "thing.happened"


def test_the_same_id_from_both_senders_is_two_events(client: Client) -> None:
    for sender in (STRIPE, STIGG):
        assert sender.send(client, sender.event(event_id="evt_1")).status_code == 200
    assert WebhookEvent.objects.count() == 2


@both
def test_an_unknown_type_is_acknowledged_and_ignored(client: Client, sender: Sender) -> None:
    assert sender.send(client, sender.event("moon.full")).status_code == 200
    assert drain() == 1
    event = WebhookEvent.objects.get()
    assert (event.state, event.outcome) == ("ignored", "unknown type")


@pytest.mark.parametrize(
    ("sender", "kind", "fields", "reason"),
    [
        (STRIPE, "customer.updated", {"object": "customer", "id": "cus_foreign"}, "'cus_foreign' is not ours"),
        (STRIPE, "invoice.paid", {"customer": "cus_foreign", "metadata": None}, "'cus_foreign' is not ours"),
        (STRIPE, "setup_intent.succeeded", {"id": "seti_1", "metadata": {}}, "not of a checkout of ours"),
        (
            STRIPE,
            "setup_intent.succeeded",
            {"id": "seti_1", "metadata": {"checkout_id": str(uuid.UUID(int=7))}},
            "is not in this database",
        ),
        (STIGG, "subscription.updated", {"customer": {"id": "customer-of-another-app"}}, "was not made here"),
        (STIGG, "customer.updated", {"id": str(uuid.UUID(int=7))}, "is not in this database"),
        (STIGG, "entitlements.updated", {}, "customer '' was not made here"),
    ],
)
def test_what_is_not_ours_is_ignored_with_the_reason(
    client: Client, sender: Sender, kind: str, fields: dict[str, Any], reason: str
) -> None:
    assert sender.send(client, sender.event(kind, **fields)).status_code == 200
    drain()
    event = WebhookEvent.objects.get()
    assert event.state == "ignored"
    assert reason in event.outcome


@both
def test_a_header_name_in_other_letters_will_do(client: Client, sender: Sender) -> None:
    body = json.dumps(sender.event()).encode()
    headers = {name.upper(): value for name, value in sender.headers(body).items()}
    assert sender.post(client, body, headers).status_code == 200


def test_no_sign_in_and_no_csrf_token_is_asked_of_a_webhook() -> None:
    assert STRIPE.send(Client(enforce_csrf_checks=True), STRIPE.event()).status_code == 200


# Who may send


@both
def test_without_a_header_nothing_is_stored(client: Client, sender: Sender) -> None:
    assert_refused(sender.post(client, json.dumps(sender.event()).encode(), {}))


@both
def test_a_wrong_secret_is_refused(client: Client, sender: Sender) -> None:
    assert_refused(sender.send(client, sender.event(), secret="somebody's guess"))


@both
def test_the_other_sources_secret_is_refused(client: Client, sender: Sender) -> None:
    assert_refused(sender.send(client, sender.event(), secret=OTHER[sender].secret))


@both
def test_the_other_sources_header_is_refused(client: Client, sender: Sender) -> None:
    body = json.dumps(sender.event()).encode()
    assert_refused(sender.post(client, body, OTHER[sender].headers(body)))


@both
@pytest.mark.parametrize("header", ["", " ", ",", "=", "t=,v1=", "v1=abc", "\u00e9", "x" * 100_000])
def test_nonsense_in_the_header_is_refused(client: Client, sender: Sender, header: str) -> None:
    body = json.dumps(sender.event()).encode()
    (name,) = sender.headers(body)
    assert_refused(sender.post(client, body, {name: header}))


@both
def test_while_a_secret_is_rotated_both_work_and_then_the_old_one_is_refused(
    client: Client, sender: Sender, settings: Any
) -> None:
    with_secrets(settings, sender, "new", "old")
    assert sender.send(client, sender.event(), secret="new").status_code == 200
    assert sender.send(client, sender.event(), secret="old").status_code == 200
    with_secrets(settings, sender, "new")
    assert sender.send(client, sender.event(), secret="old").status_code == 400
    assert WebhookEvent.objects.count() == 2


@both
@pytest.mark.parametrize("secrets", [(), ("",)])
def test_without_a_secret_the_address_does_not_exist(
    client: Client, sender: Sender, settings: Any, secrets: tuple[str, ...]
) -> None:
    with_secrets(settings, sender, *secrets)
    assert_refused(sender.send(client, sender.event(), secret=""), 404)
    assert_refused(sender.send(client, sender.event()), 404)


@both
@pytest.mark.parametrize("method", ["get", "head", "put", "patch", "delete", "options"])
def test_only_post_is_answered(client: Client, sender: Sender, method: str) -> None:
    body = json.dumps(sender.event()).encode()
    answer = getattr(client, method)(sender.url, headers=sender.headers(body))
    assert_refused(answer, 405)
    assert answer["Allow"] == "POST"


# Stripe signs the time and the body; Stigg's header is the secret itself


@pytest.mark.parametrize("seconds", [-310, 310, -86_400, 86_400])
def test_a_signature_of_another_time_is_refused(client: Client, seconds: int) -> None:
    assert_refused(STRIPE.send(client, STRIPE.event(), seconds=seconds))


@pytest.mark.parametrize("seconds", [-290, 290])
def test_a_clock_that_is_a_little_off_is_forgiven(client: Client, seconds: int) -> None:
    assert STRIPE.send(client, STRIPE.event(), seconds=seconds).status_code == 200


@pytest.mark.parametrize("place", [0, 40, -1])
def test_a_body_changed_by_one_byte_is_refused(client: Client, place: int) -> None:
    body = json.dumps(STRIPE.event()).encode()
    changed = bytearray(body)
    changed[place] ^= 1
    assert_refused(STRIPE.post(client, bytes(changed), STRIPE.headers(body)))


def test_a_signature_cannot_be_moved_to_another_time(client: Client) -> None:
    body = json.dumps(STRIPE.event()).encode()
    value = STRIPE.headers(body, seconds=-400)["Stripe-Signature"]
    fresh = f"t={int(time.time())},{value.split(',')[1]}"
    assert_refused(STRIPE.post(client, body, {"Stripe-Signature": fresh}))


@pytest.mark.parametrize(
    "make",
    [
        lambda now, good: f"t={now},v0={good}",
        lambda now, good: f"t={now},v1={good[:-1]}",
        lambda now, good: f"v1={good}",
        lambda now, good: f"t={now},t={now - 1},v1={good}",
        lambda now, good: f"t={now}.5,v1={good}",
        lambda now, good: f"t=-{now},v1={good}",
        lambda now, good: f"t={now},v1={good}," + ",".join(f"v1={n}" for n in range(100)),
    ],
    ids=["other scheme", "cut short", "no time", "two times", "fraction", "negative", "a hundred signatures"],
)
def test_a_header_that_stripe_would_not_send_is_refused(client: Client, make: Any) -> None:
    body, now = json.dumps(STRIPE.event()).encode(), int(time.time())
    header = make(now, signature(body, STRIPE.secret, now))
    assert_refused(STRIPE.post(client, body, {"Stripe-Signature": header}))


def test_one_good_signature_among_two_will_do_as_while_stripe_rotates(client: Client) -> None:
    body, now = json.dumps(STRIPE.event()).encode(), int(time.time())
    header = f"t={now},v1={signature(body, 'previous', now)},v1={signature(body, STRIPE.secret, now)}"
    assert STRIPE.post(client, body, {"Stripe-Signature": header}).status_code == 200


# When we are in trouble ourselves


@both
@pytest.mark.parametrize("trouble", [OperationalError, InterfaceError])
def test_while_the_database_is_away_the_sender_is_asked_to_come_again(
    client: Client, sender: Sender, monkeypatch: pytest.MonkeyPatch, trouble: type[Exception]
) -> None:
    def refuse(_self: BaseDatabaseWrapper) -> None:
        raise trouble("the database is away")

    message = sender.event(event_id="evt_1")
    with monkeypatch.context() as patched:
        patched.setattr(BaseDatabaseWrapper, "ensure_connection", refuse)
        answer = sender.send(client, message)
    assert_refused(answer, 503)
    assert int(answer["Retry-After"]) > 0
    assert sender.send(client, message).json() == {"received": True, "duplicate": False}


@both
def test_a_refusal_needs_no_database(client: Client, sender: Sender, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_self: BaseDatabaseWrapper) -> None:
        raise AssertionError("the database was asked")

    with monkeypatch.context() as patched:
        patched.setattr(BaseDatabaseWrapper, "ensure_connection", refuse)
        assert sender.send(client, sender.event(), secret="wrong").status_code == 400


@both
def test_an_answer_gives_away_neither_secrets_nor_reasons(client: Client, sender: Sender) -> None:
    answer = sender.send(client, sender.event(), secret="wrong")
    assert answer.json() == {"error": "signature_invalid"}
    assert "Set-Cookie" not in answer
