"""The oracle: what the sandbox says at the end, against what our tables say."""

from __future__ import annotations

from typing import Any

from tests.chaos.stack import Stack

SUBSCRIPTIONS = "SELECT stigg_id, status, payment_collection, plan_id FROM billing_subscription"
LIMITS = """
SELECT customer_id, feature_id, usage_limit FROM billing_entitlement WHERE is_granted
"""
CARDS = "SELECT stripe_id, exp_year FROM billing_paymentmethod WHERE detached_at IS NULL"
INVOICES = "SELECT stripe_id, status FROM billing_invoice"
BROKEN_CHAINS = """
SELECT count(*) FROM (
    SELECT old_value, lag(new_value) OVER (PARTITION BY subscription_id, field ORDER BY id) AS before
    FROM billing_subscriptionchange
) AS chain WHERE before IS NOT NULL AND before <> old_value
"""


def differences(stack: Stack, wanted: set[str]) -> list[str]:
    """One line for each thing about the `wanted` customers that our tables show otherwise."""
    ours = _mirror(stack)
    return [
        line
        for row in stack.sandbox.get("crowd")["data"]
        if row["customer_id"] in wanted
        for line in _compare(row, ours)
    ]


def broken_histories(stack: Stack) -> int:
    """Transitions that do not begin where the one before ended: something was applied twice or in parallel."""
    return int(stack.rows(BROKEN_CHAINS)[0][0])


def _mirror(stack: Stack) -> dict[str, dict]:
    limits: dict[str, dict[str, float | None]] = {}
    for customer_id, feature_id, limit in stack.rows(LIMITS):
        key = str(customer_id).replace("-", "")
        limits.setdefault(key, {})[feature_id] = None if limit is None else float(limit)
    return {
        "subscription": {row[0]: row[1:] for row in stack.rows(SUBSCRIPTIONS)},
        "limits": limits,
        "card": dict(stack.rows(CARDS)),
        "invoice": dict(stack.rows(INVOICES)),
    }


def _compare(truth: dict[str, Any], ours: dict[str, dict]) -> list[str]:
    subscription = tuple(truth[name] for name in ("status", "payment_collection", "plan_id"))
    pairs = {
        "subscription": (subscription, ours["subscription"].get(truth["subscription_id"])),
        "entitlements": (truth["limits"], ours["limits"].get(truth["customer_id"].replace("-", ""), {})),
        "card": (truth["exp_year"], ours["card"].get(truth["card"])),
        "invoice": (truth["invoice_status"], ours["invoice"].get(truth["invoice"])),
    }
    return [
        f"{truth['customer_id']} {what}: {there} there, {here} here"
        for what, (there, here) in pairs.items()
        if there != here
    ]
