"""A subscription with its prices, its latest invoice and the changes that wait."""

from datetime import datetime
from typing import Any

from sandbox.catalog.model import stable_uuid
from sandbox.catalog.money import to_decimal
from sandbox.stigg import pricing
from sandbox.stigg.state import FutureUpdate, Invoice, StiggState, Subscription
from sandbox.stigg.wire import catalog as catalog_wire
from sandbox.stigg.wire import customer as customer_wire

Wire = dict[str, Any]


def subscription(state: StiggState, item: Subscription, now: datetime) -> Wire:
    plan = state.catalog.plans[item.plan_id]
    owner, payer = state.customers[item.customer_ref_id], state.customers.get(item.payer_ref_id or "")
    updates = [future_update(state, update) for update in item.future_updates]
    return {
        "id": item.id,
        "refId": item.ref_id,
        "subscriptionId": item.ref_id,
        "status": status(state, item),
        "additionalMetaData": item.metadata,
        "billingId": item.billing_id,
        "billingLinkUrl": None,
        "billingSyncError": None,
        "effectiveEndDate": item.effective_end_at,
        "cancellationDate": item.cancellation_at,
        "cancelReason": item.cancel_reason,
        "currentBillingPeriodStart": item.period_start,
        "currentBillingPeriodEnd": item.period_end,
        "billingPeriod": item.choice.billing_period,
        "pricingType": item.pricing_type,
        "latestInvoice": item.latest_invoice and invoice(item.latest_invoice),
        "paymentCollection": item.payment_collection,
        "paymentCollectionMethod": item.payment_collection_method,
        "resource": item.resource_id and {"resourceId": item.resource_id},
        "experimentInfo": None,
        "prices": [_price(state, line) for line in lines(state, item)],
        "totalPrice": _total_price(state, item, now),
        "plan": lambda _info: catalog_wire.plan(state, plan, item.choice.country),
        "addons": [_addon(state, item, ref_id, count) for ref_id, count in item.choice.addons],
        "customer": lambda _info: customer_wire.customer(state, owner, now),
        "payingCustomer": lambda _info: payer and customer_wire.customer(state, payer, now),
        "createdAt": item.created_at,
        "startDate": item.start_at,
        "endDate": item.end_at,
        "trialEndDate": item.trial_end_at,
        "trialConfiguration": item.trial_end_behavior and {"trialEndBehavior": item.trial_end_behavior},
        "scheduledUpdates": [u for u in updates if u["scheduleStatus"] == "Scheduled"],
        "futureUpdates": updates,
    }


def status(state: StiggState, item: Subscription) -> str:
    """Documents disagree on what a subscription is called between its cancellation and its end."""
    ending = item.status == "ACTIVE" and item.effective_end_at is not None
    return "CANCELED" if ending and state.catalog.behaviour.planned_end == "canceled" else item.status


def lines(state: StiggState, item: Subscription) -> list[pricing.Line]:
    choice = item.choice
    if item.pricing_type != "PAID" or choice.billing_period is None:
        return []
    return pricing.lines(
        state.catalog.plans[choice.plan_id],
        choice.billing_period,
        quantities=dict(choice.quantities),
        addons=[(state.catalog.addons[ref_id], count) for ref_id, count in choice.addons],
        country=choice.country,
    )


def invoice(item: Invoice) -> Wire:
    def units(minor: int) -> float:
        return to_decimal(minor, item.currency)

    return {
        "billingId": item.billing_id,
        "status": item.status,
        "createdAt": item.created_at,
        "updatedAt": item.updated_at,
        "dueDate": item.due_at,
        "errorMessage": item.error_message,
        "requiresAction": item.requires_action,
        "paymentSecret": item.payment_secret,
        "paymentUrl": item.payment_url,
        "pdfUrl": item.pdf_url,
        "billingReason": item.billing_reason,
        # Stripe's own spelling passes through here, unlike everywhere else.
        "currency": item.currency.lower(),
        "subTotal": units(item.subtotal),
        "subTotalExcludingTax": units(item.subtotal),
        "total": units(item.total),
        "totalExcludingTax": units(item.total_excluding_tax),
        "tax": units(item.tax),
        "amountDue": units(item.amount_due),
        "attemptCount": item.attempt_count,
    }


def future_update(state: StiggState, item: FutureUpdate) -> Wire:
    target = state.catalog.plans[item.choice.plan_id]
    return {
        "subscriptionScheduleType": item.kind,
        "scheduleStatus": item.status,
        "scheduledExecutionTime": item.executes_at,
        "targetPackage": {
            "id": stable_uuid("package", target.ref_id),
            "refId": target.ref_id,
            "displayName": target.display_name,
            "pricingType": target.pricing_type,
        },
        "scheduleVariables": _variables(item),
    }


def _variables(item: FutureUpdate) -> Wire:
    choice = item.choice
    quantities = [{"featureId": feature_id, "quantity": n} for feature_id, n in choice.quantities]
    addons = [{"addonRefId": ref_id, "quantity": n} for ref_id, n in choice.addons]
    common = {
        "billingPeriod": choice.billing_period,
        "billableFeatures": quantities,
        "addons": addons,
        "priceOverrides": [],
    }
    if item.kind == "Downgrade":
        return common | {"__typename": "DowngradeChangeVariables", "downgradePlanRefId": choice.plan_id}
    if item.kind == "Plan":
        upgrade = {"__typename": "PlanChangeVariables", "planRefId": choice.plan_id, "changeType": "UPGRADE"}
        return common | upgrade
    if item.kind == "BillingPeriod":
        return {"__typename": "BillingPeriodChangeVariables", "billingPeriod": choice.billing_period}
    if item.kind == "Addon":
        first = addons[0] if addons else {"addonRefId": "", "quantity": 0}
        return {
            "__typename": "AddonChangeVariables",
            "addonRefId": first["addonRefId"],
            "newQuantity": first["quantity"],
        }
    feature_id, amount = choice.quantities[0] if choice.quantities else (None, None)
    return {"__typename": "UnitAmountChangeVariables", "newUnitAmount": amount, "featureId": feature_id}


def _price(state: StiggState, line: pricing.Line) -> Wire:
    return {
        "usageLimit": line.quantity if line.price.feature_id else None,
        "price": catalog_wire.price(state, line.package, line.price),
        "billingModel": line.price.billing_model,
    }


def _addon(state: StiggState, item: Subscription, ref_id: str, count: int) -> Wire:
    return {
        "id": stable_uuid("subscription-addon", f"{item.id}/{ref_id}"),
        "quantity": count,
        "addon": catalog_wire.addon(state, state.catalog.addons[ref_id], item.choice.country),
    }


def _total_price(state: StiggState, item: Subscription, now: datetime) -> Wire | None:
    """The recurring price, with the coupon but without tax."""
    found = lines(state, item)
    if not found:
        return None
    subtotal = sum(line.amount for line in found)
    off = pricing.discount([line.amount for line in found], item.coupon_at(now), item.currency)
    addons = sum(line.amount for line in found if line.is_addon)
    return {
        "subTotal": catalog_wire.money(subtotal, item.currency),
        "total": catalog_wire.money(subtotal - off, item.currency),
        "addonsTotal": catalog_wire.money(addons, item.currency),
    }
