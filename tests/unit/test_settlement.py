"""What a subscription's state means for the checkout that asked for it, case by case. No rows, no network."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from billing.models import CheckoutSession, Subscription
from billing.services.settlement import outcome_for, outcome_of, values_for

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
DEADLINE = NOW + timedelta(hours=20)


def subscription(status: str, collection: str = "NOT_REQUIRED", **fields: Any) -> Subscription:
    return Subscription(status=status, payment_collection=collection, **({"latest_invoice_id": "in_1"} | fields))


OWN_BILL = [{"pending_updates": [{"target_id": "plan-pro"}]}, {"latest_invoice_id": "in_own"}]
OLDER_BILL = [{}, {"scheduled_updates": [{"target_id": "plan-pro"}], "latest_invoice_id": "in_own"}]


def checkout(state: str, **fields: Any) -> CheckoutSession:
    return CheckoutSession(state=state, payment_method_id="pm_1", **fields)


OUTCOMES = [
    ("ACTIVE", "NOT_REQUIRED", "succeeded"),
    ("IN_TRIAL", "NOT_REQUIRED", "succeeded"),
    ("NOT_STARTED", "NOT_REQUIRED", "succeeded"),
    ("ACTIVE", "FAILED", "payment_failed"),
    ("ACTIVE", "ACTION_REQUIRED", "action_required"),
    ("ACTIVE", "PROCESSING", "processing"),
    ("PAYMENT_PENDING", "FAILED", "payment_failed"),
    ("PAYMENT_PENDING", "ACTION_REQUIRED", "action_required"),
    ("PAYMENT_PENDING", "PROCESSING", "processing"),
    ("PAYMENT_PENDING", "NOT_REQUIRED", "processing"),
    ("CANCELED", "NOT_REQUIRED", "expired"),
    ("CANCELED", "FAILED", "expired"),
    ("EXPIRED", "NOT_REQUIRED", "expired"),
]


@pytest.mark.parametrize(("status", "collection", "state"), OUTCOMES)
def test_a_subscription_asks_for_a_state_of_its_checkout(status: str, collection: str, state: str) -> None:
    assert outcome_of(subscription(status, collection)) == state


@pytest.mark.parametrize("state", CheckoutSession.LIVE)
def test_an_end_is_an_end_for_every_live_checkout(state: str) -> None:
    for status, end in (("ACTIVE", "succeeded"), ("CANCELED", "expired")):
        values = values_for(checkout(state), subscription(status), now=NOW)
        assert (values["state"], values["closed_at"]) == (end, NOW)


@pytest.mark.parametrize("state", ["open", "confirmed", "payment_failed"])
@pytest.mark.parametrize("collection", ["FAILED", "PROCESSING", "ACTION_REQUIRED"])
def test_news_of_the_last_card_do_not_disturb_the_next_one(state: str, collection: str) -> None:
    assert values_for(checkout(state), subscription("PAYMENT_PENDING", collection), now=NOW) == {}


@pytest.mark.parametrize("state", ["processing", "action_required"])
def test_a_failure_after_the_money_came_is_old_news(state: str) -> None:
    paid = checkout(state, paid_at=NOW)
    assert values_for(paid, subscription("PAYMENT_PENDING", "FAILED"), now=NOW) == {}


@pytest.mark.parametrize("state", ["processing", "action_required"])
def test_a_payment_under_way_that_fails_asks_for_another_card(state: str) -> None:
    troubled = subscription("PAYMENT_PENDING", "FAILED", payment_deadline_at=DEADLINE, latest_invoice_error="No money")
    values = values_for(checkout(state), troubled, now=NOW)
    assert values["state"] == "payment_failed"
    assert (values["invoice_id"], values["invoice_attempted_with"]) == ("in_1", "pm_1")
    assert (values["payment_method_id"], values["setup_intent_id"]) == ("", None)
    assert (values["expires_at"], values["failure_message"]) == (DEADLINE, "No money")


def test_a_payment_that_the_bank_wants_confirmed_waits_for_the_customer() -> None:
    asked = subscription("PAYMENT_PENDING", "ACTION_REQUIRED", payment_deadline_at=DEADLINE)
    values = values_for(checkout("processing"), asked, now=NOW)
    assert (values["state"], values["expires_at"]) == ("action_required", DEADLINE)
    assert values["due_at"] > NOW


@pytest.mark.parametrize("collection", ["FAILED", "ACTION_REQUIRED", "PROCESSING"])
@pytest.mark.parametrize("kind", ["upgrade", "downgrade", "to_free"])
def test_an_older_bill_in_trouble_is_none_of_the_order(collection: str, kind: str) -> None:
    order = checkout("confirmed", kind=kind, invoice_id="in_own")
    for values in OLDER_BILL:
        assert outcome_for(order, subscription("ACTIVE", collection, **values)) == "succeeded"


@pytest.mark.parametrize("values", OWN_BILL)
def test_a_bill_of_its_own_that_failed_is_the_orders_failure(values: dict[str, Any]) -> None:
    order = checkout("confirmed", kind="upgrade", invoice_id="in_own")
    assert outcome_for(order, subscription("ACTIVE", "FAILED", **values)) == "payment_failed"


def test_a_recovery_is_not_done_before_its_bill_is_paid() -> None:
    recovery = checkout("processing", purpose="recover", invoice_id="in_1")
    scheduled = subscription("ACTIVE", "FAILED", scheduled_updates=[{"target_id": "plan-free"}])
    assert outcome_for(recovery, scheduled) == "payment_failed"


def test_a_change_that_is_gone_beside_an_unpaid_bill_was_dropped() -> None:
    order = checkout("payment_failed", kind="upgrade", plan_id="plan-pro", invoice_id="in_own")
    values = values_for(order, subscription("ACTIVE", "FAILED", plan_id="plan-starter"), now=NOW)
    assert values["state"] == "canceled"
