"""What Stigg's documentation leaves open can be switched in the catalogue."""

from dataclasses import fields

import pytest

from sandbox.catalog import loader
from sandbox.catalog.model import Behaviour
from scripts.ci import OTHER_ANSWERS
from tests import behaviour
from tests.contract.stigg.callers import StiggRefused


def test_the_product_is_tested_under_every_other_answer(tmp_path):
    """`make ci` runs its tests a second time, with each switch the other way round."""
    path = tmp_path / "catalog.yaml"
    path.write_text(behaviour.changed(loader.DEFAULT.read_text("utf-8"), OTHER_ANSWERS), "utf-8")
    usual, other = loader.load().behaviour, loader.load(path).behaviour
    same = {each.name for each in fields(Behaviour) if getattr(usual, each.name) == getattr(other, each.name)}
    # The seller's tax and limits that are documented; no open questions.
    assert same == {"tax_name", "tax_percentage", "tax_included", "rate_limits"}


def test_provisioning_a_customer_again_may_update(switched, stigg):
    switched("duplicate_customer: refuse", "duplicate_customer: update")
    first = stigg.provision_customer("customer-1")["customer"]
    again = stigg.provision_customer("customer-1", name="Ada & Co")["customer"]
    assert (again["id"], again["name"]) == (first["id"], "Ada & Co")


def test_an_unknown_customer_may_be_an_error(switched, stigg):
    switched('unknown_customer: "null"', "unknown_customer: error")
    with pytest.raises(StiggRefused) as refused:
        stigg.customer("customer-nobody")
    assert refused.value.code == "CustomerNotFound"


def test_pending_subscriptions_may_count_as_active(switched, stigg, stripe):
    switched("pending_is_active: false", "pending_is_active: true")
    billing_id = stigg.provision_customer("customer-1")["customer"]["billingId"]
    method = stripe.save_card(billing_id, "pm_card_chargeCustomerFail")
    pending = stigg.apply("customer-1", "plan-pro", paymentMethodId=method)
    assert pending["status"] == "PAYMENT_PENDING"
    assert stigg.active("customer-1") == [pending["subscriptionId"]]


def test_a_planned_end_may_be_called_canceled(switched, stigg, stripe):
    switched("planned_end: active ", "planned_end: canceled ")
    billing_id = stigg.provision_customer("customer-1")["customer"]["billingId"]
    method = stripe.save_card(billing_id, "pm_card_visa")
    bought = stigg.apply("customer-1", "plan-pro", paymentMethodId=method)
    ending = stigg.cancel(bought["subscriptionId"])
    assert (ending["status"], ending["effectiveEndDate"]) == ("CANCELED", bought["currentBillingPeriodEnd"])
    assert stigg.entitlements("customer-1")[0] is None


def test_buying_during_a_trial_may_wait_for_its_end(switched, servers, stigg, stripe):
    switched("trial_conversion: immediate ", "trial_conversion: at_trial_end ")
    billing_id = stigg.provision_customer("customer-1")["customer"]["billingId"]
    trial = stigg.provision("customer-1", "plan-pro", trialOverrideConfiguration={"isTrial": True})
    method = stripe.save_card(billing_id, "pm_card_visa")
    waiting = stigg.apply("customer-1", "plan-pro", paymentMethodId=method, skipTrial=True)
    assert (waiting["status"], waiting["startDate"]) == ("NOT_STARTED", trial["trialEndDate"])
    servers.advance(days=15)
    assert stigg.subscription(waiting["subscriptionId"])["status"] == "ACTIVE"
    assert stigg.active("customer-1") == [waiting["subscriptionId"]]


def test_codes_may_be_spelled_in_capitals(switched, stigg):
    switched("error_codes: CustomerNotFound ", "error_codes: CUSTOMER_NOT_FOUND ")
    with pytest.raises(StiggRefused) as refused:
        stigg.provision("customer-nobody", "plan-free")
    assert refused.value.code == "CUSTOMER_NOT_FOUND"


def test_events_of_trials_may_be_named_without_the_subscription(switched, stigg, servers):
    switched("trial_events: subscription.trial_started ", "trial_events: trial.started ")
    stigg.provision_customer("customer-1")
    stigg.provision("customer-1", "plan-pro", trialOverrideConfiguration={"isTrial": True})
    servers.settle()
    told = servers.kinds("customer-1")
    assert "trial.started" in told
    assert "subscription.trial_started" not in told
