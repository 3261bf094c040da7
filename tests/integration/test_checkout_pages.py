"""The pages of a running checkout: card, return from the bank, wait, and every end with its words."""

from __future__ import annotations

import re
from typing import Any

import pytest

from billing.models import CheckoutSession, Subscription
from billing.services import customers
from tests.integration.browsing import choose, config_of, signed_in, url
from tests.people import begin, person, subscribe
from tests.sandbox_process import SandboxClient

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("price_list")]
State = CheckoutSession.State


# The card page


@pytest.mark.shows("C12")
def test_a_spent_setup_intent_is_never_given_to_elements(sandbox: SandboxClient) -> None:
    ada = person("ada")
    session = begin(ada)
    sandbox.confirm_card(session.setup_intent_id)
    page = signed_in(ada).get(url("checkout", session))
    assert page.status_code == 200
    assert "Your card is saved" in page.content.decode()
    assert "_secret_" not in page.content.decode()
    assert "stripe.js" not in page.content.decode()


def test_while_stripe_is_down_the_card_page_says_so_and_keeps_the_checkout(
    sandbox: SandboxClient, settings: Any
) -> None:
    ada = person("ada")
    session = begin(ada)
    settings.TOLLGATE_BREAKER_FAILURES = 1
    sandbox.fault("stripe", "down")
    page = signed_in(ada).get(url("checkout", session))
    assert page.status_code == 503
    assert "is kept, and nothing was charged" in page.content.decode()
    session.refresh_from_db()
    assert session.state == State.OPEN
    sandbox.calm()
    settings.TOLLGATE_BREAKER_FAILURES = 1000
    assert config_of(signed_in(ada).get(url("checkout", session)))["clientSecret"]


def test_a_canceled_setup_intent_gets_a_button_and_then_a_successor(sandbox: SandboxClient) -> None:
    from billing.gateways import stripe

    ada = person("ada")
    session = begin(ada)
    first = session.setup_intent_id
    stripe.current().cancel_setup_intent(first)
    client = signed_in(ada)
    assert "_secret_" not in client.get(url("checkout", session)).content.decode()
    client.post(url("checkout_card", session))
    session.refresh_from_db()
    assert session.setup_intent_id not in (None, first)


@pytest.mark.shows("C1")
def test_saved_cards_are_offered_first_and_pay_without_a_form(sandbox: SandboxClient) -> None:
    ada = person("ada")
    done = subscribe(ada, sandbox, plan="plan-starter")
    customers.refresh(ada.customer.pk, cause="test", with_stripe=True)
    client = signed_in(ada)
    card_page = choose(client, query="?card=new").url
    page = client.get(card_page).content.decode()
    assert "Visa •••• 4242" in page
    assert f'value="{done.payment_method_id}"' in page
    upgrade = CheckoutSession.objects.get(plan_id="plan-pro")
    client.post(url("checkout_complete", upgrade), {"payment_method": done.payment_method_id})
    upgrade.refresh_from_db()
    assert upgrade.state == State.SUCCEEDED


def test_a_card_of_somebody_else_does_not_pay(sandbox: SandboxClient) -> None:
    ada, dave = person("ada"), person("dave")
    done = subscribe(ada, sandbox)
    customers.refresh(ada.customer.pk, cause="test", with_stripe=True)
    session = begin(dave)
    answer = signed_in(dave).post(url("checkout_complete", session), {"payment_method": done.payment_method_id})
    assert answer.status_code == 409
    session.refresh_from_db()
    assert (session.state, session.payment_method_id) == (State.OPEN, "")


def test_completing_before_the_card_is_confirmed_leads_back_to_the_card(sandbox: SandboxClient) -> None:
    ada = person("ada")
    session = begin(ada)
    answer = signed_in(ada).post(url("checkout_complete", session))
    assert (answer.status_code, answer.url) == (303, url("checkout", session))
    assert sandbox.objects("stigg", "subscriptions") == []


# Back from the bank, waiting, ends


def test_the_return_page_leaves_stripes_secret_behind(sandbox: SandboxClient) -> None:
    ada = person("ada")
    session = begin(ada)
    intent = sandbox.confirm_card(session.setup_intent_id)
    query = {
        "setup_intent": intent["id"],
        "setup_intent_client_secret": intent["client_secret"],
        "redirect_status": "x",
    }
    answer = signed_in(ada).get(url("checkout_return", session), query)
    assert (answer.status_code, answer.url) == (303, url("checkout_status", session))
    assert Subscription.objects.get().status == "ACTIVE"
    again = signed_in(ada).get(url("checkout_return", session), query)
    assert (again.status_code, again.url) == (303, url("checkout_status", session))


def test_returning_without_a_confirmed_card_leads_back_to_the_form() -> None:
    ada = person("ada")
    session = begin(ada)
    assert signed_in(ada).get(url("checkout_return", session)).url == url("checkout", session)


@pytest.mark.parametrize("state", [State.CONFIRMED, State.PROCESSING])
def test_the_wait_page_asks_again_by_itself_and_stops_by_itself(state: str) -> None:
    ada = person("ada")
    session = begin(ada)
    client = signed_in(ada)
    CheckoutSession.objects.filter(pk=session.pk).update(state=state)
    status = url("checkout_status", session)
    assert "hx-get" in client.get(status).content.decode()
    fragment = client.get(status, headers={"HX-Request": "true"})
    assert "<html" not in fragment.content.decode()
    CheckoutSession.objects.filter(pk=session.pk).update(state=State.SUCCEEDED)
    assert client.get(status, headers={"HX-Request": "true"})["HX-Redirect"] == status


@pytest.mark.parametrize(
    ("state", "words"),
    [
        (State.EXPIRED, "This order has expired"),
        (State.CANCELED, "This order was canceled"),
        (State.SUPERSEDED, "You chose something else in the meantime"),
        (State.SUCCEEDED, "Welcome to Pro"),
    ],
)
def test_every_end_has_a_page_of_its_own_and_no_way_back(state: str, words: str) -> None:
    ada = person("ada")
    session = begin(ada)
    CheckoutSession.objects.filter(pk=session.pk).update(state=state)
    client = signed_in(ada)
    assert words in client.get(url("checkout_status", session)).content.decode()
    assert client.get(url("checkout", session)).url == url("checkout_status", session)
    for step in ("checkout_complete", "checkout_card", "checkout_pay", "checkout_cancel"):
        client.post(url(step, session))
    session.refresh_from_db()
    assert session.state == state


@pytest.mark.shows("C9")
def test_a_failed_payment_says_why_and_how_long_the_order_waits(sandbox: SandboxClient) -> None:
    carol = person("carol")
    failed = subscribe(carol, sandbox, card="pm_card_chargeCustomerFail")
    client = signed_in(carol)
    page = client.get(url("checkout_status", failed)).content.decode()
    assert "Your payment did not go through" in page
    assert "Your bank declined the payment" in page
    assert 0 < int(re.search(r'data-seconds-left="(\d+)"', page)[1]) <= 23 * 3600
    assert client.post(url("checkout_card", failed)).url == url("checkout", failed)
    failed.refresh_from_db()
    assert config_of(client.get(url("checkout", failed)))["clientSecret"].startswith(failed.setup_intent_id)
    sandbox.confirm_card(failed.setup_intent_id)
    client.post(url("checkout_complete", failed))
    customers.refresh(carol.customer.pk, cause="test")
    failed.refresh_from_db()
    assert failed.state in (State.SUCCEEDED, State.PROCESSING)


def test_giving_up_cancels_the_order(sandbox: SandboxClient) -> None:
    carol = person("carol")
    failed = subscribe(carol, sandbox, card="pm_card_chargeCustomerFail")
    client = signed_in(carol)
    answer = client.post(url("checkout_cancel", failed), follow=True)
    assert "This order was canceled" in answer.content.decode()
    customers.refresh(carol.customer.pk, cause="test")
    assert Subscription.objects.get().status == "CANCELED"
    assert sandbox.objects("stripe", "invoices")[0]["status"] == "void"
