"""What calls are named, and what the journal hides."""

import json

import pytest

from sandbox.journal import without_secrets
from sandbox.operations import operations_of


@pytest.mark.parametrize(
    ("path", "pattern"),
    [
        ("/v1/customers", "/v1/customers"),
        ("/v1/products/product-tollgate", "/v1/products/{id}"),
        ("/v1/customers/cus_1/payment_methods", "/v1/customers/{id}/payment_methods"),
        ("/v1/setup_intents/seti_1/confirm", "/v1/setup_intents/{id}/confirm"),
        ("/v1/invoices/create_preview", "/v1/invoices/create_preview"),
        ("/v1/test_helpers/test_clocks/clock_1/advance", "/v1/test_helpers/test_clocks/{id}/advance"),
        ("/endive/stripe.js", "/endive/stripe.js"),
    ],
)
def test_a_stripe_call_is_named_by_its_pattern(path: str, pattern: str) -> None:
    assert operations_of("stripe", "POST", path, b"") == [f"POST {pattern}"]


def test_a_graphql_call_is_named_by_its_root_fields() -> None:
    query = "query A { paywall { a } } mutation B { x: provisionCustomer { a } archiveCustomer { b } }"
    body = json.dumps({"query": query, "operationName": "B"}).encode()
    assert operations_of("stigg", "POST", "/graphql", body) == ["provisionCustomer", "archiveCustomer"]
    assert operations_of("stigg", "POST", "/graphql", b"not json") == ["/graphql"]
    assert operations_of("stigg", "GET", "/v1/paywall.json", b"") == ["/v1/paywall.json"]


def test_secrets_are_hidden_at_any_depth() -> None:
    sent = {"a": [{"client_secret": "x", "card": {"number": "4242", "brand": "visa"}}], "long": "y" * 300}
    shown = without_secrets(sent)
    assert shown["a"][0] == {"client_secret": "[hidden]", "card": {"number": "[hidden]", "brand": "visa"}}
    assert len(shown["long"]) == 201
