"""From Stigg's JSON to snapshots: customers, subscriptions, entitlements, previews. No catalog.

The functions raise KeyError, TypeError or ValueError on a wrong shape; the gateway calls them
inside `shape.shaped`, which makes that a GatewayProtocolError.
"""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from billing.gateways.stigg.parse_catalog import parse_feature
from billing.gateways.stigg.types import (
    CustomerSnapshot,
    DiscountSnapshot,
    EntitlementSnapshot,
    EntitlementsStateSnapshot,
    InvoiceSnapshot,
    PreviewSnapshot,
    ProvisionResult,
    ScheduledUpdateSnapshot,
    SubscriptionAddonSnapshot,
    SubscriptionMention,
    SubscriptionPage,
    SubscriptionSnapshot,
)
from billing.gateways.stigg.values import (
    Json,
    moment,
    money,
    money_of,
    number,
    required_moment,
    required_money,
    text,
    whole,
    words,
)

WAITING_STATUSES = frozenset({"Scheduled", "PendingPayment"})


def parse_customer(raw: Json) -> CustomerSnapshot:
    return CustomerSnapshot(
        customer_id=raw["customerId"],
        name=text(raw.get("name")),
        email=text(raw.get("email")),
        billing_id=raw.get("billingId") or None,
        metadata=raw.get("additionalMetaData") or {},
        has_payment_method=bool(raw.get("hasPaymentMethod")),
        default_payment_method_id=raw.get("defaultPaymentMethodId"),
        default_card_brand=text(raw.get("defaultPaymentMethodCardBrand")),
        default_card_last4=text(raw.get("defaultPaymentMethodLast4Digits")),
        trial_eligibility={
            text(row["productRefId"]): bool(row["eligible"]) for row in raw.get("eligibleForTrial") or ()
        },
    )


def parse_active_subscriptions(raw: list[Json]) -> tuple[SubscriptionSnapshot, ...]:
    """Whatever is listed as active runs: one that is called canceled there has an end that is still to come.

    Stigg's documentation shows both words, ACTIVE and CANCELED, for a cancellation at the end of the period.
    """
    found = (parse_subscription(row) for row in raw)
    return tuple(replace(each, status="ACTIVE") if each.status == "CANCELED" else each for each in found)


def parse_subscription_page(raw: Json) -> SubscriptionPage:
    nodes, page = [edge["node"] for edge in raw["edges"]], raw["pageInfo"]
    return SubscriptionPage(
        mentions=tuple(
            SubscriptionMention(n["subscriptionId"], n["customer"]["customerId"], n["status"]) for n in nodes
        ),
        next_cursor=text(page.get("endCursor")) if page["hasNextPage"] else "",
    )


def parse_subscription(raw: Json) -> SubscriptionSnapshot:
    plan = raw["plan"]
    total = (raw.get("totalPrice") or {}).get("total")
    invoice = raw.get("latestInvoice")
    quantities = _unit_quantities(raw)
    return SubscriptionSnapshot(
        subscription_id=raw["subscriptionId"],
        customer_id=raw["customer"]["customerId"],
        status=raw["status"],
        payment_collection=raw["paymentCollection"],
        plan_id=plan["refId"],
        plan_name=text(plan.get("displayName")),
        product_id=text((plan.get("product") or {}).get("refId")),
        pricing_type=raw["pricingType"],
        billing_id=raw.get("billingId"),
        billing_period=raw.get("billingPeriod"),
        started_at=moment(raw.get("startDate")),
        ends_at=moment(raw.get("endDate")),
        effective_ends_at=moment(raw.get("effectiveEndDate")),
        trial_ends_at=moment(raw.get("trialEndDate")),
        trial_end_behavior=text((raw.get("trialConfiguration") or {}).get("trialEndBehavior")),
        cancellation_at=moment(raw.get("cancellationDate")),
        cancel_reason=text(raw.get("cancelReason")),
        current_period_started_at=moment(raw.get("currentBillingPeriodStart")),
        current_period_ends_at=moment(raw.get("currentBillingPeriodEnd")),
        created_at=moment(raw.get("createdAt")),
        total=money(total),
        unit_quantity=quantities[0][1] if quantities else None,
        unit_quantities=quantities,
        addons=tuple(_addon(row) for row in raw.get("addons") or ()),
        scheduled_updates=_updates(raw, "scheduledUpdates"),
        future_updates=_updates(raw, "futureUpdates"),
        latest_invoice=_invoice(invoice) if invoice else None,
        metadata=raw.get("additionalMetaData") or {},
        resource_id=text((raw.get("resource") or {}).get("resourceId")),
    )


def parse_entitlements_state(raw: Json) -> EntitlementsStateSnapshot:
    return EntitlementsStateSnapshot(
        entitlements=tuple(_entitlement(row) for row in raw["entitlements"] if row.get("feature")),
        access_denied_reason=text(raw.get("accessDeniedReason")),
    )


def parse_provision_result(raw: Json) -> ProvisionResult:
    subscription = raw.get("subscription")
    return ProvisionResult(
        status=raw["status"],
        subscription=parse_subscription(subscription) if subscription else None,
        checkout_url=raw.get("checkoutUrl"),
    )


def parse_preview(raw: Json) -> PreviewSnapshot:
    now = raw["immediateInvoice"]
    tax_details = now.get("taxDetails") or {}
    proration = now.get("proration") or {}
    period = raw.get("billingPeriodRange") or {}
    credits = now.get("credits") or {}
    recurring = raw.get("recurringInvoice") or {}
    return PreviewSnapshot(
        due_now=required_money(now["total"]),
        subtotal=required_money(now["subTotal"]),
        tax=money(now.get("tax")),
        tax_label=text(tax_details.get("displayName")),
        tax_percentage=number(tax_details.get("percentage")),
        is_tax_inclusive=bool(tax_details.get("inclusive")),
        discount=money(now.get("discount")),
        discount_details=_discount(now.get("discountDetails")),
        credits_initial=money(credits.get("initial")),
        credits_used=money(credits.get("used")),
        credits_remaining=money(credits.get("remaining")),
        proration_credit=money(proration.get("credit")),
        proration_debit=money(proration.get("debit")),
        proration_net=money(proration.get("netAmount")),
        recurring=money(recurring.get("total")),
        recurring_subtotal=money(recurring.get("subTotal")),
        recurring_tax=money(recurring.get("tax")),
        recurring_discount=money(recurring.get("discount")),
        recurring_discount_details=_discount(recurring.get("discountDetails")),
        period_starts_at=moment(period.get("start")),
        period_ends_at=moment(period.get("end")),
        is_plan_downgrade=bool(raw.get("isPlanDowngrade")),
        has_scheduled_updates=bool(raw.get("hasScheduledUpdates")),
    )


def _discount(raw: Json | None) -> DiscountSnapshot | None:
    if not raw:
        return None
    return DiscountSnapshot(
        name=text(raw.get("name")),
        discount_type=raw["type"],
        value=number(raw["value"]) or Decimal(0),
        duration=raw["durationType"],
        months=whole(raw.get("durationInMonths")),
    )


def _unit_quantities(raw: Json) -> tuple[tuple[str, int], ...]:
    """Committed quantities: on a per-unit price Stigg keeps them as the price's `usageLimit`."""
    return tuple(
        (text(((row.get("price") or {}).get("feature") or {}).get("refId")), int(row["usageLimit"]))
        for row in raw.get("prices") or ()
        if row.get("billingModel") == "PER_UNIT" and row.get("usageLimit") is not None
    )


def _addon(raw: Json) -> SubscriptionAddonSnapshot:
    addon = raw["addon"]
    return SubscriptionAddonSnapshot(
        addon_id=addon["refId"], display_name=text(addon.get("displayName")), quantity=int(raw["quantity"])
    )


def _updates(raw: Json, key: str) -> tuple[ScheduledUpdateSnapshot, ...]:
    """Those still to come: Stigg goes on listing the ones that were canceled, failed or done."""
    return tuple(_update(row) for row in raw.get(key) or () if row["scheduleStatus"] in WAITING_STATUSES)


def _update(raw: Json) -> ScheduledUpdateSnapshot:
    target = raw.get("targetPackage") or {}
    variables = raw.get("scheduleVariables") or {}
    plan_id = variables.get("planRefId") or variables.get("downgradePlanRefId")
    return ScheduledUpdateSnapshot(
        schedule_type=raw["subscriptionScheduleType"],
        status=raw["scheduleStatus"],
        scheduled_at=required_moment(raw["scheduledExecutionTime"]),
        target_id=text(target.get("refId") or plan_id),
        target_name=text(target.get("displayName")),
        billing_period=variables.get("billingPeriod"),
        feature_id=text(variables.get("featureId")),
        quantity=whole(variables.get("newUnitAmount", variables.get("newQuantity"))),
    )


def _invoice(raw: Json) -> InvoiceSnapshot:
    currency = raw.get("currency")
    return InvoiceSnapshot(
        billing_id=raw["billingId"],
        status=raw["status"],
        created_at=moment(raw.get("createdAt")),
        due_at=moment(raw.get("dueDate")),
        error_message=text(raw.get("errorMessage")),
        requires_action=bool(raw.get("requiresAction")),
        payment_secret=raw.get("paymentSecret"),
        payment_url=raw.get("paymentUrl"),
        pdf_url=raw.get("pdfUrl"),
        total=money_of(raw.get("total"), currency),
        amount_due=money_of(raw.get("amountDue"), currency),
        attempt_count=whole(raw.get("attemptCount")) or 0,
    )


def _entitlement(raw: Json) -> EntitlementSnapshot:
    return EntitlementSnapshot(
        feature=parse_feature(raw["feature"]),
        is_granted=bool(raw["isGranted"]),
        access_denied_reason=text(raw.get("accessDeniedReason")),
        usage_limit=number(raw.get("usageLimit")),
        has_unlimited_usage=bool(raw.get("hasUnlimitedUsage")),
        has_soft_limit=bool(raw.get("hasSoftLimit")),
        current_usage=number(raw.get("currentUsage")),
        enum_values=words(raw.get("enumValues")),
        reset_period=raw.get("resetPeriod"),
        usage_period_ends_at=moment(raw.get("usagePeriodEnd")),
        updated_at=moment(raw.get("entitlementUpdatedAt")),
    )
