"""From sign-up to an active subscription, and what everyone is told about it."""

import pytest

from tests.contract.stigg.callers import StiggRefused


def test_a_customer_buys_pro(servers, stigg, stripe, ada, with_card):
    with_card()
    bought = stigg.provision(ada, "plan-pro", refId="subscription-1", additionalMetaData={"checkout_id": "7"})
    assert bought["subscriptionId"] == "subscription-1"
    assert (bought["status"], bought["paymentCollection"]) == ("ACTIVE", "NOT_REQUIRED")
    assert bought["latestInvoice"]["status"] == "PAID"
    assert bought["latestInvoice"]["total"] == 49
    assert bought["additionalMetaData"] == {"checkout_id": "7"}
    assert stripe.call("GET", f"/v1/subscriptions/{bought['billingId']}")["status"] == "active"
    assert stigg.active(ada) == ["subscription-1"]
    reason, granted = stigg.entitlements(ada)
    assert reason is None
    assert granted["feature-projects"]["hasUnlimitedUsage"]
    assert granted["feature-seats"]["usageLimit"] == 25
    servers.settle()
    assert servers.kinds(ada) == [
        "customer.created",
        "payment_method.attached",
        "customer.updated",
        "customer.updated",
        "subscription.created",
        "entitlements.updated",
    ]
    created = servers.last("subscription.created")
    assert (created["id"], created["status"], created["plan"]["id"]) == ("subscription-1", "ACTIVE", "plan-pro")
    assert created["metadata"] == {"checkout_id": "7"}
    assert created["isUpgrade"] is False


def test_the_attached_card_becomes_the_default_without_being_told(servers, stigg, stripe, ada):
    method = stripe.save_card(stigg.customer(ada)["billingId"], "pm_card_mastercard")
    servers.settle()
    found = stigg.customer(ada)
    assert found["hasPaymentMethod"]
    assert found["defaultPaymentMethodId"] == method
    assert (found["defaultPaymentMethodCardBrand"], found["defaultPaymentMethodLast4Digits"]) == ("mastercard", "4444")
    assert stigg.provision(ada, "plan-starter")["status"] == "ACTIVE"


def test_apply_takes_the_payment_method_along(stigg, stripe, ada):
    method = stripe.save_card(stigg.customer(ada)["billingId"], "pm_card_visa")
    bought = stigg.apply(ada, "plan-starter", billingPeriod="ANNUALLY", paymentMethodId=method)
    assert (bought["status"], bought["latestInvoice"]["total"]) == ("ACTIVE", 182)


def test_without_a_card_a_paid_plan_is_refused_and_the_application_told(servers, stigg, ada):
    with pytest.raises(StiggRefused) as refused:
        stigg.provision(ada, "plan-pro", refId="subscription-1")
    assert refused.value.code == "PaymentMethodNotFoundError"
    assert stigg.active(ada) == []
    servers.settle()
    failed = servers.last("subscription.create_failed")
    assert failed["input"]["planId"] == "plan-pro"
    assert failed["traceId"] == refused.value.trace_id


def test_the_free_plan_needs_no_card_and_never_reaches_stripe(stigg, ada):
    bought = stigg.provision(ada, "plan-free", billingPeriod=None)
    assert (bought["status"], bought["billingId"], bought["pricingType"]) == ("ACTIVE", None, "FREE")
    assert bought["subscriptionId"].startswith("subscription-plan-free-")
    assert stigg.entitlements(ada)[1]["feature-projects"]["usageLimit"] == 3


def test_a_paid_plan_replaces_the_free_one_only_once_it_is_paid(servers, stigg, ada, with_card):
    free = stigg.provision(ada, "plan-free")["subscriptionId"]
    with_card("pm_card_chargeCustomerFail")
    pending = stigg.provision(ada, "plan-pro")
    assert pending["status"] == "PAYMENT_PENDING"
    assert stigg.active(ada) == [free]
    with_card("pm_card_visa")
    paid = stigg.provision(ada, "plan-pro")
    assert stigg.active(ada) == [paid["subscriptionId"]]
    assert stigg.subscription(free)["cancelReason"] == "UpgradeOrDowngrade"
    assert stigg.subscription(pending["subscriptionId"])["status"] == "CANCELED"
    servers.settle()
    assert servers.last("subscription.created")["isUpgrade"] is True


def test_a_ref_id_can_be_used_once(stigg, ada, with_card):
    with_card()
    stigg.provision(ada, "plan-starter", refId="subscription-1")
    with pytest.raises(StiggRefused) as refused:
        stigg.provision(ada, "plan-pro", refId="subscription-1")
    assert refused.value.code == "DuplicatedEntityNotAllowed"


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"planId": "plan-nowhere"}, "PlanNotFound"),
        ({"billingPeriod": None}, "BillingPeriodMissingError"),
        ({"addons": [{"addonId": "addon-nowhere"}]}, "AddonsNotFound"),
        ({"addons": [{"addonId": "addon-extra-seats", "quantity": 21}]}, "AddonQuantityExceedsLimitError"),
        ({"addons": [{"addonId": "addon-extra-seats"}] * 2}, "DuplicateAddonProvisionedError"),
        ({"billableFeatures": [{"featureId": "feature-seats", "quantity": 2}]}, "InvalidQuantity"),
        ({"unitQuantity": 3}, "InvalidQuantity"),
        ({"appliedCoupon": {"couponId": "NOWHERE"}}, "CouponNotFound"),
        ({"promotionCode": "NOWHERE"}, "PromotionCodeNotFound"),
        ({"customerId": "customer-nobody"}, "CustomerNotFound"),
        ({"budget": {"limit": 5, "hasSoftLimit": True}}, "UnsupportedParameter"),
    ],
)
def test_what_cannot_be_sold_is_refused(stigg, ada, with_card, given, code):
    with_card()
    with pytest.raises(StiggRefused) as refused:
        stigg.provision(**{"customer_id": ada, "plan_id": "plan-pro", **given})
    assert refused.value.code == code


def test_add_ons_and_a_coupon_are_billed_and_granted(stigg, stripe, ada, with_card):
    with_card()
    bought = stigg.provision(
        ada,
        "plan-starter",
        addons=[{"addonId": "addon-extra-seats", "quantity": 2}],
        appliedCoupon={"couponId": "WELCOME20"},
    )
    assert bought["totalPrice"]["subTotal"]["amount"] == 49
    assert bought["totalPrice"]["addonsTotal"]["amount"] == 30
    assert bought["totalPrice"]["total"]["amount"] == 39.2
    assert bought["latestInvoice"]["total"] == 39.2
    assert stigg.entitlements(ada)[1]["feature-seats"]["usageLimit"] == 15


def test_payment_may_be_left_to_settle_later(servers, stigg, ada, with_card):
    with_card()
    bought = stigg.provision(ada, "plan-pro", refId="subscription-1", awaitPaymentConfirmation=False)
    assert (bought["status"], bought["paymentCollection"]) == ("PAYMENT_PENDING", "PROCESSING")
    servers.advance(seconds=2)
    assert stigg.subscription("subscription-1")["status"] == "ACTIVE"
    assert servers.last("subscription.updated")["status"] == "ACTIVE"


def test_a_later_start_waits_for_its_day(servers, stigg, ada, with_card):
    with_card()
    start = "2100-01-01T00:00:00.000Z"
    assert stigg.provision(ada, "plan-pro", startDate=start)["status"] == "NOT_STARTED"
    assert stigg.active(ada) == []


def test_billing_information_is_forwarded(stigg, stripe, ada, with_card):
    with_card()
    billing = {"billingAddress": {"line1": "1 Main St", "country": "DE"}, "metadata": {"order": "9"}}
    bought = stigg.provision(ada, "plan-pro", billingInformation=billing)
    assert stripe.call("GET", f"/v1/customers/{stigg.customer(ada)['billingId']}")["address"]["country"] == "DE"
    metadata = stripe.call("GET", f"/v1/subscriptions/{bought['billingId']}")["metadata"]
    assert metadata["order"] == "9"
    assert metadata["stigg_subscription_id"] == bought["subscriptionId"]


def test_an_invoice_may_be_sent_instead_of_charging_a_card(stigg, stripe, ada):
    bought = stigg.provision(
        ada,
        "plan-pro",
        paymentCollectionMethod="INVOICE",
        billingInformation={"invoiceDaysUntilDue": 14},
    )
    assert (bought["status"], bought["paymentCollectionMethod"]) == ("ACTIVE", "INVOICE")
    assert bought["latestInvoice"]["status"] == "OPEN"
    invoice = stripe.call("GET", f"/v1/invoices/{bought['latestInvoice']['billingId']}")
    assert invoice["collection_method"] == "send_invoice"


def test_nobody_may_collect_at_all(servers, stigg, ada):
    bought = stigg.provision(ada, "plan-pro", paymentCollectionMethod="NONE")
    assert (bought["status"], bought["billingId"], bought["latestInvoice"]) == ("ACTIVE", None, None)
    assert bought["currentBillingPeriodEnd"]
    servers.advance(days=32)
    later = stigg.subscription(bought["subscriptionId"])
    assert later["currentBillingPeriodStart"] == bought["currentBillingPeriodEnd"]
