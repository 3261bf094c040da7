"""The mirror: whatever order reads of the truth are written in, and however often, the newest read is what stands."""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from billing.gateways.stigg.types import (
    CustomerSnapshot,
    EntitlementSnapshot,
    EntitlementsStateSnapshot,
    FeatureSnapshot,
    SubscriptionSnapshot,
)
from billing.gateways.stripe.types import InvoiceSnapshot, PaymentMethodSnapshot
from billing.mirror.customers import apply_customer
from billing.mirror.entitlements import replace_entitlements
from billing.mirror.invoices import upsert_invoices
from billing.mirror.payment_methods import replace_payment_methods
from billing.mirror.subscriptions import UpsertResult, upsert_subscription
from billing.models import Customer, Subscription
from billing.money import Money
from tests.people import person

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
any_order = settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)


def rolled_back(test: Callable[..., None]) -> Callable[..., None]:
    """Hypothesis runs many examples in one transaction: each in a savepoint that is thrown away."""

    @functools.wraps(test)
    def run(*args: Any, **kwargs: Any) -> None:
        with transaction.atomic():
            test(*args, **kwargs)
            transaction.set_rollback(True)

    return run


def at(minute: int) -> datetime:
    return NOON + timedelta(minutes=minute)


def subscription(status: str = "ACTIVE", **fields: Any) -> SubscriptionSnapshot:
    return SubscriptionSnapshot(
        **{
            "subscription_id": "subscription-1",
            "customer_id": "customer-1",
            "status": status,
            "payment_collection": "NOT_REQUIRED",
            "plan_id": "plan-pro",
            "plan_name": "Pro",
            "product_id": "product-tollgate",
            "pricing_type": "PAID",
            "billing_period": "MONTHLY",
            "total": Money(4900, "USD"),
        }
        | fields
    )


def write(customer: Customer, snapshot: SubscriptionSnapshot, minute: int) -> UpsertResult:
    return upsert_subscription(customer, snapshot, read_at=at(minute), cause="test")


# Subscriptions

STORY = (
    subscription("PAYMENT_PENDING", payment_collection="FAILED"),
    subscription("ACTIVE", plan_id="plan-starter", plan_name="Starter", total=Money(1900, "USD")),
    subscription("ACTIVE", payment_collection="PROCESSING"),
    subscription("ACTIVE", cancellation_at=NOON + timedelta(days=30), unit_quantity=3),
    subscription("CANCELED", cancel_reason="Immediate", total=None),
)


@any_order
@given(order=st.lists(st.sampled_from(range(len(STORY))), min_size=1, max_size=12))
@rolled_back
def test_the_newest_read_stands_in_any_order_and_any_number(order: list[int]) -> None:
    customer, seen = person("ada").customer, -1
    for moment in order:
        result = write(customer, STORY[moment], moment)
        assert bool(result.changed) <= (moment > seen)
        seen = max(seen, moment)
    row, truth = Subscription.objects.get(stigg_id="subscription-1"), STORY[seen]
    assert (row.status, row.payment_collection) == (truth.status, truth.payment_collection)
    assert (row.plan_id, row.plan_name, row.quantity) == (truth.plan_id, truth.plan_name, truth.unit_quantity)
    assert row.total == truth.total
    assert (row.cancellation_at, row.cancel_reason) == (truth.cancellation_at, truth.cancel_reason)
    assert row.mirrored_at == at(seen)
    last = row.changes.filter(field="status").first()
    assert last.new_value == truth.status


def test_history_is_told_once_and_in_order() -> None:
    customer = person("ada").customer
    for moment in (0, 1, 1, 0, 2, 2, 4):
        write(customer, STORY[moment], moment)
    told = Subscription.objects.get().changes.filter(field="status").order_by("pk")
    assert [(change.old_value, change.new_value) for change in told] == [
        ("", "PAYMENT_PENDING"),
        ("PAYMENT_PENDING", "ACTIVE"),
        ("ACTIVE", "CANCELED"),
    ]


def test_activation_and_failure_are_announced_by_the_read_that_shows_them() -> None:
    customer = person("ada").customer
    failed = write(customer, STORY[0], 0)
    assert (failed.is_activation, failed.is_payment_failure) == (False, True)
    paid = write(customer, STORY[1], 1)
    assert (paid.is_activation, paid.is_payment_failure) == (True, False)
    old_news = write(customer, STORY[0], 0)
    assert (old_news.is_activation, old_news.is_payment_failure) == (False, False)


def test_a_deadline_never_moves_away_and_goes_when_nothing_waits() -> None:
    customer = person("ada").customer
    pending = subscription("PAYMENT_PENDING", payment_collection="FAILED", created_at=at(-60))
    first = write(customer, pending, 0).subscription.payment_deadline_at
    assert first == at(-60) + timedelta(hours=23)
    assert write(customer, replace(pending, created_at=at(5)), 5).subscription.payment_deadline_at == first
    assert write(customer, subscription("ACTIVE"), 6).subscription.payment_deadline_at is None


# Customers, entitlements, cards, invoices: (what one read wrote, what the rows then say)


def write_customer(customer: Customer, minute: int) -> None:
    card = f"pm_{minute}"
    snapshot = CustomerSnapshot(
        customer.stigg_id, "Ada", "a@example.com", f"cus_{customer.pk.hex}", default_payment_method_id=card
    )
    apply_customer(customer, snapshot, read_at=at(minute))


def read_customer(customer: Customer) -> Any:
    row = Customer.objects.get(pk=customer.pk)
    return (row.default_payment_method_id, row.mirrored_at)


def write_entitlements(customer: Customer, minute: int) -> None:
    granted = [f"feature-{number}" for number in range(minute % 3)]  # none at all, now and then
    state = EntitlementsStateSnapshot(
        tuple(
            EntitlementSnapshot(FeatureSnapshot(name, name), is_granted=True, usage_limit=Decimal(minute))
            for name in granted
        ),
        access_denied_reason="" if granted else f"NoActiveSubscription{minute}",
    )
    write_customer(customer, minute)
    replace_entitlements(customer, state, read_at=at(minute))


def read_entitlements(customer: Customer) -> Any:
    rows = customer.entitlements.order_by("feature_id").values_list("feature_id", "usage_limit")
    return (list(rows), Customer.objects.get(pk=customer.pk).entitlements_denied_reason)


def write_cards(customer: Customer, minute: int) -> None:
    ids = [f"pm_{customer.pk.hex}_{number}" for number in range(minute % 3 + 1)]
    methods = [PaymentMethodSnapshot(key, "cus_1", "card", "visa", f"{minute:04d}", 1, 2030) for key in ids]
    replace_payment_methods(customer, methods, read_at=at(minute))


def read_cards(customer: Customer) -> Any:
    rows = customer.payment_methods.filter(detached_at=None).order_by("stripe_id")
    default = Customer.objects.get(pk=customer.pk).default_payment_method_id
    return (list(rows.values_list("stripe_id", "last4", "is_default")), default)


def write_invoices(customer: Customer, minute: int) -> None:
    money = Money(minute, "USD")
    key, status = f"in_{customer.pk.hex}", "paid" if minute % 2 else "open"
    snapshot = InvoiceSnapshot(key, "cus_1", None, status, "USD", money, money, money, attempt_count=minute)
    upsert_invoices(customer, [snapshot], read_at=at(minute))


def read_invoices(customer: Customer) -> Any:
    return list(customer.invoices.values_list("status", "total_minor", "attempt_count", "mirrored_at"))


MIRRORS = {
    "customer": (write_customer, read_customer),
    "entitlements": (write_entitlements, read_entitlements),
    "cards": (write_cards, read_cards),
    "invoices": (write_invoices, read_invoices),
}


@pytest.mark.parametrize(("write_one", "read"), MIRRORS.values(), ids=MIRRORS.keys())
@any_order
@given(order=st.lists(st.integers(0, 6), min_size=1, max_size=8))
@rolled_back
def test_rows_end_as_the_newest_read_alone_would_leave_them(
    write_one: Callable[[Customer, int], None], read: Callable[[Customer], Any], order: list[int]
) -> None:
    shuffled, direct = person("ada").customer, person("ada").customer
    for minute in order:
        # As another worker would: with a row read before its own call went out.
        write_one(Customer.objects.get(pk=shuffled.pk), minute)
    write_one(direct, max(order))
    assert _anonymous(read(shuffled), shuffled) == _anonymous(read(direct), direct)


def _anonymous(value: Any, customer: Customer) -> str:
    return repr(value).replace(customer.pk.hex, "")


@pytest.mark.parametrize("mirror", ["entitlements", "cards"])
def test_a_read_that_took_too_long_does_not_undo_a_newer_one(mirror: str) -> None:
    write_one, read = MIRRORS[mirror]
    customer = person("ada").customer
    slow = Customer.objects.get(pk=customer.pk)
    write_one(Customer.objects.get(pk=customer.pk), 3)
    shown = read(customer)
    write_one(slow, 2)
    assert read(customer) == shown
