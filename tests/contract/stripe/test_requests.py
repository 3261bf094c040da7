"""Keys, headers, errors, parameters, lists and idempotency."""

import pytest
import requests
import stripe

from tests.contract.stripe.side import PUBLISHABLE_KEY, SECRET_KEY, StripeSide


def test_a_call_without_a_key_is_refused(side: StripeSide) -> None:
    answer = requests.get(f"{side.url}/v1/customers", timeout=5)
    assert answer.status_code == 401
    assert answer.json()["error"]["type"] == "invalid_request_error"


def test_an_unknown_key_is_refused(side: StripeSide) -> None:
    with pytest.raises(stripe.AuthenticationError):
        side.client("sk_test_other").v1.customers.list()


def test_a_publishable_key_opens_no_secret_call(side: StripeSide) -> None:
    with pytest.raises(stripe.PermissionError) as raised:
        side.client(PUBLISHABLE_KEY).v1.customers.list()
    assert raised.value.error.code == "secret_key_required"


def test_answers_carry_stripes_headers(side: StripeSide) -> None:
    headers = {"Authorization": f"Bearer {SECRET_KEY}", "Idempotency-Key": "k1"}
    answer = requests.post(f"{side.url}/v1/customers", headers=headers, timeout=5)
    assert answer.headers["Request-Id"].startswith("req_")
    assert answer.headers["Stripe-Version"] == "2026-10-28.endive"
    assert answer.headers["Idempotency-Key"] == "k1"


def test_unknown_objects_and_paths_are_404(client: stripe.StripeClient, side: StripeSide) -> None:
    with pytest.raises(stripe.InvalidRequestError) as raised:
        client.v1.customers.retrieve("cus_none")
    assert (raised.value.http_status, raised.value.code) == (404, "resource_missing")
    answer = requests.get(f"{side.url}/v1/nothing", timeout=5)
    assert answer.status_code == 404


def test_an_unknown_parameter_is_named(client: stripe.StripeClient) -> None:
    with pytest.raises(stripe.InvalidRequestError) as raised:
        client.v1.customers.create({"emial": "typo"})
    assert (raised.value.code, raised.value.param) == ("parameter_unknown", "emial")


def test_a_missing_parameter_is_named(client: stripe.StripeClient) -> None:
    with pytest.raises(stripe.InvalidRequestError) as raised:
        client.v1.prices.create({"unit_amount": 5})
    assert raised.value.code == "parameter_missing"


def test_lists_are_paged_newest_first(client: stripe.StripeClient) -> None:
    made = [client.v1.customers.create({"email": f"{n}@example.com"}).id for n in range(5)]
    first = client.v1.customers.list({"limit": 2})
    assert [each.id for each in first.data] == [made[4], made[3]]
    assert first.has_more
    rest = client.v1.customers.list({"limit": 5, "starting_after": first.data[-1].id})
    assert [each.id for each in rest.data] == made[2::-1]
    assert not rest.has_more
    assert len(list(client.v1.customers.list({"limit": 2}).auto_paging_iter())) == 5


def test_the_same_idempotency_key_replays_the_answer(client: stripe.StripeClient) -> None:
    options: stripe.RequestOptions = {"idempotency_key": "once"}
    first = client.v1.customers.create({"email": "a@example.com"}, options)
    again = client.v1.customers.create({"email": "a@example.com"}, options)
    assert first.id == again.id
    assert again.last_response.headers["Idempotent-Replayed"] == "true"
    assert len(client.v1.customers.list().data) == 1


def test_an_idempotency_key_serves_one_set_of_parameters(client: stripe.StripeClient) -> None:
    options: stripe.RequestOptions = {"idempotency_key": "once"}
    client.v1.customers.create({"email": "a@example.com"}, options)
    with pytest.raises(stripe.IdempotencyError) as raised:
        client.v1.customers.create({"email": "b@example.com"}, options)
    assert raised.value.http_status == 400


def test_a_refused_call_leaves_its_idempotency_key_free(client: stripe.StripeClient) -> None:
    options: stripe.RequestOptions = {"idempotency_key": "free"}
    with pytest.raises(stripe.InvalidRequestError):
        client.v1.products.create({"description": "no name"}, options)
    assert client.v1.products.create({"name": "Pro"}, options).name == "Pro"


def test_browsers_on_loopback_may_call(side: StripeSide) -> None:
    headers = {"Origin": "http://127.0.0.1:8000"}
    answer = requests.get(f"{side.url}/v1/setup_intents/seti_1", headers=headers, timeout=5)
    assert answer.headers["Access-Control-Allow-Origin"] == "http://127.0.0.1:8000"
    headers = {"Origin": "https://elsewhere.example"}
    answer = requests.get(f"{side.url}/v1/setup_intents/seti_1", headers=headers, timeout=5)
    assert "Access-Control-Allow-Origin" not in answer.headers
