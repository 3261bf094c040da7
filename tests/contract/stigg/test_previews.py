"""previewSubscription for new subscriptions (changes have their own file), and previewNextInvoice."""

import pytest

from tests.contract.stigg.callers import StiggRefused


def test_a_new_subscription(stigg, ada):
    preview = stigg.preview(ada, "plan-pro", billingPeriod="ANNUALLY")
    assert preview["immediateInvoice"]["total"] == {"amount": 470, "currency": "USD"}
    assert preview["immediateInvoice"]["proration"] is None
    assert preview["recurringInvoice"]["total"]["amount"] == 470
    assert (preview["isPlanDowngrade"], preview["hasScheduledUpdates"]) == (False, False)
    assert preview["billingPeriodRange"]["end"][:4] > preview["billingPeriodRange"]["start"][:4]


def test_a_coupon_is_taken_off(stigg, ada):
    preview = stigg.preview(ada, "plan-pro", promotionCode="welcome20")
    invoice = preview["immediateInvoice"]
    assert (invoice["subTotal"]["amount"], invoice["discount"]["amount"], invoice["total"]["amount"]) == (49, 9.8, 39.2)
    assert invoice["discountDetails"] == {
        "type": "PERCENTAGE",
        "value": 20,
        "durationType": "FOREVER",
        "name": "20 % off",
    }


def test_an_ad_hoc_discount(stigg, ada):
    discount = {"amountsOff": [{"amount": 10, "currency": "USD"}], "durationInMonths": 3}
    preview = stigg.preview(ada, "plan-pro", appliedCoupon={"discount": discount})
    assert preview["immediateInvoice"]["total"]["amount"] == 39
    assert preview["immediateInvoice"]["discountDetails"]["durationType"] == "REPEATING"


def test_tax_is_added(stigg, ada):
    preview = stigg.preview(ada, "plan-pro", billingInformation={"taxPercentage": 19})
    invoice = preview["immediateInvoice"]
    assert (invoice["totalExcludingTax"]["amount"], invoice["tax"]["amount"]) == (49, 9.31)
    assert invoice["taxDetails"] == {"percentage": 19}


def test_tax_is_billed_as_it_was_shown(servers, stigg, stripe, ada, with_card):
    with_card()
    taxed = {"billingInformation": {"taxPercentage": 8.875}}
    addons = [{"addonId": "addon-extra-seats", "quantity": 3}]
    shown = stigg.preview(ada, "plan-starter", addons=addons, promotionCode="WELCOME20", **taxed)
    bought = stigg.provision(ada, "plan-starter", addons=addons, promotionCode="WELCOME20", refId="s-1", **taxed)
    assert shown["immediateInvoice"]["total"]["amount"] == bought["latestInvoice"]["total"] == 55.75
    assert stigg.next_invoice("s-1")["total"]["amount"] == 55.75
    more = stigg.preview(ada, "plan-pro", addons=addons)["immediateInvoice"]
    changed = stigg.provision(ada, "plan-pro", addons=addons)
    assert changed["latestInvoice"]["total"] == pytest.approx(more["total"]["amount"], abs=0.01)
    assert more["tax"]["amount"] > 0
    servers.advance(days=32)
    assert stigg.subscription("s-1")["latestInvoice"]["total"] == 81.88


def test_tax_rates_of_stripe_are_taken(stigg, stripe, ada, with_card):
    with_card()
    rate = stripe.call("POST", "/v1/tax_rates", display_name="VAT", percentage="19")["id"]
    taxed = {"billingInformation": {"taxRateIds": [rate]}}
    shown = stigg.preview(ada, "plan-pro", **taxed)["immediateInvoice"]
    assert (shown["total"]["amount"], shown["taxDetails"]["percentage"]) == (58.31, 19)
    assert stigg.provision(ada, "plan-pro", **taxed)["latestInvoice"]["total"] == 58.31
    with pytest.raises(StiggRefused) as refused:
        stigg.preview(ada, "plan-pro", billingInformation={"taxRateIds": ["txr_unknown"]})
    assert refused.value.code == "InvalidArgumentError"


def test_a_rate_that_prices_include_leaves_them_as_they_are(stigg, stripe, ada, with_card):
    with_card()
    rate = stripe.call("POST", "/v1/tax_rates", display_name="VAT", percentage="19", inclusive="true")["id"]
    taxed = {"billingInformation": {"taxRateIds": [rate]}}
    shown = stigg.preview(ada, "plan-pro", **taxed)["immediateInvoice"]
    assert (shown["total"]["amount"], shown["tax"]["amount"]) == (49, 7.82)
    assert shown["totalExcludingTax"]["amount"] == 41.18
    assert stigg.provision(ada, "plan-pro", **taxed)["latestInvoice"]["total"] == 49


def test_the_free_plan_has_no_bill(stigg, ada):
    preview = stigg.preview(ada, "plan-free")
    assert preview["immediateInvoice"]["total"]["amount"] == 0
    assert preview["recurringInvoice"] is None


def test_add_ons_count(stigg, ada):
    preview = stigg.preview(ada, "plan-starter", addons=[{"addonId": "addon-extra-seats", "quantity": 2}])
    assert preview["recurringInvoice"]["total"]["amount"] == 49


def test_nothing_is_sold_by_asking(servers, stigg, ada):
    stigg.preview(ada, "plan-pro")
    assert stigg.active(ada) == []
    assert servers.kinds(ada) == ["customer.created"]


def test_the_next_invoice_is_what_the_renewal_bills(servers, stigg, ada, with_card):
    with_card()
    addons = [{"addonId": "addon-extra-seats", "quantity": 2}]
    bought = stigg.provision(ada, "plan-pro", refId="subscription-1", addons=addons, promotionCode="WELCOME20")
    coming = stigg.next_invoice("subscription-1")
    assert (coming["total"]["amount"], coming["discount"]["amount"]) == (63.2, 15.8)
    assert [line["type"] for line in coming["lines"]] == ["BaseCharge", "AddonCharge"]
    assert coming["lines"][0]["period"]["start"] == bought["currentBillingPeriodEnd"]
    servers.advance(days=32)
    assert stigg.subscription("subscription-1")["latestInvoice"]["total"] == 63.2


def test_the_next_invoice_knows_what_is_scheduled(stigg, ada, with_card):
    with_card()
    stigg.provision(ada, "plan-pro", refId="subscription-1")
    stigg.provision(ada, "plan-starter")
    assert stigg.next_invoice("subscription-1")["total"]["amount"] == 19


def test_without_another_bill_there_is_no_next_invoice(stigg, ada, with_card):
    with_card()
    stigg.provision(ada, "plan-pro", refId="subscription-1")
    stigg.cancel("subscription-1")
    with pytest.raises(StiggRefused) as refused:
        stigg.next_invoice("subscription-1")
    assert refused.value.code == "InvalidSubscriptionStatus"
