"""E-mails: one for each cause, from rows, with what the customer needs; and none that is no longer true."""

from __future__ import annotations

import re
from datetime import timedelta
from email.message import EmailMessage
from typing import Any

import pytest
from django.core import mail
from django.core.mail.backends.locmem import EmailBackend
from django.utils import timezone

from billing import tasks
from billing.gateways.stigg.types import SubscriptionChoice
from billing.models import CheckoutSession, Customer, OutgoingEmail, Subscription
from billing.money import Money
from billing.services import card_entry, checkout, completion, customers, emails
from tests.integration.browsing import signed_in, url
from tests.people import Person, begin, person, subscribe
from tests.sandbox_process import SandboxClient

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("price_list")]
State = CheckoutSession.State
SITE = "https://billing.example.com"
LATER = timedelta(minutes=11)


class DeafServer(EmailBackend):
    """A mail server that nobody reaches."""

    def send_messages(self, messages: Any) -> int:
        raise ConnectionRefusedError("nobody there")


@pytest.fixture(autouse=True)
def site(settings: Any) -> None:
    settings.TOLLGATE_SITE_URL = SITE


def mirrored(who: Person) -> None:
    """What the worker does a second after the purchase."""
    customers.refresh(who.customer.pk, cause="test", with_stripe=True)


def send(after: timedelta = timedelta(0)) -> list[EmailMessage]:
    emails.work_due(timezone.now() + after)
    return mail.outbox


def html_of(message: Any) -> str:
    return str(message.alternatives[0].content)


@pytest.mark.shows("C15")
def test_a_purchase_is_receipted_once_however_often_it_is_completed(sandbox: SandboxClient) -> None:
    ada = person("ada")
    done = subscribe(ada, sandbox)
    for cause in ("return page", "webhook", "sweep"):
        completion.complete(done.pk, cause=cause)
        customers.refresh(ada.customer.pk, cause=cause)
    mirrored(ada)
    assert "emails" in tasks.due_kinds()
    send()
    (message,) = send(LATER)
    assert message.to == [ada.customer.email]
    assert message.subject == "Your receipt for Pro, Tollgate"
    for content in (message.body, html_of(message)):
        assert "$49" in content
        assert "Visa •••• 4242" in content
        assert "per month" in content
        assert "The next bill" in content
        assert sandbox.objects("stripe", "invoices")[0]["hosted_invoice_url"] in content
        assert "change or cancel your plan at any time" in content
        assert f"{SITE}/billing/" in content
    assert "emails" not in tasks.due_kinds()


def test_where_no_free_plan_is_sold_the_receipt_says_whom_to_ask_for_an_end(
    sandbox: SandboxClient, settings: Any
) -> None:
    settings.TOLLGATE_HIDDEN_PLAN_IDS = ("plan-free",)
    ada = person("ada")
    subscribe(ada, sandbox)
    mirrored(ada)
    (message,) = send()
    for content in (message.body, html_of(message)):
        assert "change or cancel" not in content
        assert "You can change your plan at any time on your billing page:" in content
    assert f"To cancel your plan, write to us: {SITE}/contact/" in message.body
    assert f'<a href="{SITE}/contact/">To cancel your plan, write to us</a>' in html_of(message)


def test_what_ends_already_is_not_told_how_to_be_ended(sandbox: SandboxClient, settings: Any) -> None:
    from billing.gateways import stigg

    settings.TOLLGATE_HIDDEN_PLAN_IDS = ("plan-free",)
    ada = person("ada")
    done = subscribe(ada, sandbox)
    mirrored(ada)
    send()
    OutgoingEmail.objects.update(created_at=timezone.now() - timedelta(days=3))
    stigg.current().cancel_subscription(
        subscription_id=done.subscription.stigg_id,  # type: ignore[union-attr]
        when="END_OF_BILLING_PERIOD",
    )
    mirrored(ada)
    assert "To cancel your plan" not in send(LATER)[-1].body


def test_the_receipt_waits_for_the_invoice(sandbox: SandboxClient) -> None:
    ada = person("ada")
    subscribe(ada, sandbox)
    assert send() == []
    mirrored(ada)
    assert len(send(timedelta(seconds=10))) == 1


def test_it_goes_to_the_address_for_invoices_in_the_customers_language(sandbox: SandboxClient) -> None:
    ada = person("ada")
    Customer.objects.update(invoice_email="books@example.com", language="de")
    subscribe(ada, sandbox)
    mirrored(ada)
    (message,) = send()
    assert message.to == ["books@example.com"]
    assert "49\xa0$" in message.body
    assert 'lang="de"' in html_of(message)


def test_a_name_is_no_markup(sandbox: SandboxClient) -> None:
    ada = person("ada")
    Customer.objects.update(name="<b>Ada</b> & Co")
    subscribe(ada, sandbox)
    mirrored(ada)
    (message,) = send()
    assert "<b>Ada</b> & Co" in message.body
    assert "&lt;b&gt;Ada&lt;/b&gt; &amp; Co" in html_of(message)


def test_while_the_mail_server_is_away_the_purchase_goes_on_and_the_receipt_comes_later(
    sandbox: SandboxClient, settings: Any
) -> None:
    settings.EMAIL_BACKEND = "tests.integration.test_emails.DeafServer"
    ada = person("ada")
    assert subscribe(ada, sandbox).state == State.SUCCEEDED
    mirrored(ada)
    assert send() == []
    email = OutgoingEmail.objects.get()
    assert (email.state, email.attempts) == (OutgoingEmail.State.DUE, 1)
    assert "nobody there" in email.last_error
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    assert len(send(LATER)) == 1
    email.refresh_from_db()
    assert (email.state, email.recipient) == (OutgoingEmail.State.SENT, ada.customer.email)


def test_one_that_cannot_be_written_keeps_none_of_the_others(sandbox: SandboxClient) -> None:
    ada, bob = person("ada"), person("bob")
    for who in (ada, bob):
        subscribe(who, sandbox)
        mirrored(who)
    Customer.objects.filter(pk=ada.customer.pk).update(email="ada@example.com\nBcc: everybody@example.com")
    (message,) = send()
    assert message.to == [bob.customer.email]
    refused = OutgoingEmail.objects.get(customer=ada.customer)
    assert (refused.state, refused.attempts) == (OutgoingEmail.State.DUE, 1)


def test_after_many_failures_it_is_given_up_visibly(sandbox: SandboxClient, settings: Any) -> None:
    settings.EMAIL_BACKEND = "tests.integration.test_emails.DeafServer"
    ada = person("ada")
    subscribe(ada, sandbox)
    mirrored(ada)
    for _ in range(emails.TRIES):
        send(timedelta(days=1))
    email = OutgoingEmail.objects.get()
    assert (email.state, email.due_at) == (OutgoingEmail.State.FAILED, None)


def test_whoever_has_no_address_is_not_said_to_have_been_written_to(sandbox: SandboxClient) -> None:
    ada = person("ada")
    subscribe(ada, sandbox)
    mirrored(ada)
    Customer.objects.update(email="", invoice_email="")
    assert send() == []
    email = OutgoingEmail.objects.get()
    assert email.state == OutgoingEmail.State.DROPPED
    assert "no address" in email.last_error


def test_what_another_worker_is_sending_is_left_to_it(sandbox: SandboxClient) -> None:
    ada = person("ada")
    subscribe(ada, sandbox)
    mirrored(ada)
    with OutgoingEmail.lease(OutgoingEmail.objects.get().pk, seconds=60):
        assert send() == []
    assert len(send()) == 1


def test_a_free_plan_gets_no_receipt(sandbox: SandboxClient) -> None:
    ada = person("ada")
    client = signed_in(ada)
    client.post("/checkout/start/", {"plan": "plan-free", "name": "Ada", "country": "US"})
    assert Subscription.objects.filter(status="ACTIVE").exists()
    assert not OutgoingEmail.objects.exists()


def test_a_failed_payment_is_told_after_a_while_with_its_deadline_and_the_way_out(sandbox: SandboxClient) -> None:
    carol = person("carol")
    failed = subscribe(carol, sandbox, card="pm_card_chargeCustomerFail")
    assert send() == []
    mirrored(carol)
    (message,) = send(LATER)
    assert message.subject == "Your payment for Pro did not go through, Tollgate"
    assert "Your bank declined the payment" in message.body
    assert "Your order waits until" in message.body
    assert f"{SITE}{url('checkout_status', failed)}" in message.body


def test_one_that_was_mended_meanwhile_is_not_told(sandbox: SandboxClient) -> None:
    carol = person("carol")
    failed = subscribe(carol, sandbox, card="pm_card_chargeCustomerFail")
    card_entry.prepare_card(failed)
    failed.refresh_from_db()
    sandbox.confirm_card(str(failed.setup_intent_id))
    completion.complete(failed.pk, cause="test")
    for _ in range(50):
        customers.refresh(carol.customer.pk, cause="test")
        failed.refresh_from_db()
        if failed.state == State.SUCCEEDED:
            break
    mirrored(carol)
    (message,) = send(LATER)
    assert message.subject == "Your receipt for Pro, Tollgate"
    states = set(OutgoingEmail.objects.values_list("kind", "state"))
    assert states == {("receipt", "sent"), ("payment_failed", "dropped")}


def test_an_order_that_was_given_up_says_nothing_more(sandbox: SandboxClient) -> None:
    carol = person("carol")
    failed = subscribe(carol, sandbox, card="pm_card_chargeCustomerFail")
    checkout.give_up(failed)
    mirrored(carol)
    assert send(LATER) == []


def test_an_upgrade_that_cannot_be_paid_does_not_threaten_the_plan(sandbox: SandboxClient) -> None:
    ada = person("ada")
    subscribe(ada, sandbox, plan="plan-starter")
    mirrored(ada)
    send()
    mail.outbox.clear()
    sandbox.post("scenarios/next_charge_declined")
    terms = checkout.Terms(CheckoutSession.Kind.UPGRADE, needs_card=True, due_now=Money(4900, "USD"))
    order = checkout.begin(
        customer=ada.customer, user=ada.user, choice=SubscriptionChoice("plan-pro", "MONTHLY"), terms=terms
    )
    card_entry.use_saved_card(order, ada.customer.payment_methods.get().stripe_id)
    assert completion.complete(order.pk, cause="test").state == State.PAYMENT_FAILED
    mirrored(ada)
    assert send() == [], "the page says it"
    (message,) = send(LATER)
    assert "You keep Starter as it is." in message.body
    assert "to stay on your plan" not in message.body


def test_an_upgrade_is_receipted_and_not_told_twice(sandbox: SandboxClient) -> None:
    ada = person("ada")
    subscribe(ada, sandbox, plan="plan-starter")
    mirrored(ada)
    send()
    done = subscribe(ada, sandbox, plan="plan-pro")
    assert done.state == State.SUCCEEDED
    mirrored(ada)
    subjects = [message.subject for message in send(LATER)]
    assert subjects == ["Your receipt for Starter, Tollgate", "Your receipt for Pro, Tollgate"]


def test_the_end_of_a_plan_is_told(sandbox: SandboxClient) -> None:
    from billing.gateways import stigg

    ada = person("ada")
    done = subscribe(ada, sandbox)
    mirrored(ada)
    send()
    stigg.current().cancel_subscription(subscription_id=done.subscription.stigg_id, when="IMMEDIATE")  # type: ignore[union-attr]
    mirrored(ada)
    assert send(LATER)[-1].subject == "Pro has ended, Tollgate"


def test_a_planned_end_is_told_with_its_day(sandbox: SandboxClient, settings: Any) -> None:
    from billing.gateways import stigg

    settings.TOLLGATE_SITE_NAME = "Tollgate, Inc."
    ada = person("ada")
    done = subscribe(ada, sandbox)
    mirrored(ada)
    send()
    OutgoingEmail.objects.update(created_at=timezone.now() - timedelta(days=3))
    stigg.current().cancel_subscription(
        subscription_id=done.subscription.stigg_id,  # type: ignore[union-attr]
        when="END_OF_BILLING_PERIOD",
    )
    mirrored(ada)
    message = send(LATER)[-1]
    title = re.search("<h1>(.*)</h1>", html_of(message))
    assert title is not None
    assert title[1].startswith("Pro ends on ")
    assert message.subject == f"{title[1]}, Tollgate, Inc."
    assert "Until then you keep everything" in message.body


@pytest.mark.shows("C15")
def test_the_success_page_says_what_was_paid_and_leads_to_the_receipt(sandbox: SandboxClient) -> None:
    ada = person("ada")
    done = subscribe(ada, sandbox)
    client = signed_in(ada)
    page = client.get(url("checkout_status", done)).content.decode()
    assert "Welcome to Pro" in page
    assert "API calls" in page
    (invoice,) = sandbox.objects("stripe", "invoices")
    assert client.get(url("checkout_receipt", done)).url == invoice["hosted_invoice_url"]
    before = len(sandbox.calls("stripe"))
    assert client.get(url("checkout_receipt_pdf", done)).url == invoice["invoice_pdf"]
    assert len(sandbox.calls("stripe")) == before
    page = client.get(url("checkout_status", done)).content.decode()
    assert "<dt>Paid</dt><dd>$49</dd>" in page
    assert str(invoice["number"]) in page
    assert signed_in(person("dave")).get(url("checkout_receipt", done)).status_code == 404


@pytest.mark.shows("C15")
def test_entitlements_are_there_when_the_success_page_is(sandbox: SandboxClient) -> None:
    ada = person("ada")
    session = begin(ada)
    sandbox.confirm_card(str(session.setup_intent_id))
    client = signed_in(ada)
    answer = client.post(url("checkout_complete", session), headers={"Accept": "application/json"}).json()
    assert answer["state"] == State.SUCCEEDED
    granted = [row["feature_id"] for row in client.get("/billing/me.json").json()["entitlements"] if row["is_granted"]]
    assert len(granted) > 3
