"""Trials: begun without a card, once per product, and what they turn into."""

import pytest

from tests.contract.stigg.callers import StiggRefused

TRIAL = {"trialOverrideConfiguration": {"isTrial": True, "trialEndBehavior": "CONVERT_TO_PAID"}}


@pytest.fixture
def trial(stigg, ada):
    return stigg.provision(ada, "plan-pro", refId="subscription-1", **TRIAL)


def test_a_trial_needs_no_card_and_grants_the_plan(servers, stigg, ada, trial):
    assert (trial["status"], trial["billingId"]) == ("IN_TRIAL", None)
    assert trial["trialConfiguration"] == {"trialEndBehavior": "CONVERT_TO_PAID"}
    assert stigg.active(ada) == ["subscription-1"]
    assert stigg.entitlements(ada)[1]["feature-seats"]["usageLimit"] == 25
    found = stigg.customer(ada)
    assert found["trialedPlans"] == [{"productRefId": "product-tollgate", "planRefId": "plan-pro"}]
    assert found["eligibleForTrial"] == [{"productRefId": "product-tollgate", "eligible": False}]
    servers.settle()
    assert servers.kinds(ada)[-3:] == ["subscription.created", "subscription.trial_started", "entitlements.updated"]
    assert servers.last("subscription.created")["isTrialSubscription"] is True


def test_with_a_card_it_becomes_paid_when_it_ends(servers, stigg, ada, with_card, trial):
    with_card()
    servers.advance(days=8)
    assert "subscription.trial.ends_soon" in servers.kinds(ada)
    servers.advance(days=7)
    paid = stigg.subscription("subscription-1")
    assert (paid["status"], paid["latestInvoice"]["total"]) == ("ACTIVE", 49)
    assert servers.last("subscription.trial_converted")["reason"] == "TRIAL_ENDED"


def test_without_a_card_it_expires(servers, stigg, ada, trial):
    servers.advance(days=15)
    assert stigg.subscription("subscription-1")["status"] == "EXPIRED"
    assert stigg.entitlements(ada)[0] == "NoActiveSubscription"
    assert servers.last("subscription.trial_expired")["id"] == "subscription-1"


def test_a_trial_that_does_not_convert_expires_even_with_a_card(servers, stigg, ada, with_card):
    with_card()
    override = {"isTrial": True, "trialEndBehavior": "CANCEL_SUBSCRIPTION"}
    stigg.provision(ada, "plan-pro", refId="subscription-1", trialOverrideConfiguration=override)
    servers.advance(days=15)
    assert stigg.subscription("subscription-1")["status"] == "EXPIRED"


def test_buying_during_the_trial_charges_at_once_and_ends_it(servers, stigg, ada, with_card, trial):
    with_card()
    bought = stigg.provision(ada, "plan-pro", refId="subscription-2", skipTrial=True)
    assert (bought["status"], bought["latestInvoice"]["total"]) == ("ACTIVE", 49)
    assert stigg.subscription("subscription-1")["cancelReason"] == "TrialConverted"
    assert stigg.active(ada) == ["subscription-2"]
    servers.settle()
    assert servers.last("subscription.trial_converted")["reason"] == "PAID_SUBSCRIPTION_PROVISIONED"


def test_a_trial_is_canceled_at_once_or_not_at_all(stigg, trial):
    with pytest.raises(StiggRefused) as refused:
        stigg.cancel("subscription-1", subscriptionCancellationTime="END_OF_BILLING_PERIOD")
    assert refused.value.code == "TrialMustBeCancelledImmediately"
    assert stigg.cancel("subscription-1")["status"] == "CANCELED"


def test_a_preview_of_a_trial_costs_nothing_now(stigg, ada):
    preview = stigg.preview(ada, "plan-pro", **TRIAL)
    assert preview["immediateInvoice"]["total"]["amount"] == 0
    assert preview["recurringInvoice"]["total"]["amount"] == 49


def test_a_charge_refused_at_the_end_of_the_trial_leaves_a_day_to_pay(servers, stigg, ada, with_card, trial):
    with_card("pm_card_chargeCustomerFail")
    servers.advance(days=14, hours=1)
    pending = stigg.subscription("subscription-1")
    assert (pending["status"], pending["paymentCollection"]) == ("PAYMENT_PENDING", "FAILED")
    assert stigg.entitlements(ada)[0] == "NoActiveSubscription"
    servers.advance(hours=23)
    assert stigg.subscription("subscription-1")["cancelReason"] == "PendingPaymentExpired"


def test_a_paid_plan_whose_first_month_is_free_ends_the_right_to_a_trial(stigg, ada, with_card):
    with_card()
    nothing = {"discount": {"percentOff": 100, "name": "First month free"}}
    bought = stigg.provision(ada, "plan-starter", appliedCoupon=nothing)
    assert (bought["status"], bought["latestInvoice"]["total"]) == ("ACTIVE", 0)
    assert stigg.customer(ada)["eligibleForTrial"] == [{"productRefId": "product-tollgate", "eligible": False}]
