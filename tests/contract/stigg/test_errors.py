"""Refusals: the codes that no other file meets, their shape, and that none is left out."""

from pathlib import Path
from typing import get_args

import pytest

from sandbox.catalog import loader
from sandbox.stigg import customers, promotions
from sandbox.stigg.errors import ErrorCode, StiggError
from tests.contract.stigg.callers import StiggRefused

HERE = Path(__file__).parent


@pytest.fixture
def showcase(servers):
    servers.world.settings.catalog = loader.DEFAULT.with_name("showcase.yaml")
    servers.run(servers.world.reset())


def test_every_code_is_met_by_a_test():
    tests = "".join(path.read_text(encoding="utf-8") for path in HERE.glob("test_*.py"))
    tests += (HERE / "customer_operations.py").read_text(encoding="utf-8")
    tests += (HERE / "subscription_operations.py").read_text(encoding="utf-8")
    assert [code for code in get_args(ErrorCode) if f'"{code}"' not in tests] == []


def test_there_is_no_hosted_checkout(stigg, ada):
    with pytest.raises(StiggRefused) as refused:
        stigg.provision(ada, "plan-pro", checkoutOptions={"successUrl": "http://a.test", "cancelUrl": "http://a.test"})
    assert refused.value.code == "CheckoutIsNotSupported"


def test_an_add_on_of_another_plan(stigg, ada):
    with pytest.raises(StiggRefused) as refused:
        stigg.preview(ada, "plan-free", addons=[{"addonId": "addon-extra-seats"}])
    assert refused.value.code == "IncompatibleSubscriptionAddon"


@pytest.mark.usefixtures("showcase")
def test_a_period_that_is_not_sold(stigg):
    stigg.provision_customer("customer-ada")
    with pytest.raises(StiggRefused) as refused:
        stigg.preview("customer-ada", "plan-old", billingPeriod="ANNUALLY")
    assert refused.value.code == "PriceNotFound"


def test_a_gift_that_was_not_given(servers, ada):
    async def revoke():
        return promotions.revoke(servers.world, {"customer_id": ada, "feature_id": "feature-sso"})

    with pytest.raises(StiggError) as refused:
        servers.run(revoke())
    assert refused.value.code == "PromotionalEntitlementNotFoundError"


def test_a_mistake_of_the_sandbox_is_told_as_one(stigg, ada, monkeypatch):
    def stumble(*_given):
        raise RuntimeError("on purpose")

    monkeypatch.setattr(customers, "_set_fields", stumble)
    with pytest.raises(StiggRefused) as refused:
        stigg.update_customer(ada, name="Ada & Co")
    assert refused.value.code == "UnexpectedError"
    assert refused.value.trace_id


def test_what_one_subscription_has_apart_from_its_plan(servers, stigg, ada):
    own = [{"feature": {"featureId": "feature-projects", "usageLimit": 7}}]
    bought = stigg.provision(ada, "plan-free", billingPeriod=None, entitlements=own)
    assert stigg.entitlements(ada)[1]["feature-projects"]["usageLimit"] == 7
    more = [{"featureId": "feature-projects", "hasUnlimitedUsage": True}]
    stigg.update_subscription(bought["subscriptionId"], subscriptionEntitlements=more)
    assert stigg.entitlements(ada)[1]["feature-projects"]["hasUnlimitedUsage"]
    servers.settle()
    assert servers.kinds(ada)[-1] == "entitlements.updated"


@pytest.mark.usefixtures("showcase")
def test_units_may_be_given_as_charges(stigg):
    stigg.provision_customer("customer-ada")
    charges = [{"id": "feature-editors", "quantity": 7, "type": "FEATURE"}]
    given = {"charges": charges, "trialOverrideConfiguration": {"isTrial": False}}
    assert stigg.preview("customer-ada", "plan-team", **given)["immediateInvoice"]["total"]["amount"] == 84
    with pytest.raises(StiggRefused) as refused:
        stigg.preview("customer-ada", "plan-team", charges=[{"id": "credit-ai", "quantity": 1, "type": "CREDIT"}])
    assert refused.value.code == "UnsupportedParameter"


def test_somebody_else_pays(servers, stigg, stripe, ada, with_card):
    with_card()
    stigg.provision_customer("customer-bob")
    bought = stigg.provision("customer-bob", "plan-starter", payingCustomerId=ada)
    assert (bought["status"], bought["latestInvoice"]["status"]) == ("ACTIVE", "PAID")
    found = stripe.call("GET", f"/v1/subscriptions/{bought['billingId']}")
    assert found["customer"] == stigg.customer(ada)["billingId"]
    with pytest.raises(StiggRefused) as refused:
        stigg.provision("customer-bob", "plan-pro", payingCustomerId="customer-bob")
    assert refused.value.code == "ChangingPayingCustomerIsNotSupportedError"
