"""Keys, headers, errors, lists, idempotency: what holds for every call."""

import threading
import time
from typing import Any

import pytest
import requests

from sandbox.faults import Fault
from tests.contract.stripe.behaviours.doors import Door
from tests.contract.stripe.behaviours.names import shows
from tests.contract.stripe.behaviours.steps import refused
from tests.contract.stripe.schema import problems

VERSION = "2026-10-28.endive"


@shows("auth-errors")
def test_keys_are_checked(door: Door) -> None:
    unknown = refused(door.with_key("sk_test_other"), "customers.list")
    assert (unknown.status, unknown.kind) == (401, "invalid_request_error")
    assert "sk_test_other" not in unknown.error["message"]
    publishable = refused(door.browser(), "customers.list")
    assert (publishable.status, publishable.code) == (403, "secret_key_required")
    nobody = requests.get(f"{door.side.url}/v1/customers", timeout=5)
    assert (nobody.status_code, problems("GET", "/v1/customers", 401, nobody.json())) == (401, [])


@shows("response-headers")
def test_answers_carry_stripes_headers(door: Door) -> None:
    made = door.once("k1")("customers.create", email="ada@example.com")
    assert made.headers["request-id"].startswith("req_")
    assert made.headers["stripe-version"] == VERSION
    assert made.headers["idempotency-key"] == "k1"
    error = refused(door, "customers.retrieve", "cus_none")
    assert error.headers["request-id"].startswith("req_")
    assert error.headers["request-id"] in error.error["request_log_url"]


@shows("customer-crud")
def test_a_customer_lives_and_is_deleted(door: Door) -> None:
    made = door("customers.create", email="ada@example.com", metadata={"one": "1", "two": "2"})
    changed = door("customers.update", made["id"], name="Ada", metadata={"two": "", "three": "3"})
    assert (changed["name"], changed["metadata"]) == ("Ada", {"one": "1", "three": "3"})
    assert door("customers.retrieve", made["id"])["email"] == "ada@example.com"
    assert door("customers.delete", made["id"])["deleted"] is True
    assert door("customers.retrieve", made["id"])["deleted"] is True
    assert door("customers.list")["data"] == []
    assert refused(door, "customers.update", made["id"], name="x").code == "resource_missing"


@shows("unknown-id")
@pytest.mark.parametrize("operation", ["customers", "setup_intents", "subscriptions", "invoices", "payment_intents"])
def test_an_unknown_id_is_missing(door: Door, operation: str) -> None:
    error = refused(door, f"{operation}.retrieve", "none")
    assert (error.status, error.kind, error.code) == (404, "invalid_request_error", "resource_missing")
    assert "'none'" in error.error["message"]
    assert error.error["doc_url"].startswith("https://docs.stripe.com/error-codes")


@shows("missing-parameter")
def test_a_missing_parameter_is_named(door: Door) -> None:
    error = refused(door, "prices.create", unit_amount=500)
    assert (error.status, error.code) == (400, "parameter_missing")
    assert error.error["param"] in {"currency", "product"}
    error = refused(door, "subscriptions.create", customer="")
    assert (error.code, error.error["param"]) == ("parameter_missing", "customer")


@shows("unknown-parameter")
def test_an_unknown_parameter_is_named(door: Door, customer: Any) -> None:
    error = refused(door, "customers.create", emial="typo")
    assert (error.status, error.code, error.error["param"]) == (400, "parameter_unknown", "emial")
    nested = refused(door, "customers.update", customer["id"], invoice_settings={"default_card": "x"})
    assert (nested.code, nested.error["param"]) == ("parameter_unknown", "invoice_settings[default_card]")


@shows("pagination")
def test_lists_are_paged_newest_first(door: Door) -> None:
    made = [door("customers.create", email=f"{n}@example.com")["id"] for n in range(5)]
    first = door("customers.list", limit=2)
    assert ([each["id"] for each in first["data"]], first["has_more"]) == ([made[4], made[3]], True)
    rest = door("customers.list", limit=5, starting_after=made[3])
    assert ([each["id"] for each in rest["data"]], rest["has_more"]) == (made[2::-1], False)
    back = door("customers.list", limit=1, ending_before=made[2])
    assert ([each["id"] for each in back["data"]], back["has_more"]) == ([made[3]], True)
    assert refused(door, "customers.list", limit=101).error["param"] == "limit"


@shows("idempotent-replay")
def test_the_same_key_replays_the_answer(door: Door) -> None:
    once = door.once("once")
    first, again = (once("customers.create", email="ada@example.com") for _ in range(2))
    assert first["id"] == again["id"]
    assert "idempotent-replayed" not in first.headers
    assert again.headers["idempotent-replayed"] == "true"
    assert len(door("customers.list")["data"]) == 1


@shows("idempotent-mismatch")
def test_a_key_serves_one_set_of_parameters(door: Door) -> None:
    once = door.once("once")
    once("customers.create", email="ada@example.com")
    error = refused(once, "customers.create", email="bob@example.com")
    assert (error.status, error.kind) == (400, "idempotency_error")
    error = refused(once, "products.create", name="ada@example.com")
    assert (error.status, error.kind) == (400, "idempotency_error")


@shows("idempotent-concurrent")
def test_a_key_in_flight_is_refused(door: Door) -> None:
    door.side.world.faults.add(Fault("stripe", "latency", "POST /v1/customers", seconds=0.4, times=1))
    once, first = door.once("same"), []
    slow = threading.Thread(target=lambda: first.append(once("customers.create", email="ada@example.com")))
    slow.start()
    time.sleep(0.15)
    error = refused(once, "customers.create", email="ada@example.com")
    assert (error.status, error.kind) == (409, "idempotency_error")
    slow.join()
    assert once("customers.create", email="ada@example.com")["id"] == first[0]["id"]
