"""What a body at /hooks/ may be: an event that every database can keep; all else is refused although it is signed."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client

from billing.models import WebhookEvent
from billing.webhooks.dispatch import drain
from tests.integration.senders import STIGG, STRIPE, Sender

pytestmark = pytest.mark.django_db
both = pytest.mark.parametrize("sender", [STRIPE, STIGG], ids=lambda sender: sender.source)


def assert_refused(answer: HttpResponse, status: int = 400) -> None:
    assert answer.status_code == status
    assert WebhookEvent.objects.count() == 0


def padded(sender: Sender, size: int) -> bytes:
    """A good event of exactly `size` bytes."""
    empty = json.dumps(sender.event(padding="")).encode()
    return empty.replace(b'"padding": ""', b'"padding": "' + b"x" * (size - len(empty)) + b'"')


@both
@pytest.mark.parametrize("size", [1_000_001, 2_000_000])
def test_a_body_above_the_limit_is_refused_although_signed(client: Client, sender: Sender, size: int) -> None:
    assert_refused(sender.send(client, padded(sender, size)), 413)


@both
def test_a_large_body_is_refused_before_it_is_read(client: Client, sender: Sender) -> None:
    assert_refused(sender.post(client, b"{}", sender.headers(b"{}"), CONTENT_LENGTH="2000000"), 413)


@both
@pytest.mark.parametrize("length", ["", "-1", "abc", "5", "\u00b2"])
def test_an_absent_or_false_length_is_refused(client: Client, sender: Sender, length: str) -> None:
    body = json.dumps(sender.event()).encode()
    assert_refused(sender.post(client, body, sender.headers(body), CONTENT_LENGTH=length))


@both
def test_a_chunked_body_without_a_length_is_refused(client: Client, sender: Sender) -> None:
    body = json.dumps(sender.event()).encode()
    environ = {"CONTENT_LENGTH": "", "HTTP_TRANSFER_ENCODING": "chunked"}
    assert_refused(sender.post(client, body, sender.headers(body), **environ))


@both
def test_an_event_of_exactly_the_allowed_size_is_taken(client: Client, sender: Sender) -> None:
    assert sender.send(client, padded(sender, 1_000_000)).status_code == 200


NOT_EVENTS = {
    "nothing": b"",
    "not JSON": b"hello",
    "cut off": b'{"id": "evt_1", "ty',
    "form": b"id=evt_1&type=thing.happened",
    "a list": b"[]",
    "a string": b'"event"',
    "null": b"null",
    "a number": b"1" * 10_000,
    "empty object": b"{}",
    "invalid UTF-8": b'{"id": "\xff\xfe", "messageId": "\xff\xfe"}',
    "a deep list": b"[" * 100_000,
    "a deep object": b'{"a":' * 100_000 + b"1" + b"}" * 100_000,
}


@both
@pytest.mark.parametrize("body", NOT_EVENTS.values(), ids=NOT_EVENTS.keys())
def test_a_body_that_is_no_event_is_refused_although_signed(client: Client, sender: Sender, body: bytes) -> None:
    assert_refused(sender.send(client, body))


@both
@pytest.mark.parametrize("depth", [150, 300, 600, 900])
def test_an_object_nested_deeper_than_any_event_is_refused(client: Client, sender: Sender, depth: int) -> None:
    message = json.dumps(sender.event(nested="HERE")).encode()
    deep = b'{"a":' * depth + b"1" + b"}" * depth
    assert_refused(sender.send(client, message.replace(b'"HERE"', deep)))


@both
@pytest.mark.parametrize("value", [None, "", 7, ["evt_1"], "evt\x00_1", "evt_\ud800", "e" * 256])
@pytest.mark.parametrize("field", ["id", "type"])
def test_an_id_or_type_that_cannot_be_kept_is_refused(client: Client, sender: Sender, field: str, value: Any) -> None:
    key = "messageId" if field == "id" and sender is STIGG else field
    assert_refused(sender.send(client, sender.event() | {key: value}))


@both
@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity", "1" * 5000])
def test_numbers_that_are_not_json_are_refused(client: Client, sender: Sender, number: str) -> None:
    body = json.dumps(sender.event(amount="HERE")).encode().replace(b'"HERE"', number.encode())
    assert_refused(sender.send(client, body))


@both
@pytest.mark.parametrize("text", ["a\x00b", "a\ud800b", "\U0001f600"])
def test_odd_characters_in_the_payload_do_not_keep_an_event_out(client: Client, sender: Sender, text: str) -> None:
    message = sender.event("customer.updated", event_id="evt_1", note=text, **{text: 1}, **sender.about(text))
    assert sender.send(client, message).status_code == 200
    drain()
    event = WebhookEvent.objects.get()
    assert event.state == "ignored"
    assert event.customer_ref[0] == text[0]


@pytest.mark.parametrize("created", [None, "yesterday", -1, 1e400, 10**15, 10**30, True, {}])
def test_a_time_that_makes_no_sense_does_not_keep_a_stripe_event_out(client: Client, created: Any) -> None:
    body = json.dumps(STRIPE.event() | {"created": created}).replace("Infinity", "1e400").encode()
    assert STRIPE.send(client, body).status_code == 200
    assert WebhookEvent.objects.count() == 1


@pytest.mark.parametrize("timestamp", [None, "yesterday", "2026-13-45T99:00:00Z", "0001-01-01T00:00:00+14:00", 5, {}])
def test_a_time_that_makes_no_sense_does_not_keep_a_stigg_event_out(client: Client, timestamp: Any) -> None:
    assert STIGG.send(client, STIGG.event() | {"timestamp": timestamp}).status_code == 200
    assert WebhookEvent.objects.count() == 1


@pytest.mark.parametrize("data", [None, [], "x", {}, {"object": None}, {"object": []}])
def test_a_stripe_event_without_an_object_is_refused(client: Client, data: Any) -> None:
    assert_refused(STRIPE.send(client, STRIPE.event() | {"data": data}))
