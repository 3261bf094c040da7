"""What becomes of a subscription whose first charge, renewal or change cannot be paid."""

import pytest


def test_a_declined_first_charge_leaves_it_pending_with_an_open_invoice(servers, stigg, ada, with_card):
    with_card("pm_card_chargeCustomerFail")
    pending = stigg.provision(ada, "plan-pro", refId="subscription-1")
    invoice = pending["latestInvoice"]
    assert (pending["status"], pending["paymentCollection"]) == ("PAYMENT_PENDING", "FAILED")
    assert invoice["status"] == "OPEN"
    assert "declined" in invoice["errorMessage"]
    assert invoice["paymentUrl"].startswith("http://127.0.0.1")
    assert invoice["paymentSecret"]
    assert stigg.entitlements(ada)[0] == "NoActiveSubscription"
    servers.settle()
    failed = servers.last("customer.payment_failed")
    assert failed["subscription"]["id"] == "subscription-1"
    assert failed["error"]["message"] == invoice["errorMessage"]
    assert "entitlements.updated" not in servers.kinds(ada)


def test_paying_the_open_invoice_with_another_card_activates_it(servers, stigg, stripe, ada, with_card):
    with_card("pm_card_chargeCustomerFail")
    pending = stigg.provision(ada, "plan-pro", refId="subscription-1")
    method = with_card("pm_card_visa")
    stripe.call("POST", f"/v1/invoices/{pending['latestInvoice']['billingId']}/pay", payment_method=method)
    servers.settle()
    paid = stigg.subscription("subscription-1")
    assert (paid["status"], paid["paymentCollection"]) == ("ACTIVE", "NOT_REQUIRED")
    assert paid["latestInvoice"]["status"] == "PAID"
    assert servers.last("subscription.updated")["status"] == "ACTIVE"
    assert servers.kinds(ada)[-1] == "entitlements.updated"


def test_a_charge_that_wants_3d_secure_asks_for_action(servers, stigg, stripe, ada, with_card):
    with_card("pm_card_authenticationRequired")
    pending = stigg.provision(ada, "plan-pro", refId="subscription-1")
    invoice = pending["latestInvoice"]
    assert (pending["status"], pending["paymentCollection"]) == ("PAYMENT_PENDING", "ACTION_REQUIRED")
    assert invoice["requiresAction"] is True
    secret = invoice["paymentSecret"]
    stripe.authenticate(secret.split("_secret")[0], secret, "accept")
    servers.settle()
    assert stigg.subscription("subscription-1")["status"] == "ACTIVE"


def test_a_failed_3d_secure_turns_action_into_failure(servers, stigg, stripe, ada, with_card):
    with_card("pm_card_authenticationRequired")
    secret = stigg.provision(ada, "plan-pro", refId="subscription-1")["latestInvoice"]["paymentSecret"]
    stripe.authenticate(secret.split("_secret")[0], secret, "refuse")
    servers.settle()
    pending = stigg.subscription("subscription-1")
    assert (pending["status"], pending["paymentCollection"]) == ("PAYMENT_PENDING", "FAILED")
    assert pending["latestInvoice"]["errorMessage"]
    assert servers.kinds(ada).count("customer.payment_failed") == 2


def test_an_unpaid_first_invoice_ends_it_within_a_day(servers, stigg, stripe, ada, with_card):
    with_card("pm_card_chargeCustomerFail")
    pending = stigg.provision(ada, "plan-pro", refId="subscription-1")
    servers.advance(hours=22)
    assert stigg.subscription("subscription-1")["status"] == "PAYMENT_PENDING"
    servers.advance(hours=2)
    ended = stigg.subscription("subscription-1")
    assert (ended["status"], ended["cancelReason"]) == ("CANCELED", "PendingPaymentExpired")
    assert ended["latestInvoice"]["status"] == "CANCELED"
    assert stripe.call("GET", f"/v1/subscriptions/{pending['billingId']}")["status"] == "incomplete_expired"
    canceled = servers.last("subscription.canceled")
    assert canceled["cancelReason"] == "PendingPaymentExpired"


def test_it_ends_after_a_day_even_if_stripe_never_says_so(servers, stigg, ada, with_card):
    with_card("pm_card_chargeCustomerFail")
    pending = stigg.provision(ada, "plan-pro", refId="subscription-1")
    servers.world.clock.cancel(f"stripe:{pending['billingId']}:expire")
    servers.advance(hours=23.5)
    assert stigg.subscription("subscription-1")["status"] == "PAYMENT_PENDING"
    servers.advance(hours=1)
    assert stigg.subscription("subscription-1")["cancelReason"] == "PendingPaymentExpired"


def test_a_failed_renewal_keeps_access_and_says_so(servers, stigg, ada, with_card):
    with_card()
    stigg.provision(ada, "plan-pro", refId="subscription-1")
    with_card("pm_card_chargeCustomerFail")
    servers.advance(days=32)
    failing = stigg.subscription("subscription-1")
    assert (failing["status"], failing["paymentCollection"]) == ("ACTIVE", "FAILED")
    assert failing["latestInvoice"]["status"] == "OPEN"
    assert failing["latestInvoice"]["billingReason"] == "BILLING_CYCLE"
    assert servers.last("customer.payment_failed")["subscription"]["status"] == "ACTIVE"
    assert stigg.entitlements(ada)[0] is None


def test_a_renewal_moves_the_period_on(servers, stigg, ada, with_card):
    with_card()
    before = stigg.provision(ada, "plan-pro", refId="subscription-1")
    servers.advance(days=32)
    after = stigg.subscription("subscription-1")
    assert after["currentBillingPeriodStart"] == before["currentBillingPeriodEnd"]
    assert after["latestInvoice"]["billingId"] != before["latestInvoice"]["billingId"]
    assert after["latestInvoice"]["status"] == "PAID"
    assert "subscription.updated" in servers.kinds(ada)


def test_stripe_ending_it_ends_it_here(servers, stigg, stripe, ada, with_card):
    with_card()
    bought = stigg.provision(ada, "plan-pro", refId="subscription-1")
    stripe.call("DELETE", f"/v1/subscriptions/{bought['billingId']}")
    servers.settle()
    ended = stigg.subscription("subscription-1")
    assert (ended["status"], ended["cancelReason"]) == ("CANCELED", "CancelledByBilling")
    assert stigg.entitlements(ada)[0] == "NoActiveSubscription"


@pytest.mark.parametrize("card", ["pm_card_chargeCustomerFail", "pm_card_authenticationRequired"])
def test_a_change_that_cannot_be_paid_waits_and_the_old_plan_stays(servers, stigg, stripe, ada, with_card, card):
    with_card()
    stigg.provision(ada, "plan-starter", refId="subscription-1")
    with_card(card)
    servers.advance(days=10)
    waiting = stigg.provision(ada, "plan-pro")
    assert waiting["subscriptionId"] == "subscription-1"
    assert (waiting["status"], waiting["plan"]["refId"]) == ("ACTIVE", "plan-starter")
    assert waiting["paymentCollection"] in {"FAILED", "ACTION_REQUIRED"}
    assert [u["scheduleStatus"] for u in waiting["futureUpdates"]] == ["PendingPayment"]
    method = with_card("pm_card_visa")
    stripe.call("POST", f"/v1/invoices/{waiting['latestInvoice']['billingId']}/pay", payment_method=method)
    servers.settle()
    changed = stigg.subscription("subscription-1")
    assert (changed["plan"]["refId"], changed["paymentCollection"]) == ("plan-pro", "NOT_REQUIRED")
    assert [u["scheduleStatus"] for u in changed["futureUpdates"]] == ["Done"]


def test_a_change_that_waits_for_payment_can_be_dropped(servers, stigg, ada, with_card):
    with_card()
    stigg.provision(ada, "plan-starter", refId="subscription-1")
    with_card("pm_card_chargeCustomerFail")
    servers.advance(days=10)
    stigg.provision(ada, "plan-pro")
    assert stigg.cancel_updates("subscription-1", "PendingPayment") == "subscription-1"
    after = stigg.subscription("subscription-1")
    assert (after["plan"]["refId"], after["paymentCollection"]) == ("plan-starter", "NOT_REQUIRED")
    assert after["latestInvoice"]["status"] == "CANCELED"


def test_a_change_that_stays_unpaid_is_given_up_within_a_day(servers, stigg, stripe, ada, with_card):
    with_card()
    before = stigg.provision(ada, "plan-starter", refId="subscription-1")
    with_card("pm_card_chargeCustomerFail")
    servers.advance(days=10)
    stigg.provision(ada, "plan-pro")
    servers.advance(hours=24)
    after = stigg.subscription("subscription-1")
    assert (after["plan"]["refId"], after["paymentCollection"]) == ("plan-starter", "NOT_REQUIRED")
    assert [u["scheduleStatus"] for u in after["futureUpdates"]] == ["Canceled"]
    with_card("pm_card_visa")
    servers.advance(days=30)
    renewed = stigg.subscription("subscription-1")["latestInvoice"]
    assert (renewed["status"], renewed["total"]) == ("PAID", 19)
    assert before["latestInvoice"]["total"] == 19


def test_voiding_the_invoice_of_a_change_at_stripe_puts_the_old_plan_back(servers, stigg, stripe, ada, with_card):
    with_card()
    stigg.provision(ada, "plan-starter", refId="subscription-1")
    with_card("pm_card_chargeCustomerFail")
    servers.advance(days=10)
    waiting = stigg.provision(ada, "plan-pro")
    stripe.call("POST", f"/v1/invoices/{waiting['latestInvoice']['billingId']}/void")
    servers.settle()
    after = stigg.subscription("subscription-1")
    assert [u["scheduleStatus"] for u in after["futureUpdates"]] == ["Canceled"]
    at_stripe = stripe.call("GET", f"/v1/subscriptions/{after['billingId']}")
    assert at_stripe["items"]["data"][0]["price"]["unit_amount"] == 1900


def test_trying_again_with_another_card_replaces_the_change_that_waits(servers, stigg, ada, with_card):
    with_card()
    stigg.provision(ada, "plan-starter", refId="subscription-1")
    with_card("pm_card_chargeCustomerFail")
    servers.advance(days=10)
    stigg.provision(ada, "plan-pro")
    with_card("pm_card_visa")
    changed = stigg.provision(ada, "plan-pro")
    assert (changed["plan"]["refId"], changed["paymentCollection"]) == ("plan-pro", "NOT_REQUIRED")
    assert [u["scheduleStatus"] for u in changed["futureUpdates"]] == ["Canceled"]
