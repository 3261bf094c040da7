"""Reconcile: what webhooks did not bring is found, mended, and explained; the second run has nothing to write."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.db.models import Model
from django.utils import timezone

from billing import signals
from billing.models import (
    CheckoutSession,
    Customer,
    Entitlement,
    Invoice,
    PaymentMethod,
    ReconcileDrift,
    Subscription,
    SubscriptionChange,
    WebhookEvent,
)
from billing.services import customers
from tests.integration.drift import cancel_at_stigg, counted_writes, detach_at_stripe, reconcile
from tests.people import Person, begin, person, subscribe
from tests.sandbox_process import SandboxClient

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("price_list")]

Cause = ReconcileDrift.Cause
MIRRORS: tuple[type[Model], ...] = (Subscription, Entitlement, PaymentMethod, Invoice)
NOT_COMPARED = {"id", "mirrored_at", "created_at", "payment_methods_mirrored_at", "lease_token", "leased_until"}


def settled(name: str, sandbox: SandboxClient, **choice: str) -> Person:
    """Subscribed, and every row as the truth."""
    who = person(name)
    subscribe(who, sandbox, **choice)
    customers.refresh(who.customer.pk, cause="test", with_stripe=True)
    return who


def wipe() -> None:
    """As if no webhook had ever been sent: only the customers and their checkouts are left."""
    CheckoutSession.objects.update(subscription=None)
    for model in (SubscriptionChange, Invoice, Subscription, Entitlement, PaymentMethod):
        model.objects.all().delete()
    Customer.objects.update(default_payment_method_id="", entitlements_denied_reason="", mirrored_at=None)


def rows() -> dict[str, list[dict[str, Any]]]:
    found = {}
    for model in MIRRORS:
        values = [{k: v for k, v in row.items() if k not in NOT_COMPARED} for row in model.objects.values()]
        for row in values:
            row.pop("subscription_id", None)
        found[model.__name__] = sorted(values, key=str)
    return found


def event(who: Person, event_type: str, **values: Any) -> WebhookEvent:
    """An event about `who` as it lies in the inbox."""
    now = timezone.now()
    given = {
        "source": "stigg",
        "external_id": f"message-{uuid.uuid4().hex}",
        "event_type": event_type,
        "customer_ref": str(who.customer.pk),
        "payload": {},
        "received_at": now,
        "due_at": now,
    }
    return WebhookEvent.objects.create(**(given | values))


def test_with_nothing_missed_nothing_is_written(sandbox: SandboxClient) -> None:
    settled("ada", sandbox)
    settled("eve", sandbox, plan="plan-starter")
    customers.provision(person("bob").customer.pk)
    customers.refresh(Customer.objects.latest("created_at").pk, cause="test", with_stripe=True)
    with counted_writes() as writes:
        said = reconcile()
    assert writes.statements == []
    assert (said.code, said.run.customers_seen, said.run.drifts.count()) == (0, 3, 0)
    assert "3 customers, as at Stigg and Stripe" in said.text


def test_a_missed_webhook_is_found_and_mended(sandbox: SandboxClient) -> None:
    ada = settled("ada", sandbox)
    subscription = Subscription.objects.get()
    cancel_at_stigg(subscription.stigg_id)
    said = reconcile()
    subscription.refresh_from_db()
    assert said.code == 0
    assert subscription.status == "CANCELED"
    drift = said.drifts["subscription", "status"]
    assert (drift.ours, drift.theirs, drift.is_mended) == ("ACTIVE", "CANCELED", True)
    change = subscription.changes.filter(field="status").first()
    assert (change.new_value, change.cause) == ("CANCELED", f"reconcile run {said.run.pk}")
    assert not ada.customer.entitlements.filter(is_granted=True, usage_limit__gt=10).exists()
    assert "status: ours ACTIVE, theirs CANCELED; mended" in said.text
    with counted_writes() as writes:
        again = reconcile()
    assert writes.statements == []
    assert again.run.drifts.count() == 0


def test_everything_is_restored_from_nothing(sandbox: SandboxClient) -> None:
    settled("ada", sandbox)
    settled("eve", sandbox, plan="plan-starter")
    carol = person("carol")
    subscribe(carol, sandbox, card="pm_card_chargeCustomerFail")
    customers.refresh(carol.customer.pk, cause="test", with_stripe=True)
    before = rows()
    assert any(row["status"] == "PAYMENT_PENDING" for row in before["Subscription"])
    wipe()
    assert reconcile().code == 0
    for after, was in zip(rows()["Subscription"], before["Subscription"], strict=True):
        after.pop("payment_deadline_at"), was.pop("payment_deadline_at")
    assert {name: rows()[name] for name in ("Entitlement", "PaymentMethod", "Invoice")} == {
        name: before[name] for name in ("Entitlement", "PaymentMethod", "Invoice")
    }
    linked = Invoice.objects.filter(subscription__isnull=False)
    assert linked.count() == Invoice.objects.count() > 0
    with counted_writes() as writes:
        assert reconcile().code == 0
    assert writes.statements == []


def test_a_dry_run_only_tells(sandbox: SandboxClient) -> None:
    settled("ada", sandbox)
    cancel_at_stigg(Subscription.objects.get().stigg_id)
    with counted_writes() as writes:
        said = reconcile("--dry-run")
    assert writes.statements == []
    assert said.code == 1
    assert said.drifts["subscription", "status"].is_mended is False
    assert "mending nothing" in said.text
    assert Subscription.objects.get().status == "ACTIVE"


def test_a_card_detached_elsewhere_is_detached_here(sandbox: SandboxClient) -> None:
    ada = settled("ada", sandbox)
    card = PaymentMethod.objects.get()
    detach_at_stripe(sandbox, card.stripe_id)
    said = reconcile()
    card.refresh_from_db()
    assert card.detached_at is not None
    assert not card.is_default
    assert Customer.objects.get(pk=ada.customer.pk).default_payment_method_id == ""
    assert said.drifts["payment_method", "type"].theirs == "missing"
    with counted_writes() as writes:
        reconcile()
    assert writes.statements == []


def test_an_invoice_that_was_paid_elsewhere(sandbox: SandboxClient) -> None:
    settled("ada", sandbox)
    Invoice.objects.update(status="open", amount_remaining_minor=4900)
    said = reconcile()
    assert Invoice.objects.get().status == "paid"
    assert said.drifts["invoice", "status"].theirs == "paid"


def test_usage_is_brought_up_to_date_without_a_word(sandbox: SandboxClient) -> None:
    settled("ada", sandbox)
    metered = Entitlement.objects.filter(current_usage__isnull=False).first()
    assert metered is not None
    Entitlement.objects.filter(pk=metered.pk).update(current_usage=metered.current_usage + 1)
    said = reconcile()
    assert said.run.drifts.count() == 0
    assert said.run.rows_written == 1
    assert Entitlement.objects.get(pk=metered.pk).current_usage == metered.current_usage


def test_only_one_customer(sandbox: SandboxClient) -> None:
    ada, eve = settled("ada", sandbox), settled("eve", sandbox)
    for subscription in Subscription.objects.all():
        cancel_at_stigg(subscription.stigg_id)
    said = reconcile("--customer", eve.customer.email)
    assert (said.run.customers_seen, said.run.customer) == (1, eve.customer)
    assert Subscription.objects.get(customer=eve.customer).status == "CANCELED"
    assert Subscription.objects.get(customer=ada.customer).status == "ACTIVE"
    assert reconcile("--customer", "cus_nobody").code == 2


def test_only_those_about_whom_something_may_have_changed(sandbox: SandboxClient) -> None:
    ada, bob = settled("ada", sandbox), person("bob")
    customers.provision(bob.customer.pk)
    long_ago = timezone.now() - timedelta(days=30)
    Customer.objects.filter(pk=bob.customer.pk).update(created_at=long_ago, mirrored_at=long_ago)
    said = reconcile("--since", f"{timezone.now() - timedelta(days=1):%Y-%m-%dT%H:%M}")
    assert said.run.customers_seen == 1
    assert said.run.total == 1
    # What we have no trace of, Stigg's list has.
    wipe()
    Customer.objects.update(created_at=long_ago, mirrored_at=long_ago)
    said = reconcile("--since", f"{timezone.now() - timedelta(days=1):%Y-%m-%dT%H:%M}")
    assert Subscription.objects.get(customer=ada.customer).status == "ACTIVE"
    assert (said.run.total, said.run.customers_seen) == (0, 1)


# Causes


@pytest.mark.parametrize(
    ("state", "cause", "words"),
    [
        ("dead", Cause.EVENT_DEAD, "KeyError: 'plan'"),
        ("failed", Cause.EVENT_WAITING, "KeyError: 'plan'"),
        ("done", Cause.WORKED, "subscription.canceled"),
    ],
)
def test_the_event_that_should_have_brought_it_is_named(
    sandbox: SandboxClient, state: str, cause: str, words: str
) -> None:
    ada = settled("ada", sandbox)
    cancel_at_stigg(Subscription.objects.get().stigg_id)
    named = event(ada, "subscription.canceled", state=state, last_error="KeyError: 'plan'")
    event(ada, "plan.updated", state="dead", last_error="has nothing to do with it")
    drift = reconcile().drifts["subscription", "status"]
    assert drift.cause == cause
    assert words in drift.cause_detail
    assert drift.event == (None if state == "done" else named)


def test_an_event_that_never_came_is_said_to_be_missing(sandbox: SandboxClient) -> None:
    settled("ada", sandbox)
    cancel_at_stigg(Subscription.objects.get().stigg_id)
    assert reconcile().drifts["subscription", "status"].cause == Cause.NO_EVENT


def test_an_event_before_our_last_read_is_not_to_blame(sandbox: SandboxClient) -> None:
    ada = settled("ada", sandbox)
    event(ada, "subscription.created", state="done", received_at=timezone.now() - timedelta(hours=1))
    cancel_at_stigg(Subscription.objects.get().stigg_id)
    drift = reconcile().drifts["subscription", "status"]
    assert drift.cause == Cause.NO_EVENT_SINCE
    assert "subscription.created" in drift.cause_detail


# What cannot be mended


def test_a_subscription_that_stigg_does_not_know_is_reported_and_kept(sandbox: SandboxClient) -> None:
    ada = settled("ada", sandbox)
    Subscription.objects.create(
        customer=ada.customer, stigg_id="made-up", status="ACTIVE", plan_id="p", mirrored_at=timezone.now()
    )
    said = reconcile()
    assert said.code == 1
    [drift] = said.run.drifts.all()
    assert (drift.object_id, drift.theirs, drift.is_mended) == ("made-up", "missing", False)
    assert Subscription.objects.filter(stigg_id="made-up", status="ACTIVE").exists()


def test_a_customer_whom_the_others_do_not_know(sandbox: SandboxClient) -> None:
    ada = settled("ada", sandbox)
    sandbox.reset()
    said = reconcile()
    assert said.code == 1
    fields = {(drift.kind, drift.field) for drift in said.run.drifts.all()}
    assert fields == {("customer", "stigg_id"), ("customer", "stripe_id")}
    assert Subscription.objects.get(customer=ada.customer).status == "ACTIVE"


def test_one_customer_whose_rows_cannot_be_stored_keeps_no_other_from_being_mended(sandbox: SandboxClient) -> None:
    ada, eve, stranger = settled("ada", sandbox), settled("eve", sandbox), person("stranger")
    stripe_id = Customer.objects.get(pk=eve.customer.pk).stripe_id
    Customer.objects.filter(pk=eve.customer.pk).update(stripe_id=None)
    Customer.objects.filter(pk=stranger.customer.pk).update(stripe_id=stripe_id)  # a mix-up of two
    for subscription in Subscription.objects.all():
        cancel_at_stigg(subscription.stigg_id)
    said = reconcile()
    assert said.code == 1
    assert said.run.customers_unread == 1
    assert f"customer {eve.customer.pk} could not be compared: cannot be stored" in said.text
    assert Subscription.objects.get(customer=ada.customer).status == "CANCELED"
    taken = said.run.drifts.get(kind="payment_method", customer=stranger.customer)
    assert not taken.is_mended


# What follows


def test_the_host_is_told_and_the_checkout_moves_along(
    sandbox: SandboxClient, django_capture_on_commit_callbacks: Any
) -> None:
    carol = person("carol")
    failed = subscribe(carol, sandbox, card="pm_card_chargeCustomerFail")
    assert failed.state == CheckoutSession.State.PAYMENT_FAILED
    sandbox.advance(hours=25)
    heard: list[dict[str, Any]] = []

    def listen(**arguments: Any) -> None:
        heard.append(arguments)

    signals.entitlements_changed.connect(listen)
    try:
        with django_capture_on_commit_callbacks(execute=True):
            reconcile()
    finally:
        signals.entitlements_changed.disconnect(listen)
    failed.refresh_from_db()
    assert failed.state == CheckoutSession.State.EXPIRED
    assert Subscription.objects.get().is_finished


def test_a_subscription_that_became_active_unseen_is_announced(
    sandbox: SandboxClient, django_capture_on_commit_callbacks: Any
) -> None:
    settled("ada", sandbox)
    Subscription.objects.update(status="PAYMENT_PENDING")
    heard: list[str] = []

    def listen(subscription: Subscription, **_rest: Any) -> None:
        heard.append(subscription.status)

    signals.subscription_activated.connect(listen)
    try:
        with django_capture_on_commit_callbacks(execute=True):
            reconcile()
    finally:
        signals.subscription_activated.disconnect(listen)
    assert heard == ["ACTIVE"]


def test_a_customer_who_was_never_provisioned_is_no_drift(sandbox: SandboxClient) -> None:
    begin(person("ada"))
    person("bob")
    said = reconcile()
    assert said.code == 0
    assert said.run.customers_seen == 2


def test_a_provision_whose_answer_was_lost_is_taken_over(sandbox: SandboxClient) -> None:
    settled("ada", sandbox)
    wipe()
    Customer.objects.update(provisioned_at=None, stripe_id=None, provision_due_at=timezone.now())
    assert reconcile().drifts["customer", "stripe_id"].is_mended
    customer = Customer.objects.get()
    assert PaymentMethod.objects.get().is_default
    with counted_writes() as writes:
        reconcile()
    assert writes.statements == []
    assert customer.is_provisioned
    assert customer.provision_due_at is None
