"""What staff see of a customer: marks, links between records and out, search."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone
from django.utils.html import escape

from billing.models import CardAttempt, CheckoutSession, Customer, Invoice, PaymentMethod, Subscription, WebhookEvent
from tests.integration.admin import rows
from tests.integration.admin.test_pages import list_url, page_url


@pytest.fixture
def customer(db):
    rows.surroundings()
    rows.whole_customer()
    return rows.whole_customer()


def found(client, model, **query):
    """What the list shows."""
    return list(client.get(list_url(model), query).context["cl"].result_list)


def test_links_between_records(staff, customer):
    page = staff.get(page_url(customer)).content.decode()
    for model in (Subscription, CheckoutSession, Invoice, PaymentMethod, CardAttempt):
        link = f"{list_url(model)}?customer__id__exact={customer.pk}"
        assert link in page
        assert [row.customer for row in found(staff, model, customer__id__exact=str(customer.pk))] == [customer]
    refs = f"{customer.pk},{customer.stripe_id}"
    assert [row.customer_ref for row in found(staff, WebhookEvent, customer_ref__in=refs)] == [customer.stripe_id]
    assert f"{list_url(WebhookEvent)}?customer_ref__in=" in page
    assert page_url(customer.subscriptions.get()) in page


@pytest.mark.parametrize("model", [Subscription, CheckoutSession, Invoice, PaymentMethod, CardAttempt])
def test_links_back_to_the_customer(staff, customer, model):
    row = model.objects.get(customer=customer)
    assert page_url(customer) in staff.get(page_url(row)).content.decode()
    assert page_url(customer) in staff.get(list_url(model)).content.decode()


def test_event_leads_to_its_customer(staff, customer):
    stripe_event = WebhookEvent.objects.get(customer_ref=customer.stripe_id)
    stigg_event = rows.event(source="stigg", customer_ref=customer.stigg_id)
    foreign_event = rows.event(source="stigg", customer_ref="somebody-elses")
    assert page_url(customer) in staff.get(page_url(stripe_event)).content.decode()
    assert page_url(customer) in staff.get(page_url(stigg_event)).content.decode()
    assert staff.get(page_url(foreign_event)).status_code == 200


@pytest.mark.parametrize(("key", "mode"), [("sk_test_tests", "/test"), ("sk_live_tests", "")])
def test_links_out(staff, customer, settings, key, mode):
    settings.TOLLGATE_STRIPE_SECRET_KEY = key
    settings.TOLLGATE_STIGG_APP_URL = "https://stigg.example"
    page = staff.get(page_url(customer)).content.decode()
    assert f"https://dashboard.stripe.com{mode}/customers/{customer.stripe_id}" in page
    assert f"https://stigg.example/customers/{customer.pk}" in page
    subscription = customer.subscriptions.get()
    page = staff.get(page_url(subscription)).content.decode()
    assert f"https://dashboard.stripe.com{mode}/subscriptions/{subscription.stripe_id}" in page
    assert f"https://dashboard.stripe.com{mode}/invoices/{subscription.latest_invoice_id}" in page
    assert f"https://stigg.example/subscriptions/{subscription.stigg_id}" in page
    checkout = customer.checkouts.get()
    assert f"{mode}/setup_intents/{checkout.setup_intent_id}" in staff.get(page_url(checkout)).content.decode()


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"status": "ACTIVE"}, ["✓ paid or nothing due"]),
        ({"status": "ACTIVE", "payment_collection": "FAILED"}, ["✗ failed, access stays"]),
        ({"status": "PAYMENT_PENDING", "payment_collection": "FAILED"}, ["✗ failed", "payment pending"]),
        ({"status": "PAYMENT_PENDING", "payment_collection": "ACTION_REQUIRED"}, ["? bank confirmation needed"]),
        ({"status": "PAYMENT_PENDING", "payment_collection": "SOMETHING_NEW"}, ["? SOMETHING_NEW"]),
    ],
)
def test_payment_state_reads_without_colour(staff, db, values, words):
    rows.subscription(rows.customer(), **values)
    page = staff.get(list_url(Subscription)).content.decode()
    assert all(word in page for word in words)


def test_deadline(staff, db):
    now = timezone.now()
    ending = rows.subscription(rows.customer(), payment_deadline_at=now + timedelta(hours=3, minutes=1))
    over = rows.subscription(rows.customer(), payment_deadline_at=now - timedelta(hours=1))
    rows.subscription(rows.customer())
    page = staff.get(list_url(Subscription)).content.decode()
    assert "3\xa0hours from now" in page
    assert "over since" in page
    assert found(staff, Subscription, deadline="open") == [ending]
    assert found(staff, Subscription, deadline="over") == [over]


def test_filters(staff, customer):
    waiting = rows.customer("bob", provisioned_at=None, stripe_id=None)
    failing = rows.customer("carol", provisioned_at=None, stripe_id=None, provision_attempts=2)
    old = rows.customer("dave", refresh_due_at=timezone.now(), refresh_attempts=1)
    assert set(found(staff, Customer, at_stigg="waiting")) == {waiting, failing}
    assert found(staff, Customer, at_stigg="failing") == [failing]
    assert found(staff, Customer, copy="failing") == [old]
    free = rows.subscription(waiting, plan_id="plan-free")
    assert found(staff, Subscription, plan_id="plan-free") == [free]
    assert 'href="?plan_id=plan-pro"' in staff.get(list_url(Subscription)).content.decode()


def test_search_of_customers(staff, customer):
    for term in (str(customer.pk), customer.stripe_id, customer.email, customer.email.title()):
        assert found(staff, Customer, q=term) == [customer]
    assert customer in found(staff, Customer, q="ada-")
    assert found(staff, Customer, q="cus_nobody") == []
    assert found(staff, Customer, q="nobody@example.com") == []


@pytest.mark.parametrize("model", [Subscription, CheckoutSession, Invoice, PaymentMethod, CardAttempt])
def test_search_by_customer(staff, customer, model):
    row = model.objects.get(customer=customer)
    for term in (str(customer.pk), customer.stripe_id, customer.email):
        assert found(staff, model, q=term) == [row]
    assert found(staff, model, q="nothing-like-it") == []


def test_search_by_own_id(staff, customer):
    subscription = customer.subscriptions.get()
    assert found(staff, Subscription, q=subscription.stigg_id) == [subscription]
    assert found(staff, Subscription, q=subscription.stripe_id) == [subscription]
    checkout = customer.checkouts.get()
    assert found(staff, CheckoutSession, q=str(checkout.pk)) == [checkout]
    assert found(staff, CheckoutSession, q=checkout.setup_intent_id) == [checkout]
    event = WebhookEvent.objects.get(customer_ref=customer.stripe_id)
    for term in (event.external_id, customer.stripe_id, customer.email):
        assert found(staff, WebhookEvent, q=term) == [event]
    assert event in found(staff, WebhookEvent, q="invoice.paid")


def test_history_is_shown(staff, customer):
    page = staff.get(page_url(customer.subscriptions.get())).content.decode()
    assert "PAYMENT_PENDING" in page
    assert "checkout" in page
    assert "Extra seats × 2" in page
    assert "49.90 USD" in page


def test_names_are_escaped(staff, db):
    bad = rows.customer("eve")
    Customer.objects.filter(pk=bad.pk).update(name="<script>alert(1)</script>")
    rows.subscription(bad, plan_name="<b>Pro</b>")
    for url in (page_url(bad), list_url(Subscription), reverse("admin:billing_customer_changelist")):
        page = staff.get(url).content.decode()
        assert "<script>alert(1)" not in page
        assert "<b>Pro</b>" not in page
    assert escape("<b>Pro</b>") in staff.get(list_url(Subscription)).content.decode()
