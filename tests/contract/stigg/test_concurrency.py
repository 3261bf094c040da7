"""Callers in a hurry: the same thing twice at once, and things that cross."""

from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from sandbox.faults import Fault
from tests.contract.stigg.callers import StiggRefused


def at_once(count, work):
    def outcome(index):
        try:
            return work(index)
        except StiggRefused as refused:
            return refused.code

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(outcome, range(count)))


def test_one_customer_of_many_attempts(servers, stigg):
    outcomes = at_once(6, lambda _: stigg.provision_customer("customer-1"))
    assert outcomes.count("DuplicatedEntityNotAllowed") == 5
    assert len(servers.world.stripe.customers) == 1


def test_one_subscription_of_many_attempts(servers, stigg, ada, with_card):
    with_card()
    outcomes = at_once(6, lambda _: stigg.provision(ada, "plan-pro", refId="subscription-1"))
    assert outcomes.count("DuplicatedEntityNotAllowed") == 5
    assert len(servers.world.stripe.subscriptions) == 1
    assert stigg.active(ada) == ["subscription-1"]


def test_different_ids_for_the_same_plan_make_one(servers, stigg, ada, with_card):
    with_card()
    outcomes = at_once(4, lambda index: stigg.provision(ada, "plan-pro", refId=f"subscription-{index}"))
    assert len({outcome["subscriptionId"] for outcome in outcomes}) == 1
    assert len(servers.world.stripe.subscriptions) == 1


def test_customers_do_not_wait_for_each_other(stigg, stripe):
    def buy(index):
        billing_id = stigg.provision_customer(f"customer-{index}")["customer"]["billingId"]
        method = stripe.save_card(billing_id, "pm_card_visa")
        return stigg.apply(f"customer-{index}", "plan-starter", paymentMethodId=method)["status"]

    assert at_once(8, buy) == ["ACTIVE"] * 8


def test_a_reset_in_the_middle_leaves_a_clean_house(servers, stigg, ada, with_card):
    with_card()
    stigg.provision(ada, "plan-pro")
    servers.run(servers.world.reset())
    assert stigg.customer(ada) is None
    assert stigg.provision_customer(ada)["customer"]["billingId"]


def test_a_call_that_a_fault_holds_back_over_a_reset_never_arrives(servers, stigg):
    servers.world.faults.add(Fault("stigg", "latency", "provisionCustomer", seconds=0.5, times=1))
    with ThreadPoolExecutor() as pool:
        late = pool.submit(stigg.provision_customer, "customer-late")
        servers.wait_for(lambda: not servers.world.faults.list())
        servers.run(servers.world.reset())
        with pytest.raises(httpx.RemoteProtocolError):
            late.result()
    assert stigg.customer("customer-late") is None
    assert servers.world.stripe.customers == {}
    assert [call.operation for call in servers.world.journal.list()] == ["getCustomerByRefId"]
