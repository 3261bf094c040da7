"""Faults on demand, as an application meets them through the SDK and over plain HTTP; and the journal."""

import threading
import time
from typing import Any

import pytest
import requests
import stripe

from sandbox.faults import Fault
from tests.contract.stripe.conftest import Browser
from tests.contract.stripe.side import SECRET_KEY, StripeSide

HEADERS = {"Authorization": f"Bearer {SECRET_KEY}"}


def post(side: StripeSide, path: str, headers: dict[str, str] = HEADERS, timeout: float = 5) -> requests.Response:
    return requests.post(f"{side.url}{path}", headers=headers, timeout=timeout)


@pytest.mark.parametrize(
    ("status", "error"),
    [(500, stripe.APIError), (429, stripe.RateLimitError), (402, stripe.CardError), (401, stripe.AuthenticationError)],
)
def test_a_status_is_answered_once(
    client: stripe.StripeClient, side: StripeSide, status: int, error: type[Exception]
) -> None:
    side.world.faults.add(Fault("stripe", "status", "POST /v1/customers", status=status, times=1))
    with pytest.raises(error):
        client.v1.customers.create()
    assert client.v1.customers.create().id
    assert client.v1.customers.list().data


def test_an_operation_is_named_by_its_pattern(client: stripe.StripeClient, customer: Any, side: StripeSide) -> None:
    side.world.faults.add(Fault("stripe", "status", "POST /v1/customers/{id}", status=503))
    assert client.v1.customers.retrieve(customer.id).id
    for _again in range(2):
        with pytest.raises(stripe.APIError):
            client.v1.customers.update(customer.id, {"name": "Ada"})


@pytest.mark.parametrize("kind", ["down", "reset"])
def test_the_connection_is_cut(client: stripe.StripeClient, side: StripeSide, kind: Any) -> None:
    side.world.faults.add(Fault("stripe", kind, times=1))
    with pytest.raises(stripe.APIConnectionError):
        client.v1.customers.list()
    assert client.v1.customers.list().data == []
    assert [call.status for call in side.world.journal.list()] == [200, 0]


def test_a_hanging_call_runs_into_the_callers_time_out(side: StripeSide) -> None:
    side.world.faults.add(Fault("stripe", "hang", times=1))
    with pytest.raises(requests.ReadTimeout):
        post(side, "/v1/customers", timeout=0.3)
    assert post(side, "/v1/customers").status_code == 200


def test_garbage_and_latency(side: StripeSide) -> None:
    side.world.faults.add(Fault("stripe", "garbage", times=1))
    assert "<html>" in post(side, "/v1/customers").text
    side.world.faults.add(Fault("stripe", "latency", seconds=0.3, times=1))
    started = time.monotonic()
    assert post(side, "/v1/customers").status_code == 200
    assert time.monotonic() - started > 0.3


def test_internal_calls_and_pages_meet_no_general_fault(side: StripeSide) -> None:
    side.world.faults.add(Fault("stripe", "status", status=500))
    internal = post(side, "/v1/customers", headers=HEADERS | {"X-Sandbox-Internal": "1"})
    assert internal.status_code == 200
    assert requests.get(f"{side.url}/endive/stripe.js", timeout=5).status_code == 200
    side.world.faults.add(Fault("stripe", "status", "GET /endive/stripe.js", status=500))
    assert requests.get(f"{side.url}/endive/stripe.js", timeout=5).status_code == 500


def test_a_key_in_use_is_refused(side: StripeSide) -> None:
    side.world.faults.add(Fault("stripe", "latency", seconds=0.5, times=1))
    headers = HEADERS | {"Idempotency-Key": "same"}
    first: list[int] = []
    slow = threading.Thread(target=lambda: first.append(post(side, "/v1/customers", headers=headers).status_code))
    slow.start()
    time.sleep(0.15)
    assert post(side, "/v1/customers", headers=headers).status_code == 409
    slow.join()
    assert first == [200]
    assert post(side, "/v1/customers", headers=headers).headers["Idempotent-Replayed"] == "true"


def test_the_journal_keeps_no_card_number(client: stripe.StripeClient, side: StripeSide, browser: Browser) -> None:
    intent = client.v1.setup_intents.create()
    browser.confirm(intent, "4242424242424242")
    call = side.world.journal.list("stripe", "POST /v1/setup_intents/{id}/confirm")[0]
    assert call.request["payment_method_data[card][number]"] == "[hidden]"
    assert call.request["client_secret"] == "[hidden]"
    assert "4242424242424242" not in repr(call)
    assert call.request_id is not None
