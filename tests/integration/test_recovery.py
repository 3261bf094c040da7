"""A renewal that fails: access stays, everybody is told, and another card mends it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from billing import signals
from billing.errors import NothingToChange
from billing.models import CheckoutSession, Subscription
from billing.services import account, checkout, completion, customers
from tests.people import Person, person, subscribe
from tests.sandbox_process import SandboxClient

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("price_list")]
State = CheckoutSession.State
A_MONTH = 32 * 24


@pytest.fixture
def ada(sandbox: SandboxClient) -> Person:
    """Subscribed a month ago; the card on file had no money when the second month was charged."""
    known = person("ada")
    subscribe(known, sandbox)
    sandbox.post("scenarios/next_charge_declined")
    sandbox.advance(hours=A_MONTH)
    sandbox.settle()
    customers.refresh(known.customer.pk, cause="test", with_stripe=True)
    known.customer.refresh_from_db()
    return known


@pytest.fixture
def her_browser(ada: Person) -> Client:
    client = Client()
    client.force_login(ada.user)
    return client


def recover(her_browser: Client) -> CheckoutSession:
    answer = her_browser.post(reverse("billing:recover", args=[Subscription.objects.get().stigg_id]))
    session = CheckoutSession.objects.get(purpose="recover")
    assert answer.url == reverse("billing:checkout", args=[session.pk])
    return session


def test_a_failed_renewal_is_active_with_a_failed_payment(ada: Person) -> None:
    subscription = Subscription.objects.get()
    assert (subscription.status, subscription.payment_collection) == ("ACTIVE", "FAILED")
    assert subscription.has_payment_trouble
    assert subscription.payment_deadline_at is None
    assert ada.customer.entitlements.filter(is_granted=True, feature_id="feature-audit-log").exists()
    assert sorted(ada.customer.invoices.values_list("status", flat=True)) == ["open", "paid"]


def test_the_account_page_and_the_banner_say_so(ada: Person, her_browser: Client) -> None:
    page = her_browser.get("/billing/").content.decode()
    assert "Active – payment failed" in page
    assert "Fix the payment" in page
    banner = her_browser.get("/").content.decode()
    assert "Your last payment for Pro failed" in banner
    assert reverse("billing:recover", args=[Subscription.objects.get().stigg_id]) in banner
    assert account.alert_for(ada.customer) is not None
    me = her_browser.get("/billing/me.json").json()["subscriptions"][0]
    assert (me["status"], me["payment_collection"], me["grants_access"]) == ("ACTIVE", "FAILED", True)


def test_somebody_else_sees_no_banner_of_hers(ada: Person, client: Client) -> None:
    assert "Fix the payment" not in client.get("/").content.decode()
    client.force_login(person("dave").user)
    assert "Fix the payment" not in client.get("/").content.decode()


def test_another_card_mends_it(sandbox: SandboxClient, ada: Person, her_browser: Client) -> None:
    session = recover(her_browser)
    page = her_browser.get(reverse("billing:checkout", args=[session.pk])).content.decode()
    assert "Use another card" in page
    assert "$49" in page
    sandbox.confirm_card(str(session.setup_intent_id), "pm_card_mastercard")
    answer = her_browser.post(reverse("billing:checkout_complete", args=[session.pk]))
    assert answer.status_code == 303
    sandbox.settle()
    customers.refresh(ada.customer.pk, cause="test", with_stripe=True)
    session.refresh_from_db()
    assert session.state == State.SUCCEEDED
    subscription = Subscription.objects.get()
    assert (subscription.status, subscription.payment_collection) == ("ACTIVE", "NOT_REQUIRED")
    assert set(ada.customer.invoices.values_list("status", flat=True)) == {"paid"}
    assert ada.customer.payment_methods.get(is_default=True).brand == "mastercard"
    assert "Fix the payment" not in her_browser.get("/billing/").content.decode()
    assert "Payment received" in her_browser.get(reverse("billing:checkout_status", args=[session.pk])).content.decode()


def test_a_card_that_fails_as_well_leaves_the_subscription_running(
    sandbox: SandboxClient, ada: Person, her_browser: Client
) -> None:
    session = recover(her_browser)
    sandbox.confirm_card(str(session.setup_intent_id), "pm_card_chargeCustomerFail")
    assert completion.complete(session.pk, cause="test").state == State.PAYMENT_FAILED
    page = her_browser.get(reverse("billing:checkout_status", args=[session.pk])).content.decode()
    assert "Back to billing" in page
    assert not any(words in page for words in ("Cancel this order", "is canceled", "voided", "data-countdown"))
    customers.refresh(ada.customer.pk, cause="test", with_stripe=True)
    assert Subscription.objects.get().status == "ACTIVE"
    assert her_browser.post(reverse("billing:checkout_card", args=[session.pk])).status_code == 302
    session.refresh_from_db()
    sandbox.confirm_card(str(session.setup_intent_id), "pm_card_visa")
    completion.complete(session.pk, cause="test")
    sandbox.settle()
    customers.refresh(ada.customer.pk, cause="test", with_stripe=True)
    session.refresh_from_db()
    assert session.state == State.SUCCEEDED


def test_giving_up_a_recovery_does_not_cancel_what_runs(ada: Person, her_browser: Client) -> None:
    session = recover(her_browser)
    checkout.give_up(session)
    customers.refresh(ada.customer.pk, cause="test")
    assert Subscription.objects.get().status == "ACTIVE"
    assert session.state == State.CANCELED


def test_a_second_click_goes_on_with_the_same_recovery(ada: Person, her_browser: Client) -> None:
    assert recover(her_browser).pk == recover(her_browser).pk
    assert CheckoutSession.objects.filter(purpose="recover").count() == 1


@pytest.mark.usefixtures("ada")
def test_when_stripe_is_down_the_recovery_is_kept(sandbox: SandboxClient, her_browser: Client, settings: Any) -> None:
    settings.TOLLGATE_BREAKER_FAILURES = 1
    sandbox.fault("stripe", "down")
    session = recover(her_browser)
    assert her_browser.get(reverse("billing:checkout", args=[session.pk])).status_code in (200, 503)
    session.refresh_from_db()
    assert session.state == State.OPEN


def test_where_nothing_is_wrong_there_is_nothing_to_recover(sandbox: SandboxClient) -> None:
    bob = person("bob")
    subscribe(bob, sandbox)
    with pytest.raises(NothingToChange):
        checkout.begin_recovery(customer=bob.customer, user=bob.user, subscription=Subscription.objects.get())
    client = Client()
    client.force_login(bob.user)
    answer = client.post(reverse("billing:recover", args=[Subscription.objects.get().stigg_id]))
    assert answer.status_code == 409


@pytest.mark.django_db(transaction=True)
def test_the_host_application_is_told_of_activation_failure_and_entitlements(sandbox: SandboxClient) -> None:
    heard: list[str] = []
    for name in ("subscription_activated", "payment_failed", "entitlements_changed"):
        getattr(signals, name).connect(listener(heard, name), dispatch_uid=name, weak=False)
    signals.payment_failed.connect(stumble, dispatch_uid="stumble")
    try:
        known = person("ada")
        subscribe(known, sandbox)
        assert heard == ["subscription_activated", "entitlements_changed"]
        sandbox.post("scenarios/next_charge_declined")
        sandbox.advance(hours=A_MONTH)
        sandbox.settle()
        customers.refresh(known.customer.pk, cause="test")
        assert heard[2:] == ["payment_failed"]
        customers.refresh(known.customer.pk, cause="test")
        assert len(heard) == 3
    finally:
        for name in ("subscription_activated", "payment_failed", "entitlements_changed"):
            getattr(signals, name).disconnect(dispatch_uid=name)
        signals.payment_failed.disconnect(dispatch_uid="stumble")


def listener(heard: list[str], name: str) -> Callable[..., None]:
    def hear(**_kwargs: object) -> None:
        heard.append(name)

    return hear


def stumble(**_kwargs: object) -> None:
    raise RuntimeError("a receiver of the host that fails")
