"""The paywall over the wire: rendered once for all who see the same, asked for again by browsers, never mixed up."""

from __future__ import annotations

import gzip
import json
import re
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.utils import timezone

from billing.models import CatalogSnapshot, Subscription
from billing.services import catalog, catalog_version
from billing.services import paywall as service
from billing.views import kept_pages, paywall
from tests.integration.browsing import signed_in
from tests.people import Person, person
from tests.sandbox_process import SandboxClient

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("price_list", "empty_shelves")]


@pytest.fixture
def empty_shelves() -> None:
    paywall._usual.clear()
    paywall._odd.clear()


def subscribed(who: Person, plan: str = "plan-starter", **fields: Any) -> Subscription:
    given = {"status": "ACTIVE", "plan_name": plan, "pricing_type": "PAID", "billing_period": "MONTHLY"}
    given |= {"product_id": "product-tollgate", "currency": "USD"} | fields
    return Subscription.objects.create(
        customer=who.customer, stigg_id=f"sub-{who.user.pk}", plan_id=plan, mirrored_at=timezone.now(), **given
    )


def text_of(response: HttpResponse) -> str:
    body = response.content
    return (gzip.decompress(body) if response.headers.get("Content-Encoding") == "gzip" else body).decode()


def buttons(response: HttpResponse) -> list[str]:
    return re.findall(r'class="button button--wide[^>]*>([^<]+)<', text_of(response))


def rename_first_plan(name: str) -> None:
    """In the stored price list, which is another one then."""
    row = CatalogSnapshot.objects.get()
    row.payload["plans"][0]["displayName"] = name
    row.version = "another"
    row.save()


# What strangers share


def test_the_second_visitor_is_served_what_the_first_was_without_a_query(
    client: Client, django_assert_num_queries: Any
) -> None:
    first = client.get("/pricing/", headers={"accept-encoding": "gzip, br"})
    with django_assert_num_queries(0):
        second = Client().get("/pricing/", headers={"accept-encoding": "gzip, br"})
    assert first.content == second.content
    assert "Enterprise" in text_of(second)


def test_it_sets_no_cookie_and_tells_caches_what_it_depends_on(client: Client) -> None:
    for _ in range(2):
        answer = client.get("/pricing/")
        assert answer.cookies == {}
        assert answer.headers["Cache-Control"] == "no-cache"
        assert {"accept-encoding", "accept-language", "cookie"} <= {
            name.strip().lower() for name in answer.headers["Vary"].split(",")
        }


def test_a_browser_that_has_it_is_told_so(client: Client) -> None:
    first = client.get("/pricing/", headers={"accept-encoding": "gzip"})
    again = client.get("/pricing/", headers={"accept-encoding": "gzip", "if-none-match": first.headers["ETag"]})
    assert (again.status_code, again.content, again.headers["ETag"]) == (304, b"", first.headers["ETag"])
    assert again.headers["Cache-Control"] == "no-cache"


def test_who_cannot_read_gzip_gets_it_plain_and_under_another_tag(client: Client) -> None:
    packed = client.get("/pricing/", headers={"accept-encoding": "gzip"})
    plain = client.get("/pricing/", headers={"accept-encoding": "identity"})
    assert "Content-Encoding" not in plain.headers
    assert plain.content == gzip.decompress(packed.content)
    assert plain.headers["ETag"] != packed.headers["ETag"]
    assert packed.headers["Content-Length"] == str(len(packed.content))


@pytest.mark.parametrize(
    ("header", "accepted"),
    [
        ("gzip", True),
        ("br, gzip;q=0.8", True),
        ("*", True),
        ("gzip;q=1.0, identity", True),
        ("", False),
        ("br", False),
        ("gzip;q=0", False),
        ("gzip; q=0.000, *", False),
        ("*;q=0", False),
    ],
)
def test_compression_is_sent_only_where_it_is_accepted(header: str, *, accepted: bool) -> None:
    assert kept_pages.accepts_gzip(header) is accepted


def test_each_period_language_and_host_has_its_own_page(client: Client, settings: Any) -> None:
    settings.ALLOWED_HOSTS = ["testserver", "other.example"]
    monthly, yearly = client.get("/pricing/?period=MONTHLY"), client.get("/pricing/?period=ANNUALLY")
    german = client.get("/pricing/?period=MONTHLY", headers={"accept-language": "de"})
    elsewhere = client.get("/pricing/?period=MONTHLY", headers={"host": "other.example"})
    assert len({page.headers["ETag"] for page in (monthly, yearly, german, elsewhere)}) == 4
    assert 'lang="de"' in text_of(german)
    assert "http://other.example/pricing/" in text_of(elsewhere)


def test_parameters_that_mean_nothing_make_no_page_of_their_own(client: Client) -> None:
    for number in range(5):
        client.get(f"/pricing/?utm_source={number}&quantity={number}&period=EVERY{number}")
    assert len(paywall._usual) == 1
    assert len(paywall._odd) == 0


def test_what_one_visitor_has_in_the_address_stands_in_nobody_elses_page(client: Client) -> None:
    first = client.get("/pricing/?period=MONTHLY&token=of-this-visitor&utm_source=mail")
    second = Client().get("/pricing/?period=MONTHLY")
    for page in (first, second):
        assert "of-this-visitor" not in text_of(page)
        assert "?period=MONTHLY&amp;lang=de" in text_of(page)


def test_a_stranger_cannot_fill_the_memory_nor_push_out_what_is_asked_for(client: Client) -> None:
    client.get("/pricing/")
    for number in range(140):
        client.get(f"/pricing/?plan=made-up-{number}")
    assert (len(paywall._usual), len(paywall._odd)) == (1, 128)


def test_a_new_price_list_is_shown_at_once(client: Client) -> None:
    before = client.get("/pricing/").headers["ETag"]
    rename_first_plan("Gratis")
    after = client.get("/pricing/")
    assert "Gratis" in text_of(after)
    assert after.headers["ETag"] != before


def test_a_price_list_that_changes_while_the_page_is_made_is_not_kept_under_the_old_name(client: Client) -> None:
    """And so the old prices, when they come back, are not shown as the new ones were."""
    usual = CatalogSnapshot.objects.values("payload", "version").get()
    looks = 0

    def change_after_the_second_look(execute: Any, sql: str, *arguments: Any) -> Any:
        """The first look is for a page that is kept, the second for the name of the one to be made."""
        nonlocal looks
        answer = execute(sql, *arguments)
        if sql.startswith("SELECT") and CatalogSnapshot._meta.db_table in sql:
            looks += 1
            if looks == 2:
                rename_first_plan("Gratis")
        return answer

    with connection.execute_wrapper(change_after_the_second_look):
        assert "Gratis" in text_of(client.get("/pricing/"))
    CatalogSnapshot.objects.update(**usual)
    catalog_version.forget()
    assert "Gratis" not in text_of(client.get("/pricing/"))


def test_a_stale_price_list_is_renewed_behind_the_visitors_back(
    client: Client, wake_ups: list[str], django_capture_on_commit_callbacks: Any
) -> None:
    client.get("/pricing/")
    CatalogSnapshot.objects.update(checked_at=timezone.now() - timedelta(hours=1))
    catalog_version.forget()
    with django_capture_on_commit_callbacks(execute=True):
        assert client.get("/pricing/").status_code == 200
    assert wake_ups == ["catalog"]


@pytest.mark.shows("P13")
def test_while_stigg_is_down_the_last_price_list_is_served(sandbox: SandboxClient, client: Client) -> None:
    sandbox.fault("stigg", "down")
    CatalogSnapshot.objects.update(checked_at=timezone.now() - timedelta(days=2))
    answer = client.get("/pricing/")
    assert answer.status_code == 200
    assert "Enterprise" in text_of(answer)
    assert "Price list as read" not in text_of(answer)


@pytest.mark.shows("P13")
def test_staff_are_told_how_old_the_price_list_is_and_nobody_else(sandbox: SandboxClient) -> None:
    CatalogSnapshot.objects.update(fetched_at=timezone.now().replace(year=2024, month=2, day=29))
    ada, staff = person("ada"), person("staff")
    staff.user.is_staff = True
    staff.user.save()
    assert "Feb. 29, 2024" in text_of(signed_in(staff).get("/pricing/"))
    assert "2024" not in text_of(signed_in(ada).get("/pricing/"))
    assert "2024" not in text_of(Client().get("/pricing/"))


# Who is signed in


def test_customers_in_the_same_state_share_a_page_and_others_do_not(django_assert_num_queries: Any) -> None:
    ada, bob, carol = (person(name) for name in ("ada", "bob", "carol"))
    subscribed(ada)
    subscribed(bob)
    first = signed_in(ada).get("/pricing/")
    visit = signed_in(bob)
    with django_assert_num_queries(3):  # session, user, customer with subscriptions
        second = visit.get("/pricing/")
    assert first.content == second.content
    assert buttons(second) == [
        "Move to Free",
        "Your current plan",
        "Upgrade to Pro",
        "Upgrade to Business",  # no trial for who has paid before
        "Talk to us",
    ]
    assert buttons(signed_in(carol).get("/pricing/")) == [
        "Start for free",
        "Choose Starter",
        "Choose Pro",
        "Try Business free for 14 days",
        "Talk to us",
    ]


def test_a_page_made_while_a_webhook_changed_the_customer_is_shown_to_nobody_else(monkeypatch: Any) -> None:
    ada, bob = person("ada"), person("bob")
    subscribed(ada)
    subscribed(bob)
    looker = service.looker

    def changed_meanwhile(user: Any, **wanted: Any) -> Any:
        found = looker(user, **wanted)
        Subscription.objects.filter(customer=ada.customer).update(plan_id="plan-pro", plan_name="Pro")
        return found

    monkeypatch.setattr(service, "looker", changed_meanwhile)
    signed_in(ada).get("/pricing/")
    monkeypatch.undo()
    assert buttons(signed_in(bob).get("/pricing/"))[1] == "Your current plan"


class KnownByHeader:
    """Somebody's proxy signs people in, without a cookie of ours."""

    def __init__(self, get_response: Any) -> None:
        self.get_response = get_response

    def __call__(self, request: Any) -> Any:
        name = request.headers.get("X-User")
        if name:
            request.user = get_user_model().objects.get(pk=name)
        return self.get_response(request)


def test_who_is_signed_in_without_our_cookie_leaves_no_page_for_strangers(settings: Any) -> None:
    after = settings.MIDDLEWARE.index("django.contrib.auth.middleware.AuthenticationMiddleware") + 1
    known = f"{__name__}.{KnownByHeader.__name__}"
    settings.MIDDLEWARE = [*settings.MIDDLEWARE[:after], known, *settings.MIDDLEWARE[after:]]
    ada = person("ada")
    subscribed(ada)
    assert "Sign out" in text_of(Client().get("/pricing/", headers={"x-user": str(ada.user.pk)}))
    assert "Sign out" not in text_of(Client().get("/pricing/"))


def test_a_signed_in_page_is_for_the_browser_alone_and_names_nobody() -> None:
    ada = person("ada")
    answer = signed_in(ada).get("/pricing/")
    assert answer.headers["Cache-Control"] == "private, no-cache"
    assert "Sign out" in text_of(answer)
    assert ada.user.email not in text_of(answer)


def test_signing_in_changes_the_page_and_its_tag(client: Client) -> None:
    anonymous = client.get("/pricing/")
    client.force_login(person("ada").user)
    inside = client.get("/pricing/", headers={"if-none-match": anonymous.headers["ETag"]})
    assert inside.status_code == 200
    client.logout()
    assert client.get("/pricing/").content == anonymous.content


def test_a_page_with_the_banner_and_its_token_is_never_kept() -> None:
    ada, bob = person("ada"), person("bob")
    subscribed(ada, payment_collection="FAILED")
    subscribed(bob)
    troubled = signed_in(ada).get("/pricing/")
    assert "csrfmiddlewaretoken" in text_of(troubled)
    assert "ETag" not in troubled.headers
    assert "csrfmiddlewaretoken" not in text_of(signed_in(bob).get("/pricing/"))


def test_a_message_is_shown_to_the_one_it_is_for_and_once(sandbox: SandboxClient) -> None:
    ada = person("ada")
    visit = signed_in(ada)
    visit.post("/accounts/logout/")
    visit.login(username=ada.user.username, password="correct horse battery")
    page = visit.get("/pricing/")
    assert "signed out" in text_of(page).lower()
    assert "signed out" not in text_of(visit.get("/pricing/")).lower()


# Addresses and what others read of them


@pytest.mark.shows("P14")
def test_an_address_names_a_plan_and_a_period(client: Client) -> None:
    shown = text_of(client.get("/pricing/?period=MONTHLY&plan=plan-pro"))
    assert '<li id="plan-pro" class="is-asked" tabindex="-1" autofocus>' in shown
    assert shown.count("autofocus") == 1
    assert "autofocus" not in text_of(client.get("/pricing/?plan=no-such-plan"))


@pytest.mark.shows("P14")
def test_search_engines_are_pointed_to_one_address_per_period(client: Client) -> None:
    def canonical(query: str) -> str:
        return re.findall(r'<link rel="canonical" href="([^"]+)"', text_of(client.get(f"/pricing/{query}")))[0]

    assert canonical("") == canonical("?utm_source=x&period=weekly") == "http://testserver/pricing/"
    assert canonical("?plan=plan-pro&period=MONTHLY") == "http://testserver/pricing/?period=MONTHLY"


@pytest.mark.shows("P14")
def test_prices_are_there_for_machines(client: Client) -> None:
    shown = text_of(client.get("/pricing/"))
    (found,) = re.findall(r'<script type="application/ld\+json">(.*?)</script>', shown)
    products = {product["name"]: product["offers"] for product in json.loads(found)["@graph"]}
    assert list(products) == ["Free", "Starter", "Pro", "Business"]
    assert products["Business"][0]["price"] == "70.00"  # five seats at the least
    monthly, yearly = products["Pro"]
    assert (monthly["price"], monthly["priceCurrency"]) == ("49.00", "USD")
    assert monthly["url"] == "http://testserver/pricing/?plan=plan-pro&period=MONTHLY"
    assert yearly["priceSpecification"]["billingDuration"] == "P1Y"
    assert products["Free"][0]["price"] == "0.00"


@pytest.mark.shows("P14")
def test_a_plan_cannot_break_out_of_the_data_for_machines(client: Client) -> None:
    row = CatalogSnapshot.objects.get()
    row.payload["plans"][1]["description"] = "</script><script>alert(1)</script>&amp;"
    row.version = "hostile"
    row.save()
    shown = text_of(client.get("/pricing/"))
    (found,) = re.findall(r'<script type="application/ld\+json">(.*?)</script>', shown)
    assert json.loads(found)["@graph"][1]["description"] == "</script><script>alert(1)</script>&amp;"


@pytest.mark.shows("P14")
def test_a_shared_link_has_a_title_a_text_and_a_picture(client: Client) -> None:
    shown = text_of(client.get("/pricing/"))
    assert 'property="og:image" content="http://testserver/static/billing/preview.png"' in shown
    assert 'property="og:title"' in shown


def test_the_first_visitor_of_a_new_installation_waits_for_stigg_and_the_next_does_not(
    sandbox: SandboxClient, client: Client
) -> None:
    CatalogSnapshot.objects.all().delete()
    catalog_version.forget()
    assert client.get("/pricing/").status_code == 200
    asked = len(sandbox.calls("stigg", "paywall"))
    client.get("/pricing/")
    assert len(sandbox.calls("stigg", "paywall")) == asked
    assert catalog.current().version == catalog_version.current()
