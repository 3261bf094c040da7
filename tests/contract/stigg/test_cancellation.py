"""Cancelling now, at the end of the period, on a day; and thinking better of it."""

from datetime import datetime, timedelta

import pytest

from tests.contract.stigg.callers import StiggRefused


@pytest.fixture
def pro(stigg, ada, with_card):
    with_card()
    return stigg.provision(ada, "plan-pro", refId="subscription-1")


def test_by_default_it_runs_to_the_end_of_the_period(servers, stigg, ada, pro):
    canceled = stigg.cancel("subscription-1")
    assert canceled["status"] == "ACTIVE"
    assert canceled["cancellationDate"] == canceled["effectiveEndDate"] == pro["currentBillingPeriodEnd"]
    assert stigg.active(ada) == ["subscription-1"]
    servers.advance(days=32)
    ended = stigg.subscription("subscription-1")
    assert (ended["status"], ended["cancelReason"]) == ("CANCELED", "ScheduledCancellation")
    assert stigg.entitlements(ada)[0] == "NoActiveSubscription"
    assert servers.last("subscription.canceled")["cancelReason"] == "ScheduledCancellation"
    assert servers.kinds(ada)[-1] == "entitlements.updated"


def test_a_planned_end_can_be_taken_back(servers, stigg, stripe, pro):
    stigg.cancel("subscription-1", subscriptionCancellationTime="END_OF_BILLING_PERIOD")
    kept = stigg.update_subscription("subscription-1", cancellationDate=None)
    assert (kept["cancellationDate"], kept["effectiveEndDate"]) == (None, None)
    assert stripe.call("GET", f"/v1/subscriptions/{pro['billingId']}")["cancel_at_period_end"] is False
    servers.advance(days=32)
    assert stigg.subscription("subscription-1")["status"] == "ACTIVE"


def test_at_once(servers, stigg, stripe, ada, pro):
    canceled = stigg.cancel("subscription-1", subscriptionCancellationTime="IMMEDIATE")
    assert (canceled["status"], canceled["cancelReason"]) == ("CANCELED", "Immediate")
    assert canceled["endDate"]
    assert stigg.active(ada) == []
    assert stripe.call("GET", f"/v1/subscriptions/{pro['billingId']}")["status"] == "canceled"
    servers.settle()
    assert servers.kinds(ada).count("subscription.canceled") == 1


def test_at_once_with_credit_for_the_rest(stigg, stripe, ada, pro):
    stigg.cancel("subscription-1", subscriptionCancellationTime="IMMEDIATE", prorate=True)
    assert stripe.call("GET", f"/v1/customers/{stigg.customer(ada)['billingId']}")["balance"] < -4000


def test_on_a_day(servers, stigg, ada, pro):
    started_at = pro["currentBillingPeriodStart"]
    with pytest.raises(StiggRefused) as refused:
        stigg.cancel("subscription-1", subscriptionCancellationTime="SPECIFIC_DATE", endDate=started_at)
    assert refused.value.code == "InvalidCancellationDate"
    end = f"{datetime.fromisoformat(started_at) + timedelta(days=10):%Y-%m-%d}T00:00:00.000Z"
    planned = stigg.cancel("subscription-1", subscriptionCancellationTime="SPECIFIC_DATE", endDate=end)
    assert (planned["status"], planned["effectiveEndDate"]) == ("ACTIVE", end)
    servers.advance(days=10)
    assert stigg.subscription("subscription-1")["cancelReason"] == "ScheduledCancellation"


def test_what_is_over_cannot_be_canceled(stigg, pro):
    stigg.cancel("subscription-1", subscriptionCancellationTime="IMMEDIATE")
    with pytest.raises(StiggRefused) as refused:
        stigg.cancel("subscription-1")
    assert refused.value.code == "SubscriptionAlreadyCanceledOrExpired"
    with pytest.raises(StiggRefused) as refused:
        stigg.cancel("subscription-nowhere")
    assert refused.value.code == "SubscriptionNotFound"


def test_a_free_one_ends_at_once(stigg, ada):
    free = stigg.provision(ada, "plan-free")["subscriptionId"]
    assert stigg.cancel(free)["status"] == "CANCELED"


def test_an_unpaid_one_can_be_given_up(servers, stigg, stripe, ada, with_card):
    with_card("pm_card_chargeCustomerFail")
    pending = stigg.provision(ada, "plan-pro", refId="subscription-1")
    canceled = stigg.cancel("subscription-1")
    assert (canceled["status"], canceled["latestInvoice"]["status"]) == ("CANCELED", "CANCELED")
    assert stripe.call("GET", f"/v1/subscriptions/{pending['billingId']}")["status"] == "canceled"


def test_archiving_the_customer_ends_everything(servers, stigg, ada, pro):
    stigg.ask(
        "mutation ($input: ArchiveCustomerInput!) { archiveCustomer(input: $input) { customerId } }",
        input={"customerId": ada},
    )
    assert stigg.subscription("subscription-1")["cancelReason"] == "CustomerArchived"
    assert stigg.entitlements(ada)[0] == "CustomerIsArchived"
    with pytest.raises(StiggRefused) as refused:
        stigg.provision(ada, "plan-free")
    assert refused.value.code == "EntityIsArchivedError"
