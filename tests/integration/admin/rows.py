"""Rows for the admin's pages: customers with one of everything, as the mirror would have written them."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Any

from django.contrib.auth import get_user_model
from django.utils import timezone

from billing.models import (
    CardAttempt,
    CatalogSnapshot,
    CheckoutSession,
    Customer,
    Entitlement,
    Invoice,
    Membership,
    PaymentMethod,
    ReconcileDrift,
    ReconcileRun,
    Subscription,
    SubscriptionChange,
    WebhookEvent,
    WorkerHeartbeat,
)


def customer(name: str = "ada", **values: Any) -> Customer:
    """A provisioned one with a member."""
    key = uuid.uuid4().hex[:8]
    email = f"{name}-{key}@example.com"
    user = get_user_model().objects.create_user(username=email, email=email)
    given = {"name": name.title(), "email": email, "stripe_id": f"cus_{key}", "provisioned_at": timezone.now()}
    row = Customer.objects.create(**(given | values))
    Membership.objects.create(customer=row, user=user, role=Membership.Role.OWNER)
    return row


def subscription(of: Customer, **values: Any) -> Subscription:
    """An active one with two changes."""
    key = uuid.uuid4().hex[:8]
    now = timezone.now()
    given = {
        "stigg_id": f"subscription-{key}",
        "stripe_id": f"sub_{key}",
        "status": "ACTIVE",
        "plan_id": "plan-pro",
        "plan_name": "Pro",
        "billing_period": "MONTHLY",
        "addons": [{"addon_id": "seats", "display_name": "Extra seats", "quantity": 2}],
        "total_minor": 4990,
        "currency": "USD",
        "latest_invoice_id": f"in_{key}",
        "mirrored_at": now,
    }
    row = Subscription.objects.create(customer=of, **(given | values))
    for old, new in (("", "PAYMENT_PENDING"), ("PAYMENT_PENDING", row.status)):
        SubscriptionChange.objects.create(
            subscription=row, field="status", old_value=old, new_value=new, cause="checkout", happened_at=now
        )
    return row


def event(**values: Any) -> WebhookEvent:
    """One of Stripe's, done."""
    now = timezone.now()
    given = {
        "source": "stripe",
        "external_id": f"evt_{uuid.uuid4().hex}",
        "event_type": "invoice.paid",
        "payload": {"id": "evt", "data": {"object": {"id": "in_1"}}},
        "state": "done",
        "received_at": now,
        "due_at": now,
    }
    return WebhookEvent.objects.create(**(given | values))


def whole_customer() -> Customer:
    """With one of everything that a customer can have."""
    now = timezone.now()
    row = customer()
    subscribed = subscription(row)
    user = row.memberships.get().user
    CheckoutSession.objects.create(
        customer=row,
        user=user,
        plan_id="plan-pro",
        plan_name="Pro",
        state="succeeded",
        setup_intent_id=f"seti_{uuid.uuid4().hex}",
        subscription=subscribed,
        due_now_minor=4990,
        currency="USD",
        expires_at=now + timedelta(hours=23),
    )
    run = ReconcileRun.objects.create(beat_at=now, customer=row, customers_seen=1, drifts_found=1)
    ReconcileDrift.objects.create(
        run=run,
        customer=row,
        kind="subscription",
        object_id=subscribed.stigg_id,
        field="status",
        ours="ACTIVE",
        theirs="CANCELED",
        cause="no_event",
        found_at=now,
    )
    CardAttempt.objects.create(
        customer=row, kind="setup_intent", reference=uuid.uuid4().hex, address_digest="d" * 64, happened_at=now
    )
    PaymentMethod.objects.create(
        customer=row,
        stripe_id=f"pm_{uuid.uuid4().hex}",
        brand="visa",
        last4="4242",
        exp_month=1,
        exp_year=2020,
        is_default=True,
        mirrored_at=now,
    )
    Invoice.objects.create(
        customer=row,
        subscription=subscribed,
        stripe_id=subscribed.latest_invoice_id,
        status="paid",
        currency="USD",
        total_minor=4990,
        amount_due_minor=4990,
        amount_remaining_minor=0,
        issued_at=now,
        mirrored_at=now,
    )
    for feature in ("seats", "storage"):
        Entitlement.objects.create(
            customer=row,
            feature_id=feature,
            display_name=feature.title(),
            feature_type="NUMBER",
            is_granted=True,
            usage_limit=10,
            mirrored_at=now,
        )
    event(customer_ref=row.stripe_id)
    return row


def surroundings() -> None:
    """A catalog and a worker."""
    now = timezone.now()
    CatalogSnapshot.objects.create(
        payload={"plans": [{"refId": "plan-pro", "displayName": "Pro"}, {"refId": "plan-free"}]},
        fetched_at=now,
        checked_at=now,
        version="v1",
    )
    WorkerHeartbeat.objects.create(worker_id="worker-1", beat_at=now)
