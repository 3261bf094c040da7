"""The door to Stigg: what is sent, what each answer means, what is tried again."""

from __future__ import annotations

import json
import socket
from collections.abc import Callable, Iterator

import pytest
import requests
import responses

from billing.errors import (
    ConfigurationError,
    GatewayError,
    GatewayNotFound,
    GatewayProtocolError,
    GatewayRateLimited,
    GatewayRejected,
    GatewayUnauthorized,
    GatewayUnavailable,
)
from billing.gateways.guard import CallRefused
from billing.gateways.stigg.client import StiggClient, derive_edge_url
from tests.unit.gateways import answers
from tests.unit.gateways.conftest import STIGG_KEY, Clock, Graphql, Journal

Build = Callable[..., StiggClient]


def read(client: StiggClient) -> dict[str, object]:
    return client.execute("GetSdkConfiguration", {}, idempotent=True)


def write(client: StiggClient) -> dict[str, object]:
    return client.execute("ProvisionSubscription", {"input": {}}, idempotent=False)


def test_request_has_the_key_the_version_and_the_operation(
    client: StiggClient, graphql: Graphql, http: responses.RequestsMock
) -> None:
    graphql.answers({"sdkConfiguration": None})
    assert read(client) == {"sdkConfiguration": None}
    headers = http.calls[0].request.headers
    assert headers["X-API-KEY"] == STIGG_KEY
    assert headers["X-API-VERSION"] == "1"
    assert headers["x-graphql-operation-name"] == "GetSdkConfiguration"
    assert headers["Content-Type"] == "application/json"
    (sent,) = graphql.sent
    assert sent["operationName"] == "GetSdkConfiguration"
    assert sent["query"].startswith("query GetSdkConfiguration")


def test_timeouts_are_sent_along(client: StiggClient, graphql: Graphql, http: responses.RequestsMock) -> None:
    graphql.answers({})
    client.execute("ProvisionSubscription", {}, timeout=60, idempotent=False)
    assert http.calls[0].request.req_kwargs["timeout"] == (3.0, 60)


@pytest.mark.parametrize("status", [401, 403])
def test_refused_key(client: StiggClient, http: responses.RequestsMock, status: int) -> None:
    http.post(answers.GRAPHQL, status=status, body="<html>")
    with pytest.raises(GatewayUnauthorized) as caught:
        read(client)
    assert caught.value.upstream_status == status
    assert len(http.calls) == 1


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("Unauthenticated", GatewayUnauthorized),
        ("ApiKeyNotFound", GatewayUnauthorized),
        ("AccessDeniedError", GatewayUnauthorized),
        ("CustomerNotFound", GatewayNotFound),
        ("ProductNotFoundError", GatewayNotFound),
        ("PaymentMethodNotFoundError", GatewayRejected),
        ("BadUserInput", GatewayRejected),
        ("DuplicatedEntityNotAllowed", GatewayRejected),
        ("StripeError", GatewayRejected),
        ("", GatewayRejected),
        ("RateLimitExceeded", GatewayRateLimited),
        ("OperationTimeout", GatewayUnavailable),
        ("UnexpectedError", GatewayUnavailable),
        ("InternalServerError", GatewayUnavailable),
        ("ObjectAlreadyBeingUsedByAnotherRequestError", GatewayUnavailable),
    ],
)
def test_errors_within_http_200(client: StiggClient, graphql: Graphql, code: str, kind: type[GatewayError]) -> None:
    graphql.fails(code, message="it says why", trace_id="trace-7")
    with pytest.raises(kind, match=r"it says why.*trace-7") as caught:
        write(client)
    assert type(caught.value) is kind
    if kind is not GatewayRateLimited:
        assert caught.value.upstream_code == code


@pytest.mark.parametrize(
    ("given", "code", "kind"),
    [
        ("UNAUTHENTICATED", "Unauthenticated", GatewayUnauthorized),
        ("CUSTOMER_NOT_FOUND", "CustomerNotFound", GatewayNotFound),
        ("PAYMENT_METHOD_NOT_FOUND_ERROR", "PaymentMethodNotFoundError", GatewayRejected),
        ("INTERNAL_SERVER_ERROR", "InternalServerError", GatewayUnavailable),
        ("FUTURE_UPDATE_NOT_FOUND", "FutureUpdateNotFound", GatewayNotFound),
    ],
)
def test_codes_in_capitals_are_read_as_those_of_the_enum(
    client: StiggClient, graphql: Graphql, given: str, code: str, kind: type[GatewayError]
) -> None:
    graphql.fails(given)
    with pytest.raises(kind) as caught:
        write(client)
    assert caught.value.upstream_code == code


def test_partial_data_with_errors_is_a_failure(client: StiggClient, graphql: Graphql) -> None:
    graphql.fails("CustomerNotFound", data={"entitlementsState": {"entitlements": []}})
    with pytest.raises(GatewayNotFound):
        read(client)


def test_errors_within_http_400_keep_their_code(client: StiggClient, http: responses.RequestsMock) -> None:
    http.post(answers.GRAPHQL, status=400, json=answers.failure("InvalidTaxId"))
    with pytest.raises(GatewayRejected) as caught:
        read(client)
    assert caught.value.upstream_code == "InvalidTaxId"


@pytest.mark.parametrize("errors", ["boom", ["boom"], [{"message": None, "extensions": "x"}], {"a": 1}])
def test_misshapen_errors_are_still_a_refusal(
    client: StiggClient, http: responses.RequestsMock, errors: object
) -> None:
    http.post(answers.GRAPHQL, json={"data": None, "errors": errors})
    with pytest.raises(GatewayRejected):
        read(client)


@pytest.mark.parametrize("body", ["", "<html>", "[1]", '"x"', "{}", '{"data": null}', '{"data": []}', "[" * 100_000])
def test_bad_bodies(client: StiggClient, http: responses.RequestsMock, body: str) -> None:
    http.post(answers.GRAPHQL, body=body)
    with pytest.raises(GatewayProtocolError):
        read(client)


@pytest.mark.parametrize(("status", "kind"), [(404, GatewayNotFound), (400, GatewayRejected), (418, GatewayRejected)])
def test_bare_refusals(
    client: StiggClient, http: responses.RequestsMock, status: int, kind: type[GatewayError]
) -> None:
    http.post(answers.GRAPHQL, status=status, body="<html>")
    with pytest.raises(kind) as caught:
        read(client)
    assert type(caught.value) is kind


def test_redirects_are_not_followed(client: StiggClient, http: responses.RequestsMock) -> None:
    http.post(answers.GRAPHQL, status=302, headers={"Location": "http://elsewhere.test/"})
    with pytest.raises(GatewayProtocolError, match="redirect"):
        read(client)
    assert len(http.calls) == 1


@pytest.mark.parametrize(
    "trouble",
    [
        {"status": 500},
        {"status": 502, "body": "<html>"},
        {"status": 408},
        {"body": requests.ConnectTimeout("slow")},
        {"body": requests.ReadTimeout("slow")},
        {"body": requests.ConnectionError("refused")},
        {"body": requests.exceptions.ChunkedEncodingError("cut")},
    ],
)
class TestUnavailable:
    def test_a_read_is_tried_three_times(
        self, client: StiggClient, http: responses.RequestsMock, pauses: list[float], trouble: dict[str, object]
    ) -> None:
        http.post(answers.GRAPHQL, **trouble)
        with pytest.raises(GatewayUnavailable):
            read(client)
        assert len(http.calls) == 3
        assert len(pauses) == 2
        assert all(0.2 <= pause <= 2.0 for pause in pauses)

    def test_a_write_is_tried_once(
        self, client: StiggClient, http: responses.RequestsMock, trouble: dict[str, object]
    ) -> None:
        http.post(answers.GRAPHQL, **trouble)
        with pytest.raises(GatewayUnavailable):
            write(client)
        assert len(http.calls) == 1

    def test_a_read_that_succeeds_at_last(
        self, client: StiggClient, http: responses.RequestsMock, graphql: Graphql, trouble: dict[str, object]
    ) -> None:
        http.post(answers.GRAPHQL, **trouble)
        graphql.answers({"sdkConfiguration": None})
        assert read(client) == {"sdkConfiguration": None}


def test_rate_limit_is_respected_when_it_is_short(
    client: StiggClient, http: responses.RequestsMock, graphql: Graphql, pauses: list[float]
) -> None:
    http.post(answers.GRAPHQL, status=429, headers={"Retry-After": "1.5"})
    graphql.answers({"sdkConfiguration": None})
    read(client)
    assert pauses == [1.5]


@pytest.mark.parametrize(("header", "seconds"), [("30", 30.0), (None, None), ("Wed, 21 Oct 2026 07:28:00 GMT", None)])
def test_long_or_unknown_rate_limits_are_handed_on(
    client: StiggClient, http: responses.RequestsMock, header: str | None, seconds: float | None
) -> None:
    http.post(answers.GRAPHQL, status=429, headers={"Retry-After": header} if header else {})
    with pytest.raises(GatewayRateLimited) as caught:
        read(client)
    assert caught.value.retry_after_seconds == seconds
    assert len(http.calls) == 1


def test_an_open_breaker_costs_no_call(build_client: Build, http: responses.RequestsMock, clock: Clock) -> None:
    client = build_client(failures=2)
    http.post(answers.GRAPHQL, status=503)
    for _ in range(2):
        with pytest.raises(GatewayUnavailable):
            write(client)
    with pytest.raises(CallRefused):
        read(client)
    assert len(http.calls) == 2
    clock.seconds += 10
    with pytest.raises(GatewayUnavailable):
        write(client)
    assert len(http.calls) == 3


@pytest.fixture
def silent_server() -> Iterator[str]:
    """A server that takes the connection and never says a word."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield f"http://127.0.0.1:{server.getsockname()[1]}"


def test_a_hanging_server_costs_one_timeout(build_client: Build, silent_server: str, journal: Journal) -> None:
    client = build_client(api_url=silent_server, read_timeout_seconds=0.2)
    with pytest.raises(GatewayUnavailable, match="ReadTimeout"):
        read(client)
    assert len(journal.calls()) == 1


def test_a_closed_port(build_client: Build, silent_server: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    with pytest.raises(GatewayUnavailable, match="ConnectionError"):
        write(build_client(api_url=f"http://127.0.0.1:{port}"))


def test_edge_is_a_get_with_the_same_key(client: StiggClient, http: responses.RequestsMock) -> None:
    http.get(f"{answers.EDGE_URL}/v1/paywall.json", json={"data": {"paywall": {}}})
    assert client.fetch_edge("/v1/paywall.json", {"billingCountryCode": "DE"}) == {"paywall": {}}
    request = http.calls[0].request
    assert request.headers["X-API-KEY"] == STIGG_KEY
    assert request.url.endswith("?billingCountryCode=DE")


def test_an_edge_outage_leaves_the_api_usable(
    build_client: Build, http: responses.RequestsMock, graphql: Graphql
) -> None:
    client = build_client()
    http.get(f"{answers.EDGE_URL}/v1/paywall.json", status=500)
    for _ in range(3):
        with pytest.raises(GatewayUnavailable):
            client.fetch_edge("/v1/paywall.json", {})
    graphql.answers({"sdkConfiguration": None})
    read(client)


@pytest.mark.parametrize(
    ("api", "edge"),
    [
        ("https://api.stigg.io", "https://edge.api.stigg.io"),
        ("https://api.eu.stigg.io/", "https://edge.api.eu.stigg.io"),
        ("http://localhost:4000", "http://localhost:3060"),
        ("http://127.0.0.1:4000", "http://127.0.0.1:3060"),
        ("http://[::1]:4000", "http://[::1]:3060"),
    ],
)
def test_edge_address_is_derived_as_the_sdks_do(api: str, edge: str) -> None:
    assert derive_edge_url(api) == edge


@pytest.mark.parametrize("key", ["", "server-x\n", "server x", "sérver-x"])
def test_impossible_keys_are_named_without_being_shown(key: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        StiggClient(api_key=key)
    assert not key or key not in str(caught.value)


def test_the_key_is_neither_in_the_journal_nor_in_any_text(
    client: StiggClient, http: responses.RequestsMock, graphql: Graphql, journal: Journal
) -> None:
    graphql.fails("Unauthenticated", message=f"the key {STIGG_KEY} is unknown")
    with pytest.raises(GatewayUnauthorized) as caught:
        read(client)
    shown = json.dumps(journal) + str(caught.value) + repr(caught.value) + repr(client)
    assert STIGG_KEY not in shown
