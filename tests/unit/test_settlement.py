"""What a subscription's state means for the checkout that asked for it, case by case. No rows, no network."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from billing.models import CheckoutSession, Subscription
from billing.services.settlement import outcome_of, values_for

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
DEADLINE = NOW + timedelta(hours=20)


def subscription(status: str, collection: str = "NOT_REQUIRED", **fields: Any) -> Subscription:
    return Subscription(status=status, payment_collection=collection, latest_invoice_id="in_1", **fields)


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
