"""Limits on calls, which the catalogue switches on."""

import pytest

from sandbox.stigg import limits
from tests.contract.stigg.callers import StiggRefused


def test_thirty_mutations_a_minute_and_customer(switched, stigg):
    switched("rate_limits: false", "rate_limits: true")
    stigg.provision_customer("customer-ada")
    stigg.provision_customer("customer-bob")
    for _ in range(limits.MUTATIONS_PER_ENTITY - 1):
        stigg.preview("customer-ada", "plan-pro")
    with pytest.raises(StiggRefused) as refused:
        stigg.preview("customer-ada", "plan-pro")
    assert refused.value.code == "RateLimitExceeded"
    stigg.preview("customer-bob", "plan-pro")
    assert stigg.customer("customer-ada")["customerId"] == "customer-ada"


def test_the_edge_answers_429(switched, stigg, monkeypatch):
    switched("rate_limits: false", "rate_limits: true")
    monkeypatch.setattr(limits, "EDGE_CALLS", 1)
    assert stigg.edge("/v1/paywall.json").status_code == 200
    answer = stigg.edge("/v1/paywall.json")
    assert (answer.status_code, answer.json()["error"]) == (429, "rate_limit_exceeded")
    assert "retry-after" not in answer.headers


def test_a_minute_later_there_is_room_again():
    moment = 0.0
    found = limits.Limits(lambda: moment)
    assert [found.take("a", 2) for _ in range(3)] == [True, True, False]
    assert found.take("b", 2)
    moment = 60.0
    assert found.take("a", 2)


def test_without_the_switch_there_are_none(stigg):
    stigg.provision_customer("customer-ada")
    for _ in range(limits.MUTATIONS_PER_ENTITY + 5):
        stigg.preview("customer-ada", "plan-pro")
