"""Prices by country: whose they are, how they are written, and that nobody waits for them."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import Client

from billing.models import CatalogSnapshot
from billing.services import catalog
from tests.integration.browsing import signed_in
from tests.integration.paywall.shopping import buy, cards_of, paywall, shopper
from tests.people import person
from tests.sandbox_process import SandboxClient

pytestmark = [pytest.mark.shows("P5"), pytest.mark.django_db]
MONTHLY = {"period": "MONTHLY"}


@pytest.mark.usefixtures("price_lists")
@pytest.mark.parametrize(
    ("country", "price"),
    [("DE", "€11 per editor"), ("JP", "¥1,800 per editor"), ("FR", "$12 per editor"), ("", "$12 per editor")],
)
def test_the_price_of_the_country_that_was_chosen(country: str, price: str) -> None:
    card = paywall(country=country, **MONTHLY)["plan-team"]
    assert price in card
    assert ("country=" + country in card.url) is bool(country)


@pytest.mark.usefixtures("price_lists")
def test_yen_have_no_decimals_and_currencies_are_never_mixed() -> None:
    found = paywall(country="JP", period="ANNUALLY", **{"quantity-plan-team": "3"})
    assert (
        "¥1,500 per editor, per month ¥54,000 billed once a year for 3 editors, you save ¥10,800" in found["plan-team"]
    )
    assert "$950.40 billed once a year" in found["plan-agency"]  # sold in yen by the month only: no saving is claimed
    assert "you save" not in found["plan-agency"]


@pytest.mark.usefixtures("price_lists")
def test_a_customers_own_country_goes_before_any_choice_and_is_not_asked_for() -> None:
    ada = person("ada")
    ada.customer.country = "JP"
    ada.customer.save()
    page = signed_in(ada).get("/pricing/", {"country": "DE", **MONTHLY}).content.decode()
    assert "¥1,800" in cards_of(page)["plan-team"].text
    assert "paywall-country" not in page


@pytest.mark.usefixtures("price_lists")
@pytest.mark.parametrize(("moved_to", "chosen"), [("DE", {}), ("", {"country": "DE"})])
def test_what_is_paid_already_keeps_its_currency_on_the_price_page_as_in_the_order(
    sandbox: SandboxClient, moved_to: str, chosen: dict[str, str]
) -> None:
    ada = shopper(sandbox)
    buy(ada, "plan-team", feature_editors=3)
    ada.customer.country = moved_to
    ada.customer.save()
    page = signed_in(ada).get("/pricing/", MONTHLY | chosen).content.decode()
    cards = cards_of(page)
    assert "$12 per editor" in cards["plan-team"].text
    assert "€" not in cards["plan-agency"].text
    assert "paywall-country" not in page
    assert "country=" not in cards["plan-agency"].url


@pytest.mark.usefixtures("price_lists")
def test_machines_are_led_to_the_prices_of_the_country_that_they_read() -> None:
    page = Client().get("/pricing/", {"country": "DE", **MONTHLY}).content.decode()
    [canonical] = re.findall(r'<link rel="canonical" href="([^"]+)"', page)
    assert canonical.endswith("/pricing/?period=MONTHLY&amp;country=DE")
    assert '"priceCurrency":"EUR","url":"http://testserver/pricing/?country=DE\\u0026plan=plan-team' in page


@pytest.mark.usefixtures("price_lists")
def test_a_proxy_of_ours_may_say_where_the_visitor_is(settings: Any) -> None:
    seen = {"headers": {"CF-IPCountry": "DE"}}
    assert "$12" in cards_of(Client().get("/pricing/", MONTHLY, **seen).content.decode())["plan-team"].text
    settings.TOLLGATE_COUNTRY_HEADER = "CF-IPCountry"
    assert "€11" in cards_of(Client().get("/pricing/", MONTHLY, **seen).content.decode())["plan-team"].text
    chosen = Client().get("/pricing/", {"country": "", **MONTHLY}, **seen).content.decode()
    assert "$12" in cards_of(chosen)["plan-team"].text


@pytest.mark.usefixtures("price_lists")
def test_countries_with_another_currency_can_be_chosen_and_the_choice_stays_in_the_links() -> None:
    page = Client().get("/pricing/", {"country": "JP", **MONTHLY}).content.decode()
    options = re.findall(
        r'<option value="(\w*)"( selected)?>([^<]+)</option>',
        page.partition('id="paywall-country"')[2].partition("</select>")[0],
    )
    assert options == [
        ("", "", "Other countries (USD)"),
        ("DE", "", "Germany (EUR)"),
        ("JP", " selected", "Japan (JPY)"),
    ]
    assert "/pricing/?period=ANNUALLY&amp;country=JP" in page


@pytest.mark.django_db(transaction=True)
def test_nobody_waits_for_the_prices_of_a_country(sandbox: SandboxClient, wake_ups: list[str]) -> None:
    catalog.renew()
    calls = len(sandbox.calls("stigg"))
    assert "$12" in paywall(country="DE", **MONTHLY)["plan-team"].text
    assert (len(sandbox.calls("stigg")), wake_ups) == (calls, ["catalog"])
    assert catalog.work_due(CatalogSnapshot.objects.get().checked_at) == 2
    assert "€11" in paywall(country="DE", **MONTHLY)["plan-team"].text


@pytest.mark.django_db(transaction=True)
def test_asking_for_every_country_stores_none_and_wakes_nobody(sandbox: SandboxClient, wake_ups: list[str]) -> None:
    catalog.renew()
    for first in "AFUX":
        for second in "ABCXZ":
            assert "$12" in paywall(country=first + second, **MONTHLY)["plan-team"].text
    assert (CatalogSnapshot.objects.count(), wake_ups) == (1, [])
    catalog.work_due(CatalogSnapshot.objects.get().checked_at)
    assert set(CatalogSnapshot.objects.values_list("country_code", flat=True)) == {"", "DE", "JP"}
