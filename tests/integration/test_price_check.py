"""Nobody is charged more than the card page has shown: who would be is asked first, with the card kept."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from billing.models import CheckoutSession
from billing.services import completion
from tests.integration.card_page import card_page, charged, enter_card, press, set_balance
from tests.integration.ordering import Shopper, shopper, subscriber
from tests.sandbox_process import SandboxClient

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("price_list"), pytest.mark.shows("C2")]
State = CheckoutSession.State
ASKED = "The price has changed: it is $49 now."


@pytest.fixture
def ada(sandbox: SandboxClient) -> Shopper:
    """On the way to Pro, $49, of which a credit of hers pays $20."""
    who = shopper(sandbox)
    set_balance(who, -2000)
    who.order(plan="plan-pro")
    return who


def test_who_would_be_charged_more_than_the_page_showed_is_asked_and_then_charged(ada: Shopper) -> None:
    page = card_page(ada)
    assert "Pay $29 and subscribe" in page.content.decode()
    set_balance(ada, 0)
    enter_card(ada)
    answer = press(ada, page)
    assert answer.url == reverse("billing:checkout", args=[ada.checkout().pk])
    assert charged(ada) == []

    again = card_page(ada)
    body = again.content.decode()
    assert ASKED in body
    assert "Pay $49 and subscribe" in body
    assert "Your card is saved" in body
    assert "Yes, cancel this order" in body
    press(ada, again)
    assert ada.checkout().state == State.SUCCEEDED
    assert charged(ada) == [4900]


def test_a_saved_card_is_asked_about_like_a_new_one(sandbox: SandboxClient) -> None:
    starter = subscriber(sandbox, plan="plan-starter")
    card = starter.checkout().payment_method_id
    set_balance(starter, -1000)
    starter.order(plan="plan-pro", query="?card=new")
    page = card_page(starter)
    set_balance(starter, 0)
    press(starter, page, payment_method=card)
    assert len(charged(starter)) == 1
    press(starter, card_page(starter))
    assert starter.checkout().state == State.SUCCEEDED
    assert starter.refresh().plan_id == "plan-pro"


def test_a_lower_price_needs_no_asking(ada: Shopper) -> None:
    page = card_page(ada)
    set_balance(ada, -3000)
    enter_card(ada)
    press(ada, page)
    assert ada.checkout().state == State.SUCCEEDED
    assert ada.invoices()[0]["amount_due"] == 1900


def test_a_closed_tab_buys_at_the_price_that_it_showed(ada: Shopper) -> None:
    card_page(ada)
    enter_card(ada)
    assert completion.complete(ada.checkout().pk, cause="webhook").state == State.SUCCEEDED
    assert charged(ada) == [2900]


def test_a_closed_tab_never_buys_at_a_higher_one_and_is_there_when_the_customer_returns(ada: Shopper) -> None:
    card_page(ada)
    set_balance(ada, 0)
    enter_card(ada)
    pk = ada.checkout().pk
    assert ASKED not in card_page(ada).content.decode()  # seen, but not agreed to
    for cause in ("webhook", "sweep", "deadline"):
        assert completion.complete(pk, cause=cause).state == State.OPEN
        assert ASKED in card_page(ada).content.decode()
    assert charged(ada) == []
    press(ada, card_page(ada))
    assert charged(ada) == [4900]


def test_the_button_of_an_older_tab_agrees_to_no_more_than_that_tab_shows(ada: Shopper) -> None:
    old = card_page(ada)
    set_balance(ada, 0)
    enter_card(ada)
    press(ada, old)
    press(ada, old)
    assert ada.checkout().state == State.OPEN
    assert charged(ada) == []


def test_a_code_that_has_ended_is_said_and_the_full_price_asked_for(sandbox: SandboxClient) -> None:
    ada = shopper(sandbox)
    ada.order(plan="plan-pro", coupon="SPRING")
    page = card_page(ada)
    assert "Pay $39 and subscribe" in page.content.decode()
    sandbox.fault("stigg", "graphql_error", "previewSubscription", code="ArchivedCouponCantBeApplied", times=1)
    enter_card(ada)
    press(ada, page)
    sandbox.fault("stigg", "graphql_error", "previewSubscription", code="ArchivedCouponCantBeApplied", times=1)
    again = card_page(ada)
    assert "This code is not valid any more." in again.content.decode()
    assert ASKED in again.content.decode()
    sandbox.fault("stigg", "graphql_error", "previewSubscription", code="ArchivedCouponCantBeApplied", times=1)
    press(ada, again)
    assert ada.checkout().state == State.SUCCEEDED
    assert charged(ada) == [4900]


def test_without_a_price_nothing_is_charged_and_the_order_goes_on_as_soon_as_there_is_one(
    ada: Shopper, sandbox: SandboxClient
) -> None:
    page = card_page(ada)
    enter_card(ada)
    sandbox.fault("stigg", "down", "previewSubscription", times=50)
    press(ada, page)
    assert ada.checkout().state == State.CONFIRMED
    assert charged(ada) == []
    sandbox.calm()
    assert completion.complete(ada.checkout().pk, cause="sweep").state == State.SUCCEEDED
    assert charged(ada) == [2900]


def test_the_card_is_the_default_before_the_price_is_asked_for_in_the_same_call(
    ada: Shopper, sandbox: SandboxClient
) -> None:
    page = card_page(ada)
    enter_card(ada)
    before = len(sandbox.calls("stigg")) + len(sandbox.calls("stripe"))
    press(ada, page)
    assert len(sandbox.calls("stigg")) + len(sandbox.calls("stripe")) - before <= 4
    ada.refresh()
    assert ada.checkout().payment_method_id == ada.who.customer.default_payment_method_id


def test_an_order_that_is_repeated_at_another_price_is_billed_and_told_at_that_one(ada: Shopper) -> None:
    set_balance(ada, 0)
    ada.who.customer.refresh_from_db()
    again = ada.order(plan="plan-pro", shown="4900 USD new")
    assert again.url == reverse("billing:checkout", args=[ada.checkout().pk])
    page = card_page(ada)
    enter_card(ada, "pm_card_chargeCustomerFail")
    press(ada, page)
    assert ada.checkout().due_now_minor == 4900
    failed = ada.client.get(reverse("billing:checkout_status", args=[ada.checkout().pk]))
    assert failed.context["failure"].amount == "$49"


def test_the_failed_page_tells_what_the_invoice_asks_for(ada: Shopper) -> None:
    page = card_page(ada)
    enter_card(ada, "pm_card_chargeCustomerFail")
    press(ada, page)
    ada.refresh()
    CheckoutSession.objects.filter(pk=ada.checkout().pk).update(due_now_minor=100)
    failed = ada.client.get(reverse("billing:checkout_status", args=[ada.checkout().pk]))
    assert failed.context["failure"].amount == "$29"


def test_whoever_returns_from_the_bank_signed_out_leaves_stripes_secret_behind(ada: Shopper) -> None:
    back = reverse("billing:checkout_return", args=[ada.checkout().pk])
    answer = Client().get(back, {"setup_intent": "seti_1", "setup_intent_client_secret": "seti_1_secret_x"})
    assert answer.status_code == 302
    assert "secret" not in answer.url
    assert answer.url.endswith(f"?next={back}")


def test_a_button_that_tells_no_price_goes_by_the_one_that_was_ordered_at(ada: Shopper) -> None:
    """An older page, kept open over an update of ours."""
    card_page(ada)
    set_balance(ada, 0)
    enter_card(ada)
    ada.client.post(reverse("billing:checkout_complete", args=[ada.checkout().pk]))
    assert ada.checkout().state == State.OPEN
    assert charged(ada) == []


# A change, whose price moves by the second


@pytest.fixture
def to_yearly(sandbox: SandboxClient) -> Shopper:
    """On the card page, to pay Pro yearly: less what is left of the month."""
    pro = subscriber(sandbox)
    sandbox.advance(hours=240)
    pro.refresh()
    pro.order(plan="plan-pro", period="ANNUALLY", query="?card=new")
    assert pro.checkout().state == State.OPEN
    return pro


def test_nobody_is_asked_about_the_cent_that_a_period_loses_while_a_card_is_entered(to_yearly: Shopper) -> None:
    page = card_page(to_yearly)
    to_yearly.sandbox.advance(hours=2 / 60)
    enter_card(to_yearly)
    press(to_yearly, page)
    assert to_yearly.checkout().state == State.SUCCEEDED
    agreed = to_yearly.checkout().due_now_minor
    assert 0 <= charged(to_yearly)[0] - agreed <= 1


def test_what_it_loses_overnight_is_asked_about(to_yearly: Shopper) -> None:
    page = card_page(to_yearly)
    to_yearly.sandbox.advance(hours=9)
    enter_card(to_yearly)
    press(to_yearly, page)
    assert to_yearly.checkout().state == State.OPEN
    assert len(charged(to_yearly)) == 1
    again = card_page(to_yearly)
    assert "The price has changed" in again.content.decode()
    press(to_yearly, again)
    assert to_yearly.checkout().state == State.SUCCEEDED
