"""What a host does with the paywall: its own words, the designer's look, the cards in a page of its own."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser
from django.core import checks
from django.http import HttpRequest
from django.template import engines
from django.test import Client, RequestFactory

from billing.models import CatalogSnapshot
from billing.services import catalog_version
from billing.views import paywall
from scripts import embed_css
from tests.people import person, subscribe
from tests.sandbox_process import SandboxClient

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("price_list", "empty_shelves")]
HOST_PAGE = """{% load billing_paywall %}<!DOCTYPE html><html><head><title>Our café</title>{% paywall_styles %}</head>
<body><h1>Our café</h1><h2>Prices</h2>{% paywall @ %}</body></html>"""


@pytest.fixture
def empty_shelves() -> None:
    paywall._usual.clear()
    paywall._odd.clear()


def host_page(arguments: str = "", query: str = "", user: Any = None, headers: dict[str, str] | None = None) -> str:
    """A template of somebody else's, which knows nothing of our base."""
    request: HttpRequest = RequestFactory().get(f"/our-prices/{query}", headers=headers)
    request.user = user or AnonymousUser()
    return engines["django"].from_string(HOST_PAGE.replace("@", arguments)).render({}, request)


def names(page: str) -> list[str]:
    return re.findall(r'<h\d class="plan__name"[^>]*>([^<]+)<', page)


# The tag


@pytest.mark.shows("P15")
def test_the_cards_stand_in_a_foreign_page_without_ours_around_them() -> None:
    page = host_page()
    assert names(page) == ["Free", "Starter", "Pro", "Business", "Enterprise"]
    assert page.count("<h1>") == page.count("<html>") == 1
    assert "site-head" not in page
    assert 'href="/checkout/start/?plan=plan-pro' in page
    assert '/static/billing/css/embed.css"' in page


@pytest.mark.shows("P15")
def test_a_period_in_the_hosts_address_that_is_none_of_ours_does_not_count() -> None:
    assert 'href="?period=MONTHLY" aria-current="true"' in host_page('period="MONTHLY"', "?period=2024")


@pytest.mark.shows("P15")
def test_parameters_that_the_host_gives_several_times_stay_several() -> None:
    page = host_page(query="?tag=a&tag=b")
    assert 'href="?tag=a&amp;tag=b&amp;period=MONTHLY"' in page
    assert '<input type="hidden" name="tag" value="a"><input type="hidden" name="tag" value="b">' in page


@pytest.mark.shows("P9", "P15")
def test_what_the_site_hides_the_tag_does_not_show(settings: Any) -> None:
    settings.TOLLGATE_HIDDEN_PLAN_IDS = ("plan-starter",)
    assert names(host_page('hide="plan-free"')) == ["Pro", "Business", "Enterprise"]


@pytest.mark.shows("P9", "P15")
def test_the_tag_takes_a_period_a_highlight_hidden_plans_and_a_level_of_headings() -> None:
    page = host_page('period="MONTHLY" highlight="plan-starter" hide="plan-free, plan-enterprise" heading_level=3')
    assert names(page) == ["Starter", "Pro", "Business"]
    assert page.count('<h3 class="plan__name"') == 3
    assert re.findall(r'plan--highlighted"[^>]*data-plan="([^"]+)"', page) == ["plan-starter"]
    assert "$49" in page


@pytest.mark.shows("P15")
def test_the_visitor_may_switch_the_period_without_leaving_the_hosts_page() -> None:
    page = host_page('period="MONTHLY"', "?period=ANNUALLY")
    assert 'href="?period=MONTHLY"' in page
    assert re.search(r'href="\?period=ANNUALLY" aria-current="true"', page)


@pytest.mark.shows("P15")
def test_links_and_forms_stay_on_the_hosts_page_with_its_own_parameters() -> None:
    page = host_page("", "?tab=prices&period=MONTHLY&quantity-plan-business=30")
    assert 'href="?tab=prices&amp;period=ANNUALLY&amp;quantity-plan-business=30"' in page
    (form,) = re.findall(r'<form class="units"[^>]*>.*?</form>', page, re.DOTALL)
    assert "action=" not in form
    assert '<input type="hidden" name="tab" value="prices">' in form
    assert '<input type="hidden" name="period" value="MONTHLY">' in form
    assert re.search(r'name="quantity-plan-business"[^>]* value="30"', form)
    assert '<input type="hidden" name="quantity-plan-business"' not in form


@pytest.mark.shows("P5", "P15")
def test_a_proxy_may_say_where_the_hosts_visitor_is(settings: Any, price_lists: None) -> None:
    assert "$49" in host_page('period="MONTHLY"', headers={"CF-IPCountry": "DE"})
    settings.TOLLGATE_COUNTRY_HEADER = "CF-IPCountry"
    page = host_page('period="MONTHLY"', headers={"CF-IPCountry": "DE"})
    assert "€46" in page
    assert "/checkout/start/?plan=plan-pro&amp;period=MONTHLY&amp;country=DE" in page


@pytest.mark.shows("P15")
def test_a_customer_of_the_host_sees_what_they_have(sandbox: SandboxClient) -> None:
    ada = person("ada")
    subscribe(ada, sandbox, plan="plan-starter")
    page = host_page('period="MONTHLY"', user=ada.user)
    assert re.findall(r'plan--current"[^>]*data-plan="([^"]+)"', page) == ["plan-starter"]
    assert "Your current plan" in page
    assert "Upgrade to Pro" in page


@pytest.mark.shows("P15")
def test_without_a_price_list_and_with_stigg_down_the_hosts_page_is_whole(
    sandbox: SandboxClient, settings: Any
) -> None:
    CatalogSnapshot.objects.all().delete()
    catalog_version.forget()
    sandbox.fault("stigg", "down")
    page = host_page()
    assert names(page) == []
    assert page.endswith("</body></html>")


@pytest.mark.shows("P15")
def test_the_stylesheet_for_hosts_is_up_to_date_and_touches_nothing_of_theirs() -> None:
    text = embed_css.TARGET.read_text()
    assert text == embed_css.embedded(), "run: python -m scripts.embed_css"
    outermost = re.findall(r"^([^\s}/][^{]*)\{", text, re.MULTILINE)
    assert {selector.strip() for selector in outermost} == {
        "@font-face",
        ":where(.tollgate-paywall)",
        ".tollgate-paywall",
    }


# The designer's look


def looks(**configuration: Any) -> None:
    row = CatalogSnapshot.objects.get()
    row.payload["configuration"] = configuration
    row.version = f"looks-{len(str(configuration))}"
    row.save()


@pytest.mark.shows("P10")
def test_the_designers_look_is_a_stylesheet_of_its_own_that_may_be_kept_for_ever(client: Client, settings: Any) -> None:
    settings.TOLLGATE_DESIGNER_THEME = True
    looks(palette={"primary": "#4f46e5"}, customCss="body { background: url(x) } .plan { border-radius: 0 }")
    (address,) = re.findall(r'href="(/pricing/theme-[^"]+)"', client.get("/pricing/").content.decode())
    sheet = client.get(address)
    assert sheet.headers["Content-Type"].startswith("text/css")
    assert "immutable" in sheet.headers["Cache-Control"]
    assert "--color-brand: #4f46e5" in sheet.content.decode()
    assert ".tollgate-paywall .plan { border-radius: 0; }" in sheet.content.decode()
    assert "url" not in sheet.content.decode()
    assert sheet.cookies == {}


def test_an_old_address_gets_the_new_look_and_does_not_keep_it(client: Client, settings: Any) -> None:
    settings.TOLLGATE_DESIGNER_THEME = True
    looks(palette={"primary": "#4f46e5"})
    assert client.get("/pricing/theme-old.css").headers["Cache-Control"] == "no-store"


def test_without_the_setting_there_is_no_such_look(client: Client) -> None:
    looks(palette={"primary": "#4f46e5"})
    assert "theme-" not in client.get("/pricing/").content.decode()
    assert client.get("/pricing/theme-x.css").status_code == 404


@pytest.mark.shows("P10")
def test_staff_are_told_what_was_left_out_of_the_look(settings: Any) -> None:
    settings.TOLLGATE_DESIGNER_THEME = True
    looks(palette={"textColor": "#cccccc", "primary": "#4f46e5"})
    staff = person("staff")
    staff.user.is_staff = True
    staff.user.save()
    client = Client()
    client.force_login(staff.user)
    assert "textColor: #cccccc cannot be read" in client.get("/pricing/").content.decode()


@pytest.mark.shows("P10")
def test_stigg_is_asked_for_the_whole_of_the_look(sandbox: SandboxClient) -> None:
    asked = CatalogSnapshot.objects.get().payload["configuration"]
    assert set(asked) == {"palette", "typography", "layout", "customCss"}


# The host's words


@pytest.mark.shows("P11")
def test_the_hosts_words_stand_on_paywall_and_review_page(client: Client, settings: Any) -> None:
    settings.TOLLGATE_TEXTS = {"paywall_title": "50 % off & more", "checkout_title": "Look once more"}
    assert "50 % off &amp; more" in client.get("/pricing/").content.decode()
    client.force_login(person("ada").user)
    assert "Look once more" in client.get("/checkout/start/?plan=plan-pro&period=MONTHLY").content.decode()


@pytest.mark.shows("P11")
def test_words_may_differ_by_language_and_ours_fill_the_gaps(client: Client, settings: Any) -> None:
    settings.TOLLGATE_TEXTS = {"paywall_title": {"de": "Preise, ehrlich."}}
    german = client.get("/pricing/", headers={"accept-language": "de-AT"}).content.decode()
    assert "Preise, ehrlich." in german
    assert "Pick your plan." in client.get("/pricing/", headers={"accept-language": "en"}).content.decode()


@pytest.mark.shows("P11")
def test_names_are_filled_into_the_hosts_words(client: Client, settings: Any) -> None:
    settings.TOLLGATE_TEXTS = {"plan_choose": "Take %(plan)s (100 % fun)"}
    assert "Take Pro (100 % fun)" in client.get("/pricing/").content.decode()


@pytest.mark.shows("P11")
@pytest.mark.parametrize(
    ("texts", "error"),
    [
        ({"paywall_titel": "x"}, "billing.E004"),
        ({"paywall_title": {"tlh": "x"}}, "billing.E005"),
        ({"paywall_title": "%(plan)s"}, "billing.E006"),
        ({"plan_choose": {"en": "%(plane)s"}}, "billing.E006"),
        ({"plan_choose": {"en": "Take %(plan)s"}}, None),
    ],
)
def test_wrong_words_are_found_before_the_first_request(
    settings: Any, texts: dict[str, Any], error: str | None
) -> None:
    settings.TOLLGATE_TEXTS = texts
    found = [each.id for each in checks.run_checks() if str(each.id).startswith("billing.")]
    assert found == ([error] if error else [])
