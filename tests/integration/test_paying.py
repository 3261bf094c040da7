"""Around the card page: what is on file, refusals in words, the bank's answer in every order, and what it costs."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import requests
import responses
from django.test import Client
from django.utils import timezone

from billing.models import CheckoutSession, PaymentMethod, Subscription
from billing.services import card_entry, completion, customers, expiry
from tests.integration.browsing import choose, config_of, signed_in, url
from tests.people import Person, begin, person, subscribe
from tests.sandbox_process import STRIPE_KEY, SandboxClient

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("price_list")]
State = CheckoutSession.State


def calls(sandbox: SandboxClient, provider: str) -> int:
    return len(sandbox.calls(provider))


def page_of(client: Client, session: CheckoutSession, name: str = "checkout") -> str:
    return client.get(url(name, session)).content.decode()


# What it costs upstream


@pytest.mark.shows("C1")
def test_a_checkout_is_cheap_upstream(sandbox: SandboxClient) -> None:
    """One call to make the SetupIntent, one to show it, four to complete; nothing for the page that follows."""
    ada = person("ada")
    customers.provision(ada.customer.pk)
    client = signed_in(ada)
    before = calls(sandbox, "stripe")
    session = begin(ada)
    assert calls(sandbox, "stripe") - before == 1
    client.get(url("checkout", session))
    assert calls(sandbox, "stripe") - before == 2
    sandbox.confirm_card(str(session.setup_intent_id))
    before = calls(sandbox, "stripe") + calls(sandbox, "stigg")
    client.post(url("checkout_complete", session))
    assert calls(sandbox, "stripe") + calls(sandbox, "stigg") - before <= 4
    before = calls(sandbox, "stripe") + calls(sandbox, "stigg")
    assert "Welcome to Pro" in page_of(client, session, "checkout_status")
    assert calls(sandbox, "stripe") + calls(sandbox, "stigg") == before


# What is on file


@pytest.fixture
def ada_with_card(sandbox: SandboxClient) -> tuple[Person, PaymentMethod]:
    """On the Starter plan, about to take Pro."""
    ada = person("ada")
    subscribe(ada, sandbox, plan="plan-starter")
    customers.refresh(ada.customer.pk, cause="test", with_stripe=True)
    return ada, PaymentMethod.objects.get()


def card_page(who: Person) -> str:
    client = signed_in(who)
    return client.get(choose(client, query="?card=new").url).content.decode()


def save(who: Person, **values: Any) -> PaymentMethod:
    fields = {"type": "card", "brand": "visa", "last4": "1111", "exp_month": 1, "exp_year": 2099} | values
    stripe_id = f"pm_{fields['last4']}{fields['type']}"
    return PaymentMethod.objects.create(
        customer=who.customer, stripe_id=stripe_id, mirrored_at=timezone.now(), **fields
    )


@pytest.mark.shows("C1")
def test_an_expired_card_is_shown_and_cannot_be_chosen(ada_with_card: tuple[Person, PaymentMethod]) -> None:
    ada, _card = ada_with_card
    old = save(ada, exp_month=3, exp_year=2024)
    page = card_page(ada)
    assert "Expired 03/24" in page
    assert f'value="{old.stripe_id}" required disabled' in page
    checkout = CheckoutSession.objects.get(plan_id="plan-pro")
    answer = signed_in(ada).post(url("checkout_complete", checkout), {"payment_method": old.stripe_id})
    assert answer.status_code == 409


@pytest.mark.shows("C1")
def test_a_card_that_expires_soon_says_so_here_and_in_the_account(ada_with_card: tuple[Person, PaymentMethod]) -> None:
    ada, card = ada_with_card
    now = timezone.now()
    PaymentMethod.objects.filter(pk=card.pk).update(exp_month=now.month, exp_year=now.year)
    soon = f"Expires soon: {now.month:02d}/{now.year % 100:02d}"
    assert soon in card_page(ada)
    assert soon in signed_in(ada).get("/billing/").content.decode()


@pytest.mark.shows("C14", "C1")
@pytest.mark.parametrize(
    ("kind", "values", "label"),
    [
        ("sepa_debit", {"brand": "", "last4": "3000"}, "SEPA direct debit •••• 3000"),
        ("link", {"brand": "", "last4": ""}, "Link"),
        ("paypal", {"brand": "", "last4": ""}, "PayPal"),
        ("us_bank_account", {"brand": "STRIPE TEST BANK", "last4": "6789"}, "Bank account •••• 6789"),
        ("card", {"wallet": "apple_pay"}, "Visa •••• 1111 (Apple Pay)"),
    ],
)
def test_other_ways_to_pay_are_called_by_their_names(
    ada_with_card: tuple[Person, PaymentMethod], kind: str, values: dict[str, str], label: str
) -> None:
    ada, _card = ada_with_card
    expiry_of = {} if kind == "card" else {"exp_month": None, "exp_year": None}
    row = save(ada, type=kind, **values, **expiry_of)
    page = card_page(ada)
    assert label in page
    assert f'value="{row.stripe_id}"' in page
    assert label in signed_in(ada).get("/billing/").content.decode()


@pytest.mark.shows("C1")
def test_the_address_on_file_is_filled_in(sandbox: SandboxClient) -> None:
    ada = person("ada")
    session = begin(ada)
    type(ada.customer).objects.update(address_line1="Torstraße 1", city="Berlin", postal_code="10119", country="DE")
    config = config_of(signed_in(ada).get(url("checkout", session)))
    assert config["address"]["line1"] == "Torstraße 1"
    assert config["address"]["country"] == "DE"
    assert config["currency"] == "usd"  # as agreed to


# Refusals


@pytest.mark.parametrize(
    ("card", "reason", "next_step"),
    [
        ("pm_card_visa_chargeDeclined", "Your bank declined this card without saying why.", "Please use another card"),
        ("pm_card_visa_chargeDeclinedInsufficientFunds", "There is not enough money on this card.", "another card"),
        ("pm_card_chargeDeclinedExpiredCard", "This card has expired.", "Please use another card."),
        ("pm_card_chargeDeclinedIncorrectCvc", "The security code of this card is wrong.", "with the right code"),
        ("pm_card_chargeDeclinedProcessingError", "The card could not be processed just now.", "in a moment"),
        ("pm_card_visa_chargeDeclinedLostCard", "Your bank declined this card without saying why.", "another card"),
        ("pm_card_visa_chargeDeclinedStolenCard", "Your bank declined this card without saying why.", "another card"),
    ],
)
def test_whoever_comes_back_to_the_page_reads_why_the_last_card_was_refused(
    sandbox: SandboxClient, card: str, reason: str, next_step: str
) -> None:
    ada = person("ada")
    session = begin(ada)
    answer = sandbox.confirm_card(str(session.setup_intent_id), card)
    assert answer["error"]["type"] == "card_error"
    page = page_of(signed_in(ada), session)
    assert reason in page
    assert next_step in page
    for word in ("lost card", "lost_card", "stolen", "fraud"):
        assert word not in page.split("<script")[0].lower().split("<main")[1]


def test_the_script_is_given_words_for_each_refusal_and_none_for_a_thief(sandbox: SandboxClient) -> None:
    ada = person("ada")
    reasons = config_of(signed_in(ada).get(url("checkout", begin(ada))))["reasons"]
    wanted = {"", "insufficient_funds", "expired_card", "incorrect_cvc", "incorrect_number", "processing_error"}
    assert wanted | {"setup_intent_authentication_failure"} <= reasons.keys()
    assert not {"lost_card", "stolen_card", "fraudulent", "pickup_card", "do_not_honor"} & reasons.keys()


# The bank's answer, in every order


def returning(client: Client, session: CheckoutSession, status: str = "succeeded") -> Any:
    query = {"setup_intent": "seti_x", "setup_intent_client_secret": "seti_x_secret_y", "redirect_status": status}
    return client.get(url("checkout_return", session), query)


def asked(sandbox: SandboxClient, session: CheckoutSession, answer: str) -> None:
    """The bank asks while the card is saved, and is answered: "accept" or "refuse"."""
    intent = sandbox.confirm_card(str(session.setup_intent_id), "pm_card_authenticationRequiredOnSetup")
    assert intent["status"] == "requires_action"
    sandbox.authenticate(str(session.setup_intent_id), answer)


@pytest.mark.shows("C14")
def test_a_bank_that_says_yes_on_its_own_page_starts_the_plan_once(sandbox: SandboxClient) -> None:
    ada = person("ada")
    session = begin(ada)
    asked(sandbox, session, "accept")
    client = signed_in(ada)
    for _ in range(2):
        assert returning(client, session).url == url("checkout_status", session)
    assert Subscription.objects.get().status == "ACTIVE"


@pytest.mark.shows("C14")
def test_a_bank_that_says_no_leads_back_to_the_form_with_the_reason(sandbox: SandboxClient) -> None:
    ada = person("ada")
    session = begin(ada)
    asked(sandbox, session, "refuse")
    client = signed_in(ada)
    assert returning(client, session, "failed").url == url("checkout", session)
    assert "Your bank could not confirm that it was you." in page_of(client, session)
    assert config_of(client.get(url("checkout", session)))["clientSecret"]


def test_whoever_closes_the_banks_window_finds_the_form_as_it_was(sandbox: SandboxClient) -> None:
    ada = person("ada")
    session = begin(ada)
    sandbox.confirm_card(str(session.setup_intent_id), "pm_card_authenticationRequiredOnSetup")
    client = signed_in(ada)
    assert returning(client, session).url == url("checkout", session)
    assert config_of(client.get(url("checkout", session)))["clientSecret"].startswith(session.setup_intent_id)
    assert not Subscription.objects.exists()


def test_whoever_returns_after_the_order_has_expired_is_told_and_not_charged(sandbox: SandboxClient) -> None:
    ada = person("ada")
    session = begin(ada)
    later = timezone.now() + timedelta(days=2)
    CheckoutSession.objects.filter(pk=session.pk).update(due_at=None)
    expiry.expire(session.pk, now=later)
    client = signed_in(ada)
    assert returning(client, session).url == url("checkout_status", session)
    assert "This order has expired" in page_of(client, session, "checkout_status")
    assert sandbox.objects("stripe", "invoices") == []


def test_a_first_payment_that_the_bank_confirmed_elsewhere_is_found_on_return(sandbox: SandboxClient) -> None:
    ada = person("ada")
    session = begin(ada)
    sandbox.confirm_card(str(session.setup_intent_id), "pm_card_authenticationRequired")
    sandbox.authenticate(str(session.setup_intent_id), "accept")
    session = completion.complete(session.pk, cause="test")
    assert session.state == State.ACTION_REQUIRED
    client = signed_in(ada)
    secret = config_of(client.get(url("checkout_status", session)), "action-config")["clientSecret"]
    sandbox.authenticate(secret.partition("_secret_")[0], "accept")
    returning(client, session)
    customers.refresh(ada.customer.pk, cause="test")
    session.refresh_from_db()
    assert session.state in (State.SUCCEEDED, State.PROCESSING)


def test_a_first_payment_that_the_bank_refused_says_so_on_return(sandbox: SandboxClient) -> None:
    ada = person("ada")
    session = begin(ada)
    sandbox.confirm_card(str(session.setup_intent_id), "pm_card_authenticationRequired")
    sandbox.authenticate(str(session.setup_intent_id), "accept")
    session = completion.complete(session.pk, cause="test")
    client = signed_in(ada)
    secret = config_of(client.get(url("checkout_status", session)), "action-config")["clientSecret"]
    sandbox.authenticate(secret.partition("_secret_")[0], "refuse")
    returning(client, session, "failed")
    assert "Your bank could not confirm that it was you." in page_of(client, session, "checkout_status")


# Signed out, two tabs


def test_whoever_was_signed_out_meanwhile_is_given_a_link_and_loses_nothing(sandbox: SandboxClient) -> None:
    ada = person("ada")
    session = begin(ada)
    sandbox.confirm_card(str(session.setup_intent_id))
    answer = Client().post(url("checkout_complete", session), headers={"Accept": "application/json"})
    assert answer.status_code == 401
    assert answer.json()["sign_in"] == f"/accounts/login/?next={url('checkout', session)}"
    page = page_of(signed_in(ada), session)
    assert "Your card is saved" in page


def test_a_second_tab_that_tries_again_after_the_first_has_paid_charges_nothing(sandbox: SandboxClient) -> None:
    carol = person("carol")
    failed = subscribe(carol, sandbox, card="pm_card_chargeCustomerFail")
    client = signed_in(carol)
    client.post(url("checkout_card", failed))
    failed.refresh_from_db()
    sandbox.confirm_card(str(failed.setup_intent_id))
    client.post(url("checkout_complete", failed))
    for name in ("checkout_pay", "checkout_complete", "checkout_card"):
        client.post(url(name, failed))
    paid = [one for one in sandbox.objects("stripe", "payment_intents") if one["status"] == "succeeded"]
    assert len(paid) == 1


def test_past_the_deadline_the_pending_page_says_that_it_is_over(sandbox: SandboxClient) -> None:
    carol = person("carol")
    failed = subscribe(carol, sandbox, card="pm_card_chargeCustomerFail")
    sandbox.advance(hours=24)
    client = signed_in(carol)
    client.post(url("checkout_pay", failed))
    customers.refresh(carol.customer.pk, cause="test")
    assert "This order has expired" in page_of(client, failed, "checkout_status")


# Headers


@pytest.mark.shows("C14")
def test_wallets_may_pay_in_stripes_frames_and_nobody_else_may(settings: Any) -> None:
    policy = Client().get("/contact/")["Permissions-Policy"]
    origin = settings.TOLLGATE_STRIPE_JS_URL.partition("/endive")[0]
    assert policy.startswith(f'payment=(self "{origin}")')
    assert "camera=()" in policy


# Banks that take their time


@pytest.mark.shows("C14", "C8")
def test_while_a_bank_debit_is_being_confirmed_the_page_says_so_and_looks_again(sandbox: SandboxClient) -> None:
    ada = person("ada")
    session = begin(ada)
    client = signed_in(ada)
    intent_url = f"{sandbox.stripe_url}/v1/setup_intents/{session.setup_intent_id}"
    intent = requests.get(intent_url, auth=(STRIPE_KEY, ""), timeout=10).json()
    with responses.RequestsMock() as http:
        http.add_passthru(sandbox.stigg_url)
        http.get(intent_url, json=intent | {"status": "processing", "payment_method": "pm_1"})
        assert returning(client, session, "processing").url == url("checkout", session)
        page = page_of(client, session)
    assert "Your bank is still confirming" in page
    assert 'http-equiv="refresh"' in page
    assert "_secret_" not in page
    session.refresh_from_db()
    assert session.due_at is not None
    sandbox.confirm_card(str(session.setup_intent_id))
    assert completion.complete(session.pk, cause="sweep").state == State.SUCCEEDED


@pytest.mark.shows("C8", "C9")
def test_a_failure_that_webhooks_told_first_has_its_reason_too(sandbox: SandboxClient) -> None:
    """Stigg passes on a sentence only; Stripe knows that it was the bank's confirmation that was missing."""
    ada = person("ada")
    session = begin(ada)
    sandbox.confirm_card(str(session.setup_intent_id), "pm_card_authenticationRequired")
    sandbox.authenticate(str(session.setup_intent_id), "accept")
    asked = completion.complete(session.pk, cause="test")
    secret = str(card_entry.fetch_payment_secret(asked))
    sandbox.authenticate(secret.partition("_secret_")[0], "refuse")
    sandbox.settle()
    customers.refresh(ada.customer.pk, cause="test")
    asked.refresh_from_db()
    assert (asked.state, asked.failure_code) == (State.PAYMENT_FAILED, "")
    page = signed_in(ada).get(url("checkout_status", asked)).content.decode()
    assert "could not confirm that it was you" in page
