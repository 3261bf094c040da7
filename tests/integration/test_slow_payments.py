"""First payments that take their time, such as a bank debit: the order waits, and a webhook tells how it came out."""

from __future__ import annotations

import http.client
import json
from urllib.parse import urlsplit

import pytest
import requests
import responses
from django.test import Client

from billing.models import CheckoutSession, Subscription
from billing.services import completion
from billing.webhooks.dispatch import drain
from tests.integration.browsing import signed_in, url
from tests.integration.conftest import Recorder
from tests.integration.test_event_order import all_messages, post
from tests.people import Person, begin, person
from tests.sandbox_process import SandboxClient

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("price_list"),
    pytest.mark.shows("C14", "C8"),
]
State = CheckoutSession.State


def buy_slowly(sandbox: SandboxClient, who: Person, card: str) -> CheckoutSession:
    """An order whose first payment Stigg calls PROCESSING."""
    session = begin(who)
    sandbox.confirm_card(str(session.setup_intent_id), card)
    with responses.RequestsMock(assert_all_requests_are_fired=False) as wire:
        wire.add_callback(
            responses.POST, f"{sandbox.stigg_url}/graphql", unhurried, match=[lambda request: (is_order(request), "")]
        )
        wire.add_passthru("http://127.0.0.1")
        return completion.complete(session.pk, cause="page")


def is_order(request: requests.PreparedRequest) -> bool:
    return b'"operationName": "ProvisionSubscription' in bytes(request.body or b"")


def unhurried(request: requests.PreparedRequest) -> tuple[int, dict[str, str], bytes]:
    """The same order of Stigg, answered before it is paid, as it is where the bank takes its time."""
    asked = json.loads(request.body or b"")
    asked["variables"]["input"]["awaitPaymentConfirmation"] = False
    headers = {name: value for name, value in request.headers.items() if name.lower() != "content-length"}
    connection = http.client.HTTPConnection(urlsplit(str(request.url)).netloc, timeout=10)
    connection.request("POST", "/graphql", json.dumps(asked), headers)
    answer = connection.getresponse()
    body = answer.read()
    connection.close()
    return answer.status, {}, body


def wait_for_the_bank(sandbox: SandboxClient, recorder: Recorder, client: Client) -> None:
    sandbox.advance(hours=1)
    post(client, all_messages(sandbox, recorder))
    drain()


def test_a_first_payment_that_comes_through_later_starts_the_plan(
    sandbox: SandboxClient, recorder: Recorder, client: Client
) -> None:
    ada = person("ada")
    session = buy_slowly(sandbox, ada, "pm_card_visa")
    assert session.state == State.PROCESSING
    subscription = Subscription.objects.get()
    assert (subscription.status, subscription.payment_collection) == ("PAYMENT_PENDING", "PROCESSING")
    assert not ada.customer.entitlements.filter(is_granted=True).exists()
    assert 'http-equiv="refresh"' in signed_in(ada).get(url("checkout_status", session)).content.decode()

    wait_for_the_bank(sandbox, recorder, client)
    session.refresh_from_db()
    assert session.state == State.SUCCEEDED
    assert Subscription.objects.get().status == "ACTIVE"
    assert ada.customer.entitlements.filter(is_granted=True).exists()
    assert "Welcome to Pro" in signed_in(ada).get(url("checkout_status", session)).content.decode()
    assert [row["status"] for row in sandbox.objects("stripe", "invoices")] == ["paid"]


def test_a_first_payment_that_is_refused_later_asks_for_another_card(
    sandbox: SandboxClient, recorder: Recorder, client: Client
) -> None:
    carol = person("carol")
    session = buy_slowly(sandbox, carol, "pm_card_chargeCustomerFail")
    assert session.state == State.PROCESSING

    wait_for_the_bank(sandbox, recorder, client)
    session.refresh_from_db()
    assert session.state == State.PAYMENT_FAILED
    assert Subscription.objects.get().status == "PAYMENT_PENDING"
    assert not carol.customer.entitlements.filter(is_granted=True).exists()
    page = signed_in(carol).get(url("checkout_status", session)).content.decode()
    assert url("checkout_card", session) in page
