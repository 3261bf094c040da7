"""estimateSubscription and estimateSubscriptionUpdate: the older previews, in their own shape."""

from typing import Any

from sandbox.stigg import previews
from sandbox.stigg.side import Side
from sandbox.stigg.updates import as_order

Given = dict[str, Any]
Wire = dict[str, Any]


async def estimate(side: Side, given: Given) -> Wire:
    wanted = dict(given)
    if wanted.pop("skipTrial", False) and wanted.get("trialOverrideConfiguration") is None:
        wanted["trialOverrideConfiguration"] = {"isTrial": False}
    return _older(await previews.preview(side, wanted))


async def estimate_update(side: Side, given: Given) -> Wire:
    subscription = side.subscription(given["subscriptionId"])
    return _older(await previews.preview(side, as_order(subscription, given)))


def _older(preview: Wire) -> Wire:
    now, recurring = preview["immediateInvoice"], preview["recurringInvoice"]
    return {
        "subTotal": now["subTotal"],
        "totalExcludingTax": now["totalExcludingTax"],
        "total": now["total"],
        "discountAmount": now["discount"],
        "discount": now["discountDetails"],
        "tax": now["tax"],
        "taxDetails": now["taxDetails"],
        "proration": now["proration"],
        "credits": now["credits"],
        "billingPeriodRange": preview["billingPeriodRange"],
        "isPlanDowngrade": preview["isPlanDowngrade"],
        "hasScheduledUpdates": preview["hasScheduledUpdates"],
        "subscription": recurring and _recurring(recurring),
    }


def _recurring(invoice: Wire) -> Wire:
    nothing = {"amount": 0.0, "currency": invoice["total"]["currency"]}
    return {
        **invoice,
        "tax": invoice["tax"] or nothing,
        "discountAmount": invoice["discount"],
        "discount": invoice["discountDetails"],
    }
