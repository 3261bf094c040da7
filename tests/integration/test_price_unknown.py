"""Where the price list alone is not what is charged, and Stigg does not say what is: nobody pays a price unseen."""

from __future__ import annotations

import pytest
from django.core.cache import cache
from django.urls import reverse

from billing.models import CheckoutSession
from billing.services import completion, previews
from tests.integration.card_page import card_page, charged, enter_card, press, shown_on
from tests.integration.ordering import shopper
from tests.sandbox_process import SandboxClient

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("studio"), pytest.mark.shows("C2")]
State = CheckoutSession.State
BULK = {"plan": "plan-bulk", "quantity-feature-editors": "60", "quantity-feature-renders": "2000"}
NO_PRICE = "Taxes and discounts cannot be worked out right now; you will see them before you pay."


def test_without_a_price_of_stiggs_the_card_page_says_so_and_nothing_is_charged_before_there_is_one(
    studio: SandboxClient,
) -> None:
    ada = shopper(studio)
    studio.fault("stigg", "down", "previewSubscription", times=50)
    ada.order(**BULK)
    page = card_page(ada)
    assert NO_PRICE in page.content.decode()
    assert page.context["pay_label"] == "Save card and subscribe"
    assert shown_on(page) == ""
    enter_card(ada)
    assert press(ada, page).url == reverse("billing:checkout_status", args=[ada.checkout().pk])
    assert ada.checkout().state == State.CONFIRMED
    assert charged(ada) == []

    studio.calm()
    completion.complete(ada.checkout().pk, cause="sweep")
    again = card_page(ada)
    assert (
        "The final price could not be worked out before: it is $565.25. Please look before you confirm."
        in again.content.decode()
    )
    assert again.context["pay_label"] == "Pay $565.25 and subscribe"
    press(ada, again)
    assert ada.checkout().state == State.SUCCEEDED
    assert charged(ada) == [56525]


def test_a_button_without_a_price_beside_it_agrees_to_none(studio: SandboxClient) -> None:
    ada = shopper(studio)
    studio.fault("stigg", "down", "previewSubscription", times=200)
    ada.order(**BULK)
    enter_card(ada)
    press(ada, card_page(ada))
    studio.calm()
    completion.complete(ada.checkout().pk, cause="sweep")
    studio.fault("stigg", "down", "previewSubscription", times=200)
    cache.clear()
    press(ada, card_page(ada))
    completion.complete(ada.checkout().pk, cause="sweep")
    assert charged(ada) == []


def test_who_has_looked_too_often_still_sees_what_they_pay(studio: SandboxClient) -> None:
    ada = shopper(studio)
    for editors in range(20, 20 + previews.PER_MINUTE + 1):
        ada.look(plan="plan-bulk", **{"quantity-feature-editors": str(editors)})
    ada.order(**BULK, shown="56525 USD new")
    page = card_page(ada)
    assert NO_PRICE not in page.content.decode()
    assert page.context["pay_label"] == "Pay $565.25 and subscribe"
    enter_card(ada)
    press(ada, page)
    assert charged(ada) == [56525]
