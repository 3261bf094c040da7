"""Every e-mail in every language: nothing left in English, amounts and days as the language writes them."""

from __future__ import annotations

import re
from datetime import timedelta
from email.message import EmailMessage
from typing import Any

import pytest
from django.core import mail
from django.test import Client
from django.utils import timezone, translation

from billing.gateways import stigg
from billing.models import CheckoutSession, Customer, OutgoingEmail, Subscription
from billing.services import customers, emails
from tests.integration.speaking import english_around_gaps, english_in
from tests.people import Person, begin, person, subscribe
from tests.sandbox_process import SandboxClient

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("price_list"), pytest.mark.shows("C15")]
LANGUAGES = ("en", "es", "de", "fr", "pt-br", "ja")
PRICE = {"en": "$49", "es": "49 US$", "de": "49 $", "fr": "49 $US", "pt-br": "US$ 49", "ja": "$49"}
DAY = {
    "en": r"[A-Z]\w+ \d{1,2}, \d{4}",
    "es": r"\d{1,2} de \w+ de \d{4}",
    "de": r"\d{1,2}\. \w+ \d{4}",
    "fr": r"\d{1,2}(er)? \w+ \d{4}",
    "pt-br": r"\d{1,2} de \w+ de \d{4}",
    "ja": r"\d{4}年\d{1,2}月\d{1,2}日",
}
CLOCK = {"en": r"\w+ \d+, \d\d:\d\d", "de": r"\d+\. \w+, \d\d:\d\d", "ja": r"\d+月\d+日 \d{1,2}:\d\d"}


def buyer(name: str, language: str) -> Person:
    who = person(name)
    Customer.objects.filter(pk=who.customer.pk).update(language=language)
    who.customer.refresh_from_db()
    return who


def bought(who: Person, sandbox: SandboxClient, **changes: Any) -> CheckoutSession:
    done = subscribe(who, sandbox, **changes)
    customers.refresh(who.customer.pk, cause="test", with_stripe=True)
    return done


def sent(language: str) -> str:
    """The one mail that is due, all of it; spaces of every kind as plain ones."""
    mail.outbox.clear()
    with translation.override("en"):  # a worker's own language is nobody's
        emails.work_due(timezone.now() + timedelta(minutes=11))
    (message,) = mail.outbox
    page = whole(message)
    if language != "en":
        assert english_in(page, language) == []
        assert english_around_gaps(page, language) == []
    assert f'<html lang="{language}" dir="ltr">' in page
    return page


def whole(message: EmailMessage) -> str:
    parts = (message.subject, message.body, message.alternatives[0].content)  # type: ignore[attr-defined]
    return re.sub(r"[\u00a0\u202f]", " ", "\n".join(map(str, parts)))


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_plan_from_its_receipt_to_its_end(sandbox: SandboxClient, language: str) -> None:
    ada = buyer("ada", language)
    row = bought(ada, sandbox).subscription
    assert row is not None
    receipt = sent(language)
    assert PRICE[language] in receipt
    assert re.search(DAY[language], receipt), "the day of the next bill"

    OutgoingEmail.objects.update(created_at=timezone.now() - timedelta(days=3))
    OutgoingEmail.objects.create(
        kind=OutgoingEmail.Kind.PLAN_CHANGED,
        reference="a change",
        customer=ada.customer,
        subscription=row,
        due_at=timezone.now(),
    )
    assert PRICE[language] in sent(language)

    OutgoingEmail.objects.update(created_at=timezone.now() - timedelta(days=3))
    stigg.current().cancel_subscription(subscription_id=row.stigg_id, when="END_OF_BILLING_PERIOD")
    customers.refresh(ada.customer.pk, cause="test", with_stripe=True)
    assert re.search(rf"<h1>.*{DAY[language]}.*</h1>", sent(language)), "the day of the end, in the heading"

    stigg.current().cancel_subscription(subscription_id=row.stigg_id, when="IMMEDIATE")
    customers.refresh(ada.customer.pk, cause="test", with_stripe=True)
    assert Subscription.objects.get().is_finished
    assert re.search(r"<h1>.*Pro.*</h1>", sent(language))


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_payment_that_failed(sandbox: SandboxClient, language: str) -> None:
    carol = buyer("carol", language)
    bought(carol, sandbox, card="pm_card_chargeCustomerFail")
    letter = sent(language)
    assert PRICE[language] in letter
    assert re.search(CLOCK.get(language, r"\b\d{1,2}:\d\d\b"), letter), "until when the order waits"


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("had_a_price", [True, False])
def test_a_price_to_agree_to(sandbox: SandboxClient, language: str, had_a_price: bool) -> None:
    grace = buyer("grace", language)
    waiting = begin(grace)
    values = {"payment_method_id": "pm_1", "price_rose": had_a_price}
    CheckoutSession.objects.filter(pk=waiting.pk).update(**values)
    emails.queue_awaits_consent(waiting)
    letter = sent(language)
    assert re.search(CLOCK.get(language, r"\b\d{1,2}:\d\d\b"), letter), "until when the order waits"
    assert f"/checkout/{waiting.pk}/" in letter


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_question_reaches_staff_in_the_sites_language(client: Client, settings: Any, language: str) -> None:
    settings.LANGUAGE_CODE = language
    settings.TOLLGATE_CONTACT_EMAIL = "sales@example.com"
    asked = {"name": "Grace Hopper", "email": "grace@example.com", "seats": "12500", "message": "SAML?"}
    assert client.post("/contact/", asked).status_code == 302
    number = {"en": "12,500", "ja": "12,500", "fr": "12 500"}
    assert number.get(language, "12.500") in sent(language)
