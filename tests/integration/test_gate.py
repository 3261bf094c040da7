"""Guarded views of a host application: who is entitled goes through, everybody else sees the paywall in place."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from asgiref.sync import async_to_sync
from django.contrib.auth.models import AbstractUser
from django.test import AsyncClient, Client

from billing.models import CatalogSnapshot, Entitlement, Membership
from tests.integration.browsing import signed_in
from tests.integration.gated import grant, on_plan, projects, text_of
from tests.people import Person, person, subscribe
from tests.sandbox_process import SandboxClient

pytestmark = [
    pytest.mark.shows("P16"),
    pytest.mark.django_db,
    pytest.mark.usefixtures("price_list"),
    pytest.mark.urls("tests.integration.gated_views"),
]
HTMX = {"HX-Request": "true", "HX-Current-URL": "http://testserver/host/words/?tab=2"}
JSON = {"Accept": "application/json"}


@pytest.fixture(autouse=True)
def monthly(settings: Any) -> None:
    settings.TOLLGATE_PREFERRED_BILLING_PERIOD = "MONTHLY"


@pytest.fixture
def bob() -> Person:
    """On the free plan, with all of his three projects used."""
    who = person("bob")
    on_plan(who, "plan-free", "Free", pricing_type="FREE", billing_period="")
    projects(who, used=3, limit=3)
    return who


# Through


def test_who_is_entitled_goes_through(bob: Person) -> None:
    grant(bob, "feature-sso")
    grant(bob, "feature-roles")
    grant(bob, "feature-integrations", feature_type="ENUM", enum_values=["slack"])
    client = signed_in(bob)
    for path, said in {
        "sso/": "signed on",
        "sso/okta/": "signed on okta",
        "asks/": "signed on",
        "integrations/": "connected",
        "roles/": "roles",
        "sso-async/": "signed on",
    }.items():
        answer = client.get(f"/host/{path}")
        assert (answer.status_code, answer.content.decode()) == (200, said)


def test_it_holds_from_the_subscription_on(sandbox: SandboxClient) -> None:
    ada = person("ada")
    client = signed_in(ada)
    assert client.get("/host/roles/").status_code == 402
    subscribe(ada, sandbox)
    assert client.get("/host/roles/").status_code == 200
    assert client.post("/host/projects/new/").content == b"made"


def test_a_check_asks_nobody_but_the_rows(sandbox: SandboxClient, bob: Person) -> None:
    before = len(sandbox.calls("stigg"))
    sandbox.fault("stigg", "down")
    assert signed_in(bob).get("/host/sso/").status_code == 402
    assert len(sandbox.calls("stigg")) == before


# The page


def test_a_browser_is_shown_a_page_with_the_cheapest_plan_that_grants_it(bob: Person) -> None:
    answer = signed_in(bob).post("/host/projects/new/")
    assert answer.status_code == 402
    said = text_of(answer)
    assert "You have used 3 of 3 projects" in said
    assert "Starter includes: 20 projects." in said
    assert "$19" in said
    assert 'href="/checkout/start/?plan=plan-starter&amp;period=MONTHLY"' in answer.content.decode()
    assert "Upgrade to Starter" in said
    assert "<html" in answer.content.decode()


def test_the_offer_has_room_for_what_was_asked(bob: Person) -> None:
    assert "Upgrade to Pro" in text_of(signed_in(bob).post("/host/projects/many/", {"count": "18"}))
    Entitlement.objects.filter(customer=bob.customer).update(current_usage=1)
    said = text_of(signed_in(bob).post("/host/projects/many/", {"count": "4"}))
    assert "You have used 1 of 3 projects, and this needs 4 more" in said
    assert "Upgrade to Starter" in said


def test_a_feature_of_a_custom_plan_leads_to_a_conversation(bob: Person) -> None:
    answer = signed_in(bob).get("/host/integrations/?tool=salesforce")
    said = text_of(answer)
    assert "Integrations is not part of Free" in said
    assert "Enterprise includes: All integrations." in said
    assert "Talk to us" in said
    assert 'href="/contact/?plan=plan-enterprise"' in answer.content.decode()


def test_who_has_no_plan_is_offered_one() -> None:
    answer = signed_in(person("ada")).get("/host/roles/")
    said = text_of(answer)
    assert "Custom roles is not part of your plan" in said or "Custom roles comes with a plan" in said
    assert "Choose Pro" in said


def test_another_value_of_the_same_feature(bob: Person) -> None:
    grant(bob, "feature-integrations", display_name="Integrations", feature_type="ENUM", enum_values=["slack"])
    assert signed_in(bob).get("/host/integrations/?tool=slack").status_code == 200
    said = text_of(signed_in(bob).get("/host/integrations/?tool=jira"))
    assert "Integrations: your plan does not include jira" in said
    assert "Upgrade to Pro" in said


def test_nobody_is_sold_a_second_plan_while_the_first_one_waits_for_its_payment() -> None:
    carol = person("carol")
    on_plan(carol, "plan-pro", "Pro", status="PAYMENT_PENDING", payment_collection="FAILED")
    answer = signed_in(carol).get("/host/roles/")
    assert answer.status_code == 402
    assert "Your payment for Pro is still open" in text_of(answer)
    assert "checkout/start" not in answer.content.decode()
    assert 'href="/billing/"' in answer.content.decode()


def test_an_addon_of_the_plan_one_has_is_offered_where_it_is_cheaper() -> None:
    ada = person("ada")
    on_plan(ada, "plan-starter", "Starter", addons=[{"addon_id": "addon-extra-seats", "quantity": 1}])
    fields = {"feature_type": "NUMBER", "meter_type": "Fluctuating", "usage_limit": 10, "current_usage": 10}
    grant(ada, "feature-seats", display_name="Seats", units="seat", units_plural="seats", **fields)
    answer = signed_in(ada).get("/host/seats/")
    said = text_of(answer)
    assert "You have used 10 of 10 seats" in said
    assert "You can add Extra seats to Starter." in said
    assert "$15" in said
    (url,) = re.findall(r'href="(/checkout/start/[^"]*)"', answer.content.decode())
    query = parse_qs(urlsplit(url.replace("&amp;", "&")).query)
    assert query == {"plan": ["plan-starter"], "period": ["MONTHLY"], "addon-addon-extra-seats": ["2"]}


def test_a_refusal_is_explained_without_a_price_list(sandbox: SandboxClient, settings: Any, bob: Person) -> None:
    CatalogSnapshot.objects.all().delete()
    sandbox.fault("stigg", "down")
    answer = signed_in(bob).post("/host/projects/new/")
    assert answer.status_code == 402
    assert "You have used 3 of 3 projects" in text_of(answer)
    assert 'href="/pricing/"' in answer.content.decode()


def test_it_is_kept_by_no_cache(bob: Person) -> None:
    for headers in ({}, HTMX, JSON):
        answer = signed_in(bob).get("/host/sso/", headers=headers)
        assert "no-store" in answer["Cache-Control"]
        assert {"Accept", "HX-Request", "Cookie"} <= set(answer["Vary"].split(", "))


# The dialog


def test_htmx_is_given_a_dialog_that_finds_its_own_place(bob: Person) -> None:
    answer = signed_in(bob).post("/host/projects/new/", headers=HTMX)
    assert answer.status_code == 200
    assert {name: answer[name] for name in ("HX-Retarget", "HX-Reswap", "HX-Reselect", "HX-Push-Url")} == {
        "HX-Retarget": "body",
        "HX-Reswap": "beforeend",
        "HX-Reselect": "tollgate-upgrade",
        "HX-Push-Url": "false",
    }
    page = answer.content.decode()
    assert "<html" not in page
    assert '<dialog class="upgrade" aria-labelledby="upgrade-title"' in page
    assert "Upgrade to Starter" in page
    assert "style=" not in page


@pytest.mark.parametrize("header", ["HX-Boosted", "HX-History-Restore-Request"])
def test_where_htmx_wants_a_whole_page_it_gets_one(bob: Person, header: str) -> None:
    answer = signed_in(bob).get("/host/sso/", headers=HTMX | {header: "true"})
    assert answer.status_code == 402
    assert "<html" in answer.content.decode()


# JSON


def test_a_script_is_told_what_is_missing_and_what_it_costs(bob: Person) -> None:
    answer = signed_in(bob).post("/host/projects/new/", headers=JSON)
    assert answer.status_code == 402
    error = answer.json()["error"]
    assert error == {
        "code": "upgrade_required",
        "feature": "feature-projects",
        "reason": "RequestedUsageExceedingLimit",
        "message": "You have used 3 of 3 projects. Starter includes: 20 projects.",
        "usage": "3",
        "limit": "3",
        "plan": {
            "id": "plan-starter",
            "name": "Starter",
            "billing_period": "MONTHLY",
            "addon": None,
            "units": None,
            "price_minor": 1900,
            "currency": "USD",
        },
        "url": "http://testserver/checkout/start/?plan=plan-starter&period=MONTHLY",
    }


@pytest.mark.parametrize(
    ("headers", "content_type"),
    [
        ({"Accept": "application/json"}, ""),
        ({"Accept": "application/json, text/plain, */*"}, ""),
        ({"Accept": "*/*"}, "application/json"),
    ],
)
def test_who_counts_as_a_script(bob: Person, headers: dict[str, str], content_type: str) -> None:
    more = {"content_type": content_type, "data": "{}"} if content_type else {}
    answer = signed_in(bob).post("/host/projects/new/", headers=headers, **more)
    assert answer["Content-Type"] == "application/json"


@pytest.mark.parametrize("accept", ["text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", "*/*"])
def test_who_counts_as_a_person(bob: Person, accept: str) -> None:
    assert signed_in(bob).get("/host/sso/", headers={"Accept": accept})["Content-Type"].startswith("text/html")


# Visitors


def test_a_visitor_signs_in_and_comes_back() -> None:
    answer = Client().get("/host/sso/?from=mail")
    assert (answer.status_code, answer.url) == (302, "/accounts/login/?next=%2Fhost%2Fsso%2F%3Ffrom%3Dmail")


def test_a_visitor_who_sent_a_form_comes_back_to_the_page_it_was_on() -> None:
    answer = Client().post("/host/projects/new/", headers={"Referer": "http://testserver/host/words/"})
    assert answer.url == "/accounts/login/?next=%2Fhost%2Fwords%2F"


def test_a_visitor_in_an_htmx_page_leaves_it_as_a_whole() -> None:
    answer = Client().post("/host/projects/new/", headers=HTMX)
    assert (answer.status_code, answer.content) == (200, b"")
    assert answer["HX-Redirect"] == "/accounts/login/?next=%2Fhost%2Fwords%2F%3Ftab%3D2"


@pytest.mark.parametrize("origin", ["https://evil.example/", "//evil.example/", "javascript:alert(1)", ""])
def test_signing_in_leads_back_to_this_site_only(origin: str) -> None:
    answer = Client().post("/host/projects/new/", headers={"Referer": origin})
    assert answer.url == "/accounts/login/?next=%2Fbilling%2F"


def test_a_script_of_a_visitor_is_told_to_sign_in() -> None:
    answer = Client().get("/host/sso/", headers=JSON)
    assert answer.status_code == 401
    assert answer.json()["error"]["code"] == "not_signed_in"


# Members


def test_a_member_who_may_not_pay_is_told_who_can(bob: Person) -> None:
    mia = person("mia")
    Membership.objects.filter(user=mia.user).update(customer=bob.customer, role=Membership.Role.MEMBER)
    mia.customer.delete()
    answer = signed_in(mia).post("/host/projects/new/")
    assert answer.status_code == 402
    said = text_of(answer)
    assert f"Please ask {bob.user}: they can change the plan." in said
    assert "Starter includes: 20 projects." in said
    assert "checkout/start" not in answer.content.decode()
    assert signed_in(mia).post("/host/projects/new/", headers=JSON).json()["error"]["url"] is None


def test_a_payer_has_a_name_also_where_the_hosts_users_have_no_full_name(
    bob: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    mia = person("mia")
    Membership.objects.filter(user=mia.user).update(customer=bob.customer, role=Membership.Role.MEMBER)
    mia.customer.delete()
    monkeypatch.delattr(AbstractUser, "get_full_name")
    said = text_of(signed_in(mia).post("/host/projects/new/"))
    assert f"Please ask {bob.user}: they can change the plan." in said


# Templates and async


def test_templates_ask_as_well(bob: Person) -> None:
    assert signed_in(bob).get("/host/words/").content.decode() == "no SSO; 3 of 3, full"
    grant(bob, "feature-sso")
    Entitlement.objects.filter(feature_id="feature-projects").update(current_usage=2)
    assert signed_in(bob).get("/host/words/").content.decode() == "SSO on; 2 of 3, more"
    assert "no SSO" in Client().get("/host/words/").content.decode()


@pytest.mark.parametrize(("left", "said"), [("0.5", "2.5 of 3: yes"), ("0.25", "2.75 of 3: no")])
def test_a_template_may_ask_for_half_a_unit(bob: Person, left: str, said: str) -> None:
    Entitlement.objects.filter(customer=bob.customer).update(current_usage=3 - Decimal(left))
    assert signed_in(bob).get("/host/half/").content.decode() == said


@pytest.mark.parametrize("path", ["sso-async/", "roles/"])
def test_async_views_are_guarded_alike_in_an_async_server(bob: Person, path: str) -> None:
    client = AsyncClient()
    get = async_to_sync(client.get)
    assert get(f"/host/{path}").status_code == 302
    client.force_login(bob.user)
    assert get(f"/host/{path}").status_code == 402
    grant(bob, "feature-sso")
    grant(bob, "feature-roles")
    assert get(f"/host/{path}").status_code == 200
