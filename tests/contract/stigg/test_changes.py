"""Up, down, sideways: changes of a subscription that is paid for."""

import pytest

from tests.contract.stigg.callers import StiggRefused


@pytest.fixture
def starter(stigg, ada, with_card):
    with_card()
    return stigg.provision(ada, "plan-starter", refId="subscription-1")


def test_an_upgrade_is_immediate_keeps_the_id_and_charges_the_difference(servers, stigg, ada, starter):
    servers.advance(days=15)
    preview = stigg.preview(ada, "plan-pro")
    changed = stigg.provision(ada, "plan-pro", refId="subscription-2", additionalMetaData={"checkout_id": "8"})
    assert changed["subscriptionId"] == "subscription-1"
    assert changed["billingId"] == starter["billingId"]
    assert (changed["plan"]["refId"], changed["status"]) == ("plan-pro", "ACTIVE")
    assert changed["additionalMetaData"] == {"checkout_id": "8"}
    assert changed["latestInvoice"]["billingReason"] == "SUBSCRIPTION_UPDATE"
    assert 0 < changed["latestInvoice"]["total"] < 30
    # A second may pass between the two: a cent at most.
    assert abs(preview["immediateInvoice"]["total"]["amount"] - changed["latestInvoice"]["total"]) <= 0.01
    assert changed["currentBillingPeriodEnd"] == starter["currentBillingPeriodEnd"]
    assert stigg.entitlements(ada)[1]["feature-seats"]["usageLimit"] == 25
    servers.settle()
    updated = servers.last("subscription.updated")
    assert (updated["isUpgrade"], updated["isDowngrade"]) == (True, False)
    assert servers.kinds(ada)[-1] == "entitlements.updated"


def test_the_longer_commitment_starts_a_new_cycle_at_once(servers, stigg, ada, starter):
    servers.advance(days=15)
    preview = stigg.preview(ada, "plan-starter", billingPeriod="ANNUALLY")
    changed = stigg.provision(ada, "plan-starter", billingPeriod="ANNUALLY")
    assert changed["billingPeriod"] == "ANNUALLY"
    assert changed["currentBillingPeriodStart"] > starter["currentBillingPeriodStart"]
    assert 160 < changed["latestInvoice"]["total"] < 182
    assert abs(preview["immediateInvoice"]["total"]["amount"] - changed["latestInvoice"]["total"]) <= 0.01


def test_a_downgrade_waits_for_the_end_of_the_period(servers, stigg, ada, with_card):
    with_card()
    pro = stigg.provision(ada, "plan-pro", refId="subscription-1")
    preview = stigg.preview(ada, "plan-starter")
    assert (preview["isPlanDowngrade"], preview["hasScheduledUpdates"]) == (True, True)
    assert preview["immediateInvoice"]["total"]["amount"] == 0
    waiting = stigg.provision(ada, "plan-starter")
    assert waiting["plan"]["refId"] == "plan-pro"
    update = waiting["scheduledUpdates"][0]
    assert update["subscriptionScheduleType"] == "Downgrade"
    assert update["scheduledExecutionTime"] == pro["currentBillingPeriodEnd"]
    assert waiting["futureUpdates"][0]["scheduleVariables"]["downgradePlanRefId"] == "plan-starter"
    servers.advance(days=32)
    changed = stigg.subscription("subscription-1")
    assert (changed["plan"]["refId"], changed["scheduledUpdates"]) == ("plan-starter", [])
    assert changed["latestInvoice"]["total"] == 19
    assert stigg.entitlements(ada)[1]["feature-seats"]["usageLimit"] == 5


def test_a_scheduled_downgrade_can_be_taken_back(servers, stigg, ada, with_card):
    with_card()
    stigg.provision(ada, "plan-pro", refId="subscription-1")
    stigg.provision(ada, "plan-starter")
    assert stigg.cancel_updates("subscription-1") == "subscription-1"
    assert stigg.subscription("subscription-1")["scheduledUpdates"] == []
    servers.advance(days=32)
    assert stigg.subscription("subscription-1")["plan"]["refId"] == "plan-pro"
    with pytest.raises(StiggRefused) as refused:
        stigg.cancel_updates("subscription-1")
    assert refused.value.code == "FutureUpdateNotFound"


def test_ordering_the_present_plan_again_sets_the_downgrade_aside(stigg, ada, with_card):
    with_card()
    stigg.provision(ada, "plan-pro", refId="subscription-1")
    stigg.provision(ada, "plan-starter")
    assert stigg.provision(ada, "plan-pro")["scheduledUpdates"] == []


def test_an_immediate_downgrade_leaves_credit_at_stripe(servers, stigg, stripe, ada, with_card):
    with_card()
    stigg.provision(ada, "plan-pro", refId="subscription-1")
    servers.advance(days=15)
    preview = stigg.preview(ada, "plan-starter", scheduleStrategy="IMMEDIATE")
    changed = stigg.provision(ada, "plan-starter", scheduleStrategy="IMMEDIATE")
    assert changed["plan"]["refId"] == "plan-starter"
    balance = stripe.call("GET", f"/v1/customers/{stigg.customer(ada)['billingId']}")["balance"]
    left = preview["immediateInvoice"]["credits"]["remaining"]["amount"]
    assert balance < 0
    assert abs(balance / 100 + left) <= 0.01


def test_a_downgrade_to_free_ends_the_paid_one_with_the_period(servers, stigg, stripe, ada, with_card):
    with_card()
    pro = stigg.provision(ada, "plan-pro", refId="subscription-1")
    waiting = stigg.provision(ada, "plan-free")
    assert (waiting["subscriptionId"], waiting["plan"]["refId"]) == ("subscription-1", "plan-pro")
    servers.advance(days=32)
    assert stigg.subscription("subscription-1")["cancelReason"] == "UpgradeOrDowngrade"
    [free] = stigg.active(ada)
    assert stigg.subscription(free)["plan"]["refId"] == "plan-free"
    assert stripe.call("GET", f"/v1/subscriptions/{pro['billingId']}")["status"] == "canceled"
    invoices = stripe.call("GET", "/v1/invoices", customer=stigg.customer(ada)["billingId"])["data"]
    assert len(invoices) == 1


def test_to_free_at_once_gives_credit(stigg, stripe, ada, with_card):
    with_card()
    stigg.provision(ada, "plan-pro", refId="subscription-1")
    free = stigg.provision(ada, "plan-free", refId="subscription-2", scheduleStrategy="IMMEDIATE")
    assert (free["subscriptionId"], free["status"]) == ("subscription-2", "ACTIVE")
    assert stigg.active(ada) == ["subscription-2"]
    assert stripe.call("GET", f"/v1/customers/{stigg.customer(ada)['billingId']}")["balance"] < -4000


def test_add_ons_can_be_added_and_taken_away(servers, stigg, ada, starter):
    more = stigg.update_subscription("subscription-1", addons=[{"addonId": "addon-extra-seats", "quantity": 3}])
    assert more["addons"] == [{"quantity": 3, "addon": {"refId": "addon-extra-seats"}}]
    assert more["totalPrice"]["total"]["amount"] == 64
    assert stigg.entitlements(ada)[1]["feature-seats"]["usageLimit"] == 20
    less = stigg.update_subscription("subscription-1", addons=[])
    assert less["scheduledUpdates"][0]["subscriptionScheduleType"] == "Addon"
    servers.advance(days=32)
    assert stigg.subscription("subscription-1")["addons"] == []


def test_a_custom_plan_needs_no_card_and_replaces_what_there_was(stigg, ada, starter):
    custom = stigg.provision(ada, "plan-enterprise")
    assert (custom["status"], custom["pricingType"], custom["billingId"]) == ("ACTIVE", "CUSTOM", None)
    assert stigg.subscription("subscription-1")["cancelReason"] == "UpgradeOrDowngrade"


def test_metadata_can_be_written_alone(servers, stigg, starter):
    changed = stigg.update_subscription("subscription-1", additionalMetaData={"note": "x"})
    assert changed["additionalMetaData"] == {"note": "x"}
    servers.settle()
    assert servers.last("subscription.updated")["metadata"] == {"note": "x"}


@pytest.mark.parametrize("coupon", [{"couponId": "WELCOME20"}, {"discount": {"percentOff": 50, "name": "Half"}}])
def test_with_a_coupon_the_preview_is_what_is_charged(servers, stigg, ada, with_card, coupon):
    with_card()
    first = stigg.preview(ada, "plan-starter", appliedCoupon=coupon)
    bought = stigg.provision(ada, "plan-starter", appliedCoupon=coupon)
    assert bought["latestInvoice"]["total"] == first["immediateInvoice"]["total"]["amount"]
    servers.advance(days=32)
    renewed = stigg.subscription(bought["subscriptionId"])["latestInvoice"]["total"]
    assert renewed == first["recurringInvoice"]["total"]["amount"]


def test_with_a_coupon_the_difference_is_discounted(servers, stigg, ada, with_card):
    with_card()
    stigg.provision(ada, "plan-starter", appliedCoupon={"couponId": "WELCOME20"})
    servers.advance(days=12)
    preview = stigg.preview(ada, "plan-pro")
    changed = stigg.provision(ada, "plan-pro")
    assert abs(preview["immediateInvoice"]["total"]["amount"] - changed["latestInvoice"]["total"]) <= 0.01


def test_credit_left_from_before_is_used_first(servers, stigg, ada, with_card):
    with_card()
    stigg.provision(ada, "plan-pro", refId="subscription-1")
    stigg.provision(ada, "plan-free", scheduleStrategy="IMMEDIATE")
    preview = stigg.preview(ada, "plan-starter")["immediateInvoice"]
    assert (preview["subTotal"]["amount"], preview["total"]["amount"]) == (19, 0)
    credits = preview["credits"]
    assert credits["used"]["amount"] == 19
    assert credits["remaining"]["amount"] == pytest.approx(credits["initial"]["amount"] - 19)
    bought = stigg.provision(ada, "plan-starter")
    assert (bought["status"], bought["latestInvoice"]["amountDue"]) == ("ACTIVE", 0)
