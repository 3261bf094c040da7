"""A visitor of each language: the whole journey in it, amounts as it writes them, and a choice that stays."""

from __future__ import annotations

import html
import re
from typing import Any

import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse
from django.utils import translation

from billing.money import Money
from billing.services import card_entry
from tests.integration.browsing import choose, signed_in, url
from tests.integration.speaking import english_in
from tests.people import PASSWORD, begin, person, subscribe
from tests.sandbox_process import SandboxClient

pytestmark = pytest.mark.django_db

LANGUAGES = ("en", "es", "de", "fr", "pt-BR", "ja")
TRANSLATED = LANGUAGES[1:]


def assert_speaks(client: Client, path: str, tag: str, *, status: int = 200) -> str:
    answer = client.get(path)
    page = answer.content.decode()
    assert answer.status_code == status, path
    assert f'<html lang="{tag.lower()}" dir="ltr">' in page, path
    assert answer["Content-Language"] == tag.lower()
    if tag != "en":
        assert english_in(page, tag) == [], path
    return page


def chosen(client: Client, tag: str) -> Client:
    client.get(f"/?lang={tag}")
    return client


# The journey


@pytest.mark.shows("P11")
@pytest.mark.usefixtures("price_list")
@pytest.mark.parametrize("tag", LANGUAGES)
def test_a_visitor_reads_the_public_pages_in_their_language(client: Client, tag: str, settings: Any) -> None:
    settings.TOLLGATE_CONTACT_EMAIL = "billing@example.com"
    chosen(client, tag)
    next_url = "/accounts/signup/?next=%2Fcheckout%2Fstart%2F%3Fplan%3Dplan-pro%26period%3DMONTHLY"
    paths = ("/", "/pricing/?period=MONTHLY", "/pricing/?period=ANNUALLY", "/contact/", "/accounts/login/", next_url)
    for path in (*paths, "/accounts/password/reset/"):
        assert_speaks(client, path, tag)
    assert_speaks(client, "/no-such-page/", tag, status=404)


@pytest.mark.usefixtures("price_list")
@pytest.mark.parametrize("tag", TRANSLATED)
def test_mistakes_in_a_form_are_said_in_the_language(client: Client, tag: str) -> None:
    chosen(client, tag)
    for path, form in (
        ("/accounts/login/", {"login": "ada@example.com", "password": "wrong"}),
        ("/accounts/signup/", {"email": "no address", "password1": "1"}),
        ("/accounts/password/reset/", {"email": ""}),
    ):
        page = client.post(path, form).content.decode()
        assert "errorlist" in page, path
        assert english_in(page, tag) == [], path


@pytest.mark.usefixtures("price_list")
@pytest.mark.parametrize("tag", LANGUAGES)
def test_a_buyer_reads_every_page_up_to_the_subscription_in_their_language(sandbox: SandboxClient, tag: str) -> None:
    ada = person("ada")
    client = chosen(signed_in(ada), tag)
    assert_speaks(client, "/billing/", tag)
    assert_speaks(client, "/checkout/start/?plan=plan-pro&period=MONTHLY", tag)
    assert choose(client).status_code in (302, 303)
    session = begin(ada)
    assert_speaks(client, url("checkout", session), tag)
    sandbox.confirm_card(str(session.setup_intent_id), "pm_card_visa")
    client.post(url("checkout_complete", session))
    assert_speaks(client, url("checkout_status", session), tag)
    assert_speaks(client, "/billing/", tag)
    assert_speaks(client, "/pricing/?period=ANNUALLY", tag)
    assert_speaks(client, "/accounts/logout/", tag)


@pytest.mark.usefixtures("price_list")
@pytest.mark.parametrize("tag", LANGUAGES)
def test_who_cannot_pay_reads_why_in_their_language(sandbox: SandboxClient, tag: str) -> None:
    carol = person("carol")
    failed = subscribe(carol, sandbox, card="pm_card_chargeCustomerFail")
    card_entry.prepare_card(failed)
    client = chosen(signed_in(carol), tag)
    for path in (url("checkout_status", failed), url("checkout", failed), "/billing/"):
        assert_speaks(client, path, tag)
    client.post(url("checkout_cancel", failed))
    assert_speaks(client, url("checkout_status", failed), tag)


@pytest.mark.usefixtures("price_list")
@pytest.mark.parametrize("tag", TRANSLATED)
def test_who_waits_for_our_billing_service_reads_so_in_their_language(sandbox: SandboxClient, tag: str) -> None:
    ada = person("ada")
    session = begin(ada)
    client = chosen(signed_in(ada), tag)
    sandbox.confirm_card(str(session.setup_intent_id), "pm_card_visa")
    sandbox.fault("stigg", "down")
    client.post(url("checkout_complete", session))
    assert_speaks(client, url("checkout_status", session), tag)


# Amounts


@pytest.mark.shows("P5")
@pytest.mark.parametrize(
    ("code", "amount", "expected"),
    [
        ("en", Money(4990, "USD"), "$49.90"),
        ("de", Money(4990, "USD"), "49,90 $"),
        ("fr", Money(123450, "EUR"), "1 234,50 €"),
        ("es", Money(4990, "EUR"), "49,90 €"),
        ("pt-br", Money(4990, "BRL"), "R$ 49,90"),
        ("ja", Money(7000, "JPY"), "￥7,000"),
    ],
)
def test_an_amount_is_written_as_the_language_writes_it(code: str, amount: Money, expected: str) -> None:
    shown = amount.format(translation.to_locale(code))
    assert re.sub(r"\s", " ", shown) == expected


@pytest.mark.shows("P5")
@pytest.mark.usefixtures("price_list")
@pytest.mark.parametrize(("tag", "price"), [("en", "$49"), ("de", "49 $"), ("fr", "49 $US"), ("pt-BR", "US$ 49")])
def test_the_price_list_writes_prices_in_the_language(client: Client, tag: str, price: str) -> None:
    page = client.get(f"/pricing/?period=MONTHLY&lang={tag}").content.decode()
    assert f">{price}<" in re.sub(r"[\u00a0\u202f]", " ", page)


# The choice


@pytest.mark.shows("P11")
@pytest.mark.usefixtures("price_list")
def test_the_footer_leads_to_the_same_page_in_each_language(client: Client) -> None:
    page = client.get("/pricing/?period=ANNUALLY&from=mail%26more").content.decode()
    links = re.findall(r'<a href="([^"]*)" hreflang="([^"]*)" lang="([^"]*)" rel="nofollow"([^>]*)>', page)
    assert [tag for _url, tag, _lang, _current in links] == list(LANGUAGES)
    assert all(tag == lang for _url, tag, lang, _current in links)
    assert [tag for _url, tag, _lang, current in links if "aria-current" in current] == ["en"]
    german = html.unescape(next(url for url, tag, *_rest in links if tag == "de"))
    assert german == "?period=ANNUALLY&lang=de"  # what the page shows, and nothing that only this visitor brought along
    assert "<form" not in page[page.index("<footer") :]


@pytest.mark.usefixtures("price_list")
def test_a_chosen_language_stays_and_is_stronger_than_the_browsers(client: Client) -> None:
    wish = {"Accept-Language": "fr"}
    assert '<html lang="fr"' in client.get("/", headers=wish).content.decode()
    first = client.get("/pricing/?period=ANNUALLY&lang=de", headers=wish)
    assert first.status_code == 200
    assert '<html lang="de"' in first.content.decode()
    assert '<html lang="de"' in client.get("/accounts/login/", headers=wish).content.decode()
    assert '<html lang="ja"' in client.get("/?lang=ja", headers=wish).content.decode()


@pytest.mark.usefixtures("price_list")
@pytest.mark.parametrize(
    "unknown", ["xx", "..%2F..%2Fetc", "%00", "de%0d%0aSet-Cookie:x=y", "https:%2F%2Fevil.example"]
)
def test_a_language_that_nobody_speaks_is_ignored(client: Client, unknown: str) -> None:
    answer = client.get(f"/pricing/?lang={unknown}")
    assert answer.status_code == 200
    assert '<html lang="en"' in answer.content.decode()
    assert "django_language" not in answer.cookies


@pytest.mark.usefixtures("price_list")
@pytest.mark.parametrize("path", ["//evil.example/", "/https://evil.example/", "/pricing/?next=https://evil.example/"])
def test_the_choice_leads_nowhere_else(client: Client, path: str) -> None:
    page = client.get(path, headers={"Accept": "text/html"}).content.decode()
    assert all(url.startswith("?") for url in re.findall(r'<a href="([^"]*)" hreflang', page))
    answer = client.get("/pricing/?lang=de&next=https://evil.example/")
    assert answer.status_code == 200
    assert "Location" not in answer


@pytest.mark.usefixtures("price_list")
def test_a_cache_in_between_knows_that_pages_differ_by_language(client: Client) -> None:
    varies = client.get("/pricing/")["Vary"]
    assert {"Accept-Language", "Cookie"} <= {name.strip() for name in varies.split(",")}


@pytest.mark.shows("P11")
@pytest.mark.usefixtures("price_list")
@pytest.mark.parametrize("path", ["/pricing/", "/accounts/signup/", "/no-such-page/"])
def test_a_page_of_a_right_to_left_language_runs_right_to_left(client: Client, path: str, settings: Any) -> None:
    settings.LANGUAGES = [*settings.LANGUAGES, ("he", "עברית")]
    page = client.get(f"{path}?lang=he").content.decode()
    assert '<html lang="he" dir="rtl">' in page


# Mails


@pytest.mark.usefixtures("sandbox")
@pytest.mark.parametrize("tag", TRANSLATED)
def test_the_mail_to_reset_a_password_is_in_the_language(client: Client, tag: str) -> None:
    ada = person("ada")
    chosen(client, tag)
    client.post(reverse("account_reset_password"), {"email": ada.user.email})
    (message,) = mail.outbox
    assert "Password Reset" not in message.subject
    assert "You're receiving this" not in message.body


def test_a_customer_keeps_the_language_of_the_sign_up(client: Client) -> None:
    chosen(client, "pt-BR")
    form = {"name": "Ada", "email": "ada@example.com", "password1": PASSWORD}
    client.post("/accounts/signup/", form)
    assert customer_language("ada@example.com") == "pt-br"


def test_a_customer_who_chooses_another_language_is_written_to_in_it() -> None:
    with translation.override("en"):
        ada, bob = person("ada"), person("bob", role="member")
    signed_in(ada).get("/?lang=ja")
    signed_in(bob).get("/?lang=ja")
    assert customer_language(ada.user.email) == "ja"
    assert customer_language(bob.user.email) == "en", "a mere member does not choose for those who pay"


def customer_language(email: str) -> str:
    from billing.models import Customer

    return Customer.objects.get(email=email).language


# What search engines and lost visitors are told


def test_the_paywalls_head_names_it_in_every_language(client: Client, sandbox: SandboxClient) -> None:
    german = client.get("/pricing/?period=MONTHLY&lang=de").content.decode()
    named = dict(re.findall(r'<link rel="alternate" hreflang="([^"]+)" href="([^"]+)">', german))
    address = "http://testserver/pricing/?period=MONTHLY"
    assert named == {tag: f"{address}&amp;lang={tag}" for tag in LANGUAGES} | {"x-default": address}
    assert f'<link rel="canonical" href="{named["de"]}">' in german
    english = Client().get("/pricing/?period=MONTHLY&lang=en").content.decode()
    assert f'<link rel="canonical" href="{address}">' in english


def test_a_page_that_is_not_there_offers_the_languages(client: Client) -> None:
    page = client.get("/no-such-page/?lang=fr").content.decode()
    assert re.findall(r'<a href="([^"]*)" hreflang', page) == [f"?lang={tag}" for tag in LANGUAGES]
