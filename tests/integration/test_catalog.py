"""The price list: stored, served from the store, renewed behind the visitor's back; nobody waits for Stigg twice."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from billing.errors import GatewayProtocolError, PlanNotOffered
from billing.models import CatalogSnapshot
from billing.services import catalog
from tests.sandbox_process import SandboxClient

pytestmark = pytest.mark.django_db
LISTS = {"", "DE", "ES", "FR", "JP"}
"""Countries with prices of their own in the sandbox's catalog, beside the default list."""


@pytest.fixture
def impatient(settings: Any) -> None:
    """One failure is enough to know that Stigg is down."""
    settings.TOLLGATE_BREAKER_FAILURES = 1


def make_stale() -> None:
    CatalogSnapshot.objects.update(checked_at=timezone.now() - timedelta(hours=1))


def test_the_first_visitor_of_a_new_installation_waits_for_stigg_once(sandbox: SandboxClient, client: Client) -> None:
    assert client.get("/pricing/").status_code == 200
    calls = len(sandbox.calls("stigg"))
    assert calls == 1
    assert client.get("/pricing/").status_code == 200
    assert len(sandbox.calls("stigg")) == calls


@pytest.mark.usefixtures("impatient")
def test_without_any_price_list_and_without_stigg_the_page_says_so(sandbox: SandboxClient, client: Client) -> None:
    sandbox.fault("stigg", "down")
    answer = client.get("/pricing/")
    assert answer.status_code == 503
    assert int(answer["Retry-After"]) > 0
    assert CatalogSnapshot.objects.count() == 0


@pytest.mark.shows("P13")
@pytest.mark.usefixtures("price_list")
def test_the_stored_price_list_is_served_while_stigg_is_down(sandbox: SandboxClient, client: Client) -> None:
    make_stale()
    sandbox.fault("stigg", "down")
    calls = len(sandbox.calls("stigg"))
    answer = client.get("/pricing/")
    assert answer.status_code == 200
    assert "Enterprise" in answer.content.decode()
    assert len(sandbox.calls("stigg")) == calls


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("price_list")
def test_a_stale_price_list_wakes_the_worker_and_a_fresh_one_does_not(wake_ups: list[str]) -> None:
    catalog.current()
    assert wake_ups == []
    make_stale()
    catalog.current()
    assert wake_ups == ["catalog"]


@pytest.mark.usefixtures("price_lists")
def test_the_worker_renews_what_is_stale_and_leaves_what_is_fresh() -> None:
    assert catalog.work_due(timezone.now()) == 0
    CatalogSnapshot.objects.update(payload={"plans": []}, version="old", default_version="older")
    make_stale()
    assert catalog.work_due(timezone.now()) == len(LISTS)
    for row in CatalogSnapshot.objects.all():
        assert len(row.payload["plans"]) == 5
        assert row.version != "old"
    assert catalog.work_due(timezone.now()) == 0


@pytest.mark.usefixtures("price_list")
def test_the_worker_fetches_the_lists_that_countries_lack() -> None:
    assert catalog.work_due(timezone.now()) == len(LISTS) - 1
    assert set(CatalogSnapshot.objects.values_list("country_code", flat=True)) == LISTS
    assert catalog.missing() == []


@pytest.mark.usefixtures("price_lists")
def test_one_call_renews_the_lists_of_all_countries_while_nothing_has_changed(sandbox: SandboxClient) -> None:
    before = dict(CatalogSnapshot.objects.values_list("country_code", "version"))
    make_stale()
    calls = len(sandbox.calls("stigg"))
    assert catalog.work_due(timezone.now()) == len(LISTS)
    assert len(sandbox.calls("stigg")) == calls + 1
    assert dict(CatalogSnapshot.objects.values_list("country_code", "version")) == before
    assert catalog.renew_unless_younger(timezone.now())
    assert len(sandbox.calls("stigg")) == calls + 2
    assert not CatalogSnapshot.objects.filter(fetched_at__lt=timezone.now() - timedelta(minutes=5)).exists()


@pytest.mark.usefixtures("price_lists")
def test_a_country_is_read_anew_until_its_list_goes_with_the_default_one(sandbox: SandboxClient) -> None:
    CatalogSnapshot.objects.filter(country_code="").update(version="old")
    CatalogSnapshot.objects.exclude(country_code="").update(default_version="old")
    calls = len(sandbox.calls("stigg"))
    assert catalog.renew_unless_younger(timezone.now())
    assert len(sandbox.calls("stigg")) == calls + len(LISTS)


@pytest.mark.shows("P13")
@pytest.mark.usefixtures("price_lists", "impatient")
def test_a_renewal_that_fails_keeps_the_old_list_and_waits_its_turn(sandbox: SandboxClient) -> None:
    before = CatalogSnapshot.objects.get(country_code="")
    make_stale()
    sandbox.fault("stigg", "down")
    assert catalog.work_due(timezone.now()) == len(LISTS)
    row = CatalogSnapshot.objects.get(country_code="")
    assert (row.payload, row.fetched_at, row.version) == (before.payload, before.fetched_at, before.version)
    assert catalog.work_due(timezone.now()) == 0


@pytest.mark.usefixtures("price_list")
def test_nonsense_from_stigg_never_replaces_a_good_list(sandbox: SandboxClient) -> None:
    version = CatalogSnapshot.objects.get().version
    sandbox.fault("stigg", "garbage")
    with pytest.raises(GatewayProtocolError):
        catalog.renew()
    assert CatalogSnapshot.objects.get().version == version


@pytest.mark.usefixtures("price_list")
def test_the_version_changes_with_the_list_and_only_then() -> None:
    first = CatalogSnapshot.objects.get()
    second = catalog.renew()
    assert (second.pk, second.version) == (first.pk, first.version)
    assert second.fetched_at > first.fetched_at


@pytest.mark.shows("P5")
@pytest.mark.usefixtures("price_list")
def test_each_country_has_a_list_of_its_own() -> None:
    catalog.renew(country_code="DE")
    assert set(CatalogSnapshot.objects.values_list("country_code", flat=True)) == {"", "DE"}
    assert catalog.current(country_code="DE").paywall.currency == "EUR"
    assert catalog.current(country_code="BR").paywall.currency == "USD"


@pytest.mark.usefixtures("price_list")
def test_a_plan_is_found_if_it_is_sold_in_that_period(settings: Any) -> None:
    listed = catalog.current()
    assert listed.require_plan("plan-pro", "MONTHLY").display_name == "Pro"
    assert listed.require_plan("plan-free").pricing_type == "FREE"
    for plan_id, period in (("plan-pro", ""), ("plan-pro", "WEEKLY"), ("plan-nobody-has", "MONTHLY"), ("", "")):
        with pytest.raises(PlanNotOffered):
            listed.require_plan(plan_id, period)
    settings.TOLLGATE_HIDDEN_PLAN_IDS = ("plan-pro",)
    with pytest.raises(PlanNotOffered):
        listed.require_plan("plan-pro", "MONTHLY")
