"""A shopper at the card page: what it shows, its button, and the card that is entered there."""

from __future__ import annotations

import re

import requests
from django.http import HttpResponse
from django.urls import reverse

from tests.integration.ordering import Shopper
from tests.sandbox_process import STRIPE_KEY

SHOWN = re.compile(r'name="shown" value="([^"]*)"')


def set_balance(who: Shopper, minor: int) -> None:
    """Stripe's customer balance; what is below zero is the customer's credit."""
    url = f"{who.sandbox.stripe_url}/v1/customers/{who.who.customer.stripe_id}"
    requests.post(url, data={"balance": minor}, auth=(STRIPE_KEY, ""), timeout=10).raise_for_status()


def card_page(who: Shopper) -> HttpResponse:
    return who.client.get(reverse("billing:checkout", args=[who.checkout().pk]))


def shown_on(page: HttpResponse) -> str:
    return SHOWN.findall(page.content.decode())[0]


def press(who: Shopper, page: HttpResponse, **fields: str) -> HttpResponse:
    """The button of a card page: it sends the price that the page has shown."""
    url = reverse("billing:checkout_complete", args=[who.checkout().pk])
    return who.client.post(url, {"shown": shown_on(page), **fields})


def enter_card(who: Shopper, card: str = "pm_card_visa") -> None:
    """In the browser; the tab may be closed after that."""
    who.sandbox.confirm_card(str(who.checkout().setup_intent_id), card)


def charged(who: Shopper) -> list[int]:
    return [row["amount_paid"] for row in who.invoices()]
