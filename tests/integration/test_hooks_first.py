"""The short way to /hooks/: same answers as the long one, and nobody else takes it."""

from __future__ import annotations

from typing import Any

import pytest
from django.conf import settings as site
from django.test import Client

from tests.integration.senders import OTHER, STIGG, STRIPE, Sender

pytestmark = pytest.mark.django_db
HOOKS_FIRST = "billing.views.hooks_first.HooksFirst"
senders = pytest.mark.parametrize("sender", [STIGG, STRIPE], ids=lambda sender: sender.source)


@pytest.fixture(params=["short way", "long way"])
def way(request: pytest.FixtureRequest, settings: Any) -> str:
    if request.param == "long way":
        settings.MIDDLEWARE = [name for name in site.MIDDLEWARE if name != HOOKS_FIRST]
    return str(request.param)


@senders
@pytest.mark.usefixtures("way")
def test_both_ways_answer_alike(client: Client, sender: Sender) -> None:
    message = sender.event()
    first, second = sender.send(client, message), sender.send(client, message)
    assert (first.json(), second.json()) == (
        {"received": True, "duplicate": False},
        {"received": True, "duplicate": True},
    )
    assert first["Content-Length"] == str(len(first.content))
    assert sender.send(client, message, secret="another").status_code == 400
    assert OTHER[sender].post(client, b"{}", {}).status_code == 400
    assert client.get(sender.url).status_code == 405


def test_it_stands_below_what_belongs_to_every_answer(client: Client) -> None:
    assert STIGG.send(client, STIGG.event())["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize("path", ["/healthz/live", "/hooks/", "/hooks/other/", "/hooks/stigg"])
def test_other_addresses_go_the_long_way(client: Client, path: str) -> None:
    assert "Content-Security-Policy" in client.get(path)
