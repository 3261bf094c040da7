"""The price that a button has shown is the one that counts, whatever other tabs show before the order is made."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.cache import cache
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from billing.models import CheckoutSession
from billing.services import completion, expiry
from tests.integration.card_page import card_page, charged, enter_card, press, set_balance
from tests.integration.ordering import Shopper, shopper, subscriber
from tests.people import begin
from tests.sandbox_process import SandboxClient

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("price_list"), pytest.mark.shows("C2")]
State = CheckoutSession.State


@pytest.fixture
def ada(sandbox: SandboxClient) -> Shopper:
    """On the way to Pro, $49, of which a credit of hers pays $20."""
    who = shopper(sandbox)
    set_balance(who, -2000)
    who.order(plan="plan-pro")
    return who


def agree(who: Shopper, page: HttpResponse) -> int:
    """What the card form says to us before it gives the card to Stripe; the status of our answer. Without a session."""
    config = page.context["elements_config"]
    return Client(enforce_csrf_checks=True).post(config["agreeUrl"], {"agreed": config["agreed"]}).status_code


def test_an_older_tab_pays_its_own_price_even_if_stripes_webhook_is_faster_than_its_page(ada: Shopper) -> None:
    old = card_page(ada)
    set_balance(ada, 0)
    cache.clear()
    assert "Pay $49 and subscribe" in card_page(ada).content.decode()
    assert agree(ada, old) == 204
    enter_card(ada)
    assert completion.complete(ada.checkout().pk, cause="webhook").state == State.OPEN
    assert charged(ada) == []
    press(ada, old)
    assert charged(ada) == []
    press(ada, card_page(ada))
    assert charged(ada) == [4900]


def test_the_price_of_another_checkout_is_none_of_this_one(ada: Shopper, sandbox: SandboxClient) -> None:
    other = shopper(sandbox, "bob")
    other.order(plan="plan-starter")
    wrong = card_page(other).context["elements_config"]["agreed"]
    page = card_page(ada)
    for agreed in ("", wrong, "4900 USD new"):
        page.context["elements_config"]["agreed"] = agreed
        assert agree(ada, page) == 404
    assert ada.checkout().due_now_minor == 2900


def test_what_was_agreed_to_outlives_what_later_tabs_show_while_the_bank_asks(ada: Shopper) -> None:
    assert agree(ada, card_page(ada)) == 204
    set_balance(ada, 0)
    cache.clear()
    ada.order(plan="plan-pro", shown="4900 USD new")
    assert "Pay $49 and subscribe" in card_page(ada).content.decode()
    enter_card(ada)
    ada.client.get(reverse("billing:checkout_return", args=[ada.checkout().pk]))
    assert ada.checkout().awaits_consent
    assert charged(ada) == []


def test_an_order_that_meets_an_outage_is_not_made_at_a_higher_price_when_it_is_over(
    ada: Shopper, sandbox: SandboxClient
) -> None:
    page = card_page(ada)
    enter_card(ada)
    sandbox.fault("stigg", "down", "provisionSubscriptionV2")
    press(ada, page)
    assert ada.checkout().state == State.CONFIRMED
    sandbox.calm()
    set_balance(ada, 0)
    cache.clear()

    # A moment later the try may still come about: nobody is asked yet, and a review in another tab charges nothing.
    answer = ada.order(plan="plan-pro", shown="4900 USD new")
    assert answer.url == reverse("billing:checkout_status", args=[ada.checkout().pk])
    assert ada.checkout().state == State.CONFIRMED
    assert charged(ada) == []

    rows = CheckoutSession.objects.filter(pk=ada.checkout().pk)
    rows.update(provision_started_at=timezone.now() - timedelta(minutes=10))
    assert completion.complete(ada.checkout().pk, cause="sweep").awaits_consent
    assert charged(ada) == []
    press(ada, card_page(ada))
    assert charged(ada) == [4900]


def test_an_order_that_is_asked_about_at_its_last_moment_waits_for_the_answer(ada: Shopper) -> None:
    card_page(ada)
    set_balance(ada, 0)
    enter_card(ada)
    end = ada.checkout().expires_at
    asked = expiry.expire(ada.checkout().pk, now=end)
    assert asked.awaits_consent
    assert asked.expires_at >= timezone.now() + timedelta(hours=23)


def test_an_order_of_the_hosts_that_was_asked_about_is_not_made_without_a_price(sandbox: SandboxClient) -> None:
    ada = shopper(sandbox)
    set_balance(ada, -2000)
    begin(ada.who)
    page = card_page(ada)
    set_balance(ada, 0)
    enter_card(ada)
    press(ada, page)
    assert ada.checkout().awaits_consent
    cache.clear()
    sandbox.fault("stigg", "down", "previewSubscription", times=50)
    press(ada, card_page(ada))
    sandbox.calm()
    completion.complete(ada.checkout().pk, cause="sweep")
    assert charged(ada) == []


def test_a_free_plan_that_met_an_outage_needs_no_price(sandbox: SandboxClient) -> None:
    ada = shopper(sandbox)
    sandbox.fault("stigg", "down", "provisionSubscriptionV2")
    ada.order(plan="plan-free", period=None)
    assert ada.checkout().state == State.CONFIRMED
    sandbox.calm()
    sandbox.fault("stigg", "down", "previewSubscription", times=50)
    CheckoutSession.objects.update(created_at=timezone.now() - timedelta(hours=1))
    assert completion.complete(ada.checkout().pk, cause="sweep").state == State.SUCCEEDED


def test_a_card_on_file_is_charged_by_the_price_with_its_own_billing_details(sandbox: SandboxClient) -> None:
    """The review page has priced the order with what Stigg had before, the address of before among it."""
    starter = subscriber(sandbox, plan="plan-starter")
    last = max(call["id"] for call in sandbox.calls("stigg"))
    starter.order(plan="plan-pro")
    assert starter.checkout().state == State.SUCCEEDED
    calls = sorted((call["id"], call["operation"]) for call in sandbox.calls("stigg") if call["id"] > last)
    names = [name for _id, name in calls]
    assert names[names.index("provisionSubscriptionV2") - 1] == "updateOneCustomer, previewSubscription"
