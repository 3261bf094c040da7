"""Whose order waits for their word on its price, with the tab closed, is written to."""

from __future__ import annotations

from datetime import timedelta
from email.message import EmailMessage
from typing import Any

import pytest
from django.core import mail
from django.core.cache import cache
from django.urls import reverse
from django.utils import timezone

from billing.models import CheckoutSession, Customer, OutgoingEmail
from billing.services import completion, emails
from tests.integration.card_page import card_page, charged, enter_card, press, set_balance
from tests.integration.ordering import Shopper, shopper
from tests.sandbox_process import SandboxClient

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("price_list"), pytest.mark.shows("C11")]
SITE = "https://billing.example.com"
SUBJECT = "Your order for Pro waits for you, Tollgate"


@pytest.fixture
def ada(sandbox: SandboxClient, settings: Any) -> Shopper:
    """Saw $29, entered her card and closed the tab; meanwhile the price became $49."""
    settings.TOLLGATE_SITE_URL = SITE
    who = shopper(sandbox)
    set_balance(who, -2000)
    who.order(plan="plan-pro")
    card_page(who)
    set_balance(who, 0)
    enter_card(who)
    assert completion.complete(who.checkout().pk, cause="webhook").state == CheckoutSession.State.OPEN
    return who


def letters(*, minutes: float = 11) -> list[EmailMessage]:
    """What has been sent when so much time is over."""
    emails.work_due(timezone.now() + timedelta(minutes=minutes))
    return list(mail.outbox)


def test_the_letter_leads_to_the_page_that_asks(ada: Shopper) -> None:
    assert letters(minutes=9) == []
    (letter,) = letters()
    assert (letter.subject, letter.to) == (SUBJECT, [ada.who.customer.email])
    page = SITE + reverse("billing:checkout", args=[ada.checkout().pk])
    for body in (letter.body, letter.alternatives[0].content):  # type: ignore[attr-defined]
        assert "The price of your order for Pro rose before it could be made. Nothing was charged." in body
        assert "Your order waits until" in body
        assert page in body
    assert "it is $49 now" in card_page(ada).content.decode()
    assert letters(minutes=60) == [letter]
    assert charged(ada) == []


def test_it_goes_to_whoever_ordered_and_can_agree_not_to_the_accountants(ada: Shopper) -> None:
    Customer.objects.update(invoice_email="accounts@example.com")
    assert [letter.to for letter in letters()] == [[ada.who.user.email]]


def test_whoever_agrees_on_the_page_is_not_written_to(ada: Shopper) -> None:
    press(ada, card_page(ada))
    assert charged(ada) == [4900]
    assert SUBJECT not in [letter.subject for letter in letters()]
    assert OutgoingEmail.objects.get(kind=OutgoingEmail.Kind.AWAITS_CONSENT).state == OutgoingEmail.State.DROPPED


def test_whoever_is_asked_twice_is_written_to_once(ada: Shopper) -> None:
    set_balance(ada, -500)
    cache.clear()
    page = card_page(ada)
    set_balance(ada, 0)
    press(ada, page)
    assert OutgoingEmail.objects.filter(kind=OutgoingEmail.Kind.AWAITS_CONSENT).count() == 2
    assert [letter.subject for letter in letters()] == [SUBJECT]


def test_an_order_that_was_given_up_is_not_written_about(ada: Shopper) -> None:
    ada.client.post(reverse("billing:checkout_cancel", args=[ada.checkout().pk]))
    assert letters() == []
