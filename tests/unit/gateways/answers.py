"""Answers of Stigg and Stripe as JSON, whole and healthy; a test changes the keys that it is about."""

from __future__ import annotations

from typing import Any

STIGG_URL = "http://stigg.test"
EDGE_URL = "http://edge.stigg.test"
STRIPE_URL = "http://stripe.test"
GRAPHQL = f"{STIGG_URL}/graphql"

Json = dict[str, Any]


def failure(code: str, message: str = "no", trace_id: str = "trace-1", data: Any = None) -> Json:
    """A GraphQL answer with one error."""
    return {"data": data, "errors": [{"message": message, "extensions": {"code": code, "traceId": trace_id}}]}


def usd(amount: float) -> Json:
    return {"amount": amount, "currency": "USD"}


def feature(**changes: Any) -> Json:
    return {
        "refId": "feature-seats",
        "displayName": "Seats",
        "description": "People who can sign in",
        "featureType": "NUMBER",
        "meterType": "None",
        "featureUnits": "seat",
        "featureUnitsPlural": "seats",
    } | changes


def stigg_customer(**changes: Any) -> Json:
    return {
        "customerId": "c-1",
        "name": "Alice",
        "email": "alice@example.com",
        "billingId": "cus_1",
        "additionalMetaData": {"tollgate_customer": "1"},
        "hasPaymentMethod": True,
        "defaultPaymentMethodId": "pm_1",
        "defaultPaymentMethodCardBrand": "visa",
        "defaultPaymentMethodLast4Digits": "4242",
        "eligibleForTrial": [{"productRefId": "product-tollgate", "eligible": False}],
    } | changes


def price(**changes: Any) -> Json:
    return {
        "billingPeriod": "MONTHLY",
        "billingModel": "FLAT_FEE",
        "billingCadence": "RECURRING",
        "price": usd(49.9),
        "tiersMode": None,
        "tiers": None,
        "minUnitQuantity": None,
        "maxUnitQuantity": None,
        "blockSize": None,
        "billingCountryCode": None,
        "feature": None,
    } | changes


def package_entitlement(**changes: Any) -> Json:
    return {
        "usageLimit": 10,
        "hasUnlimitedUsage": False,
        "hasSoftLimit": None,
        "isCustom": False,
        "isGranted": True,
        "resetPeriod": "MONTH",
        "enumValues": None,
        "displayNameOverride": None,
        "hiddenFromWidgets": None,
        "feature": feature(),
    } | changes


def plan(**changes: Any) -> Json:
    return {
        "refId": "plan-pro",
        "displayName": "Pro",
        "description": None,
        "versionNumber": 3,
        "pricingType": "PAID",
        "additionalMetaData": None,
        "hiddenFromWidgets": None,
        "product": {"refId": "product-tollgate"},
        "basePlan": {"refId": "plan-starter", "displayName": "Starter"},
        "defaultTrialConfig": {"duration": 14, "units": "DAY", "trialEndBehavior": "CONVERT_TO_PAID"},
        "prices": [price(), price(billingPeriod="ANNUALLY", price=usd(470))],
        "entitlements": [package_entitlement()],
        "inheritedEntitlements": None,
        "compatibleAddons": [
            {
                "refId": "extra-seats",
                "displayName": "Extra seats",
                "description": None,
                "maxQuantity": 5,
                "pricingType": "PAID",
                "prices": [price(price=usd(5))],
                "dependencies": [{"refId": "sso"}],
            }
        ],
    } | changes


def paywall(**changes: Any) -> Json:
    return {
        "plans": [plan()],
        "currency": {"code": "USD"},
        "configuration": None,
        "paywallCalculatedPricePoints": [
            {
                "planId": "plan-pro",
                "billingPeriod": "MONTHLY",
                "amount": 49.9,
                "currency": "USD",
                "billingCountryCode": None,
                "additionalChargesMayApply": True,
            }
        ],
    } | changes


def stigg_invoice(**changes: Any) -> Json:
    return {
        "billingId": "in_1",
        "status": "OPEN",
        "createdAt": "2026-11-01T00:00:00.000Z",
        "dueDate": None,
        "errorMessage": "Your card was declined.",
        "requiresAction": False,
        "paymentSecret": "pi_1_secret_hush",
        "paymentUrl": "https://pay.example/in_1",
        "pdfUrl": None,
        "currency": "usd",
        "total": 49.9,
        "amountDue": 49.9,
        "attemptCount": 1,
    } | changes


def subscription(**changes: Any) -> Json:
    return {
        "subscriptionId": "s-1",
        "status": "ACTIVE",
        "paymentCollection": "NOT_REQUIRED",
        "pricingType": "PAID",
        "billingId": "sub_1",
        "billingPeriod": "MONTHLY",
        "startDate": "2026-11-01T00:00:00.000Z",
        "endDate": None,
        "effectiveEndDate": None,
        "trialEndDate": None,
        "cancellationDate": None,
        "cancelReason": None,
        "currentBillingPeriodStart": "2026-11-01T00:00:00.000Z",
        "currentBillingPeriodEnd": "2026-12-01T00:00:00.000Z",
        "createdAt": "2026-11-01T00:00:00.000Z",
        "additionalMetaData": {"checkout_id": "ck-1"},
        "customer": {"customerId": "c-1"},
        "plan": {"refId": "plan-pro", "displayName": "Pro", "product": {"refId": "product-tollgate"}},
        "totalPrice": {"total": usd(49.9)},
        "prices": [
            {"usageLimit": None, "billingModel": "FLAT_FEE", "price": {"feature": None}},
            {"usageLimit": 7, "billingModel": "PER_UNIT", "price": {"feature": {"refId": "feature-seats"}}},
        ],
        "addons": [{"quantity": 2, "addon": {"refId": "extra-seats", "displayName": "Extra seats"}}],
        "scheduledUpdates": None,
        "futureUpdates": [],
        "latestInvoice": None,
    } | changes


def entitlement(**changes: Any) -> Json:
    return {
        "isGranted": True,
        "accessDeniedReason": None,
        "usageLimit": 10,
        "hasUnlimitedUsage": False,
        "hasSoftLimit": False,
        "currentUsage": 2.5,
        "enumValues": None,
        "resetPeriod": "MONTH",
        "usagePeriodEnd": "2026-12-01T00:00:00.000Z",
        "entitlementUpdatedAt": "2026-11-02T00:00:00.000Z",
        "feature": feature(),
    } | changes


def entitlements_state(**changes: Any) -> Json:
    return {"accessDeniedReason": None, "entitlements": [entitlement()]} | changes


def preview(**changes: Any) -> Json:
    return {
        "immediateInvoice": {
            "total": usd(39.92),
            "subTotal": usd(49.9),
            "tax": None,
            "taxDetails": None,
            "discount": usd(9.98),
            "credits": None,
            "proration": None,
        },
        "recurringInvoice": {"total": usd(49.9)},
        "billingPeriodRange": {"start": "2026-11-01T00:00:00.000Z", "end": "2026-12-01T00:00:00.000Z"},
        "isPlanDowngrade": False,
        "hasScheduledUpdates": False,
    } | changes


def setup_intent(**changes: Any) -> Json:
    return {
        "id": "seti_1",
        "object": "setup_intent",
        "status": "requires_payment_method",
        "customer": "cus_1",
        "payment_method": None,
        "client_secret": "seti_1_secret_hush",
        "metadata": {"checkout_id": "ck-1"},
        "last_setup_error": None,
    } | changes


def payment_method(**changes: Any) -> Json:
    return {
        "id": "pm_1",
        "object": "payment_method",
        "type": "card",
        "customer": "cus_1",
        "created": 1793491200,
        "card": {"brand": "visa", "last4": "4242", "exp_month": 12, "exp_year": 2030, "wallet": None},
    } | changes


def payment_intent(**changes: Any) -> Json:
    return {
        "id": "pi_1",
        "object": "payment_intent",
        "status": "requires_payment_method",
        "amount": 4990,
        "currency": "usd",
        "customer": "cus_1",
        "client_secret": "pi_1_secret_hush",
        "last_payment_error": {
            "code": "card_declined",
            "decline_code": "insufficient_funds",
            "message": "Your card has insufficient funds.",
        },
    } | changes


def invoice(**changes: Any) -> Json:
    return {
        "id": "in_1",
        "object": "invoice",
        "status": "open",
        "customer": "cus_1",
        "currency": "usd",
        "total": 4990,
        "amount_due": 4990,
        "amount_remaining": 4990,
        "number": None,
        "created": 1793491200,
        "due_date": None,
        "period_start": 1793491200,
        "period_end": 1793491200,
        "attempt_count": 1,
        "hosted_invoice_url": "https://invoice.example/in_1",
        "invoice_pdf": None,
        "billing_reason": "subscription_create",
        "parent": {"type": "subscription_details", "subscription_details": {"subscription": "sub_1"}},
        "lines": {"object": "list", "data": [{"period": {"start": 1793491200, "end": 1796083200}}]},
    } | changes


def listed(*rows: Json) -> Json:
    return {"object": "list", "data": list(rows), "has_more": False, "url": "/v1/x"}


def stripe_failure(kind: str = "invalid_request_error", **details: Any) -> Json:
    return {"error": {"type": kind, "message": "no"} | details}
