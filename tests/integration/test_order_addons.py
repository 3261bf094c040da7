"""Add-ons that are not sold in every billing period: what ends is said, and what cannot be bought is not offered."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from billing.services import catalog
from sandbox.catalog import loader
from tests.integration.ordering import Shopper, shopper
from tests.people import subscribe
from tests.sandbox_process import SandboxClient, running_sandbox

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("studio"), pytest.mark.shows("C4")]

EDITORS = "quantity-feature-editors"
RENDERS, PRIORITY = "addon-addon-renders", "addon-addon-priority-renders"
TEAM = {"plan": "plan-team", EDITORS: "3"}


@pytest.fixture(scope="module")
def monthly_only(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SandboxClient]:
    """The showcase, where the add-on Renders is sold by the month alone, and Priority, which needs it, by the year,
    too."""
    text = loader.DEFAULT.with_name("showcase.yaml").read_text(encoding="utf-8")
    path = tmp_path_factory.mktemp("studio") / "catalog.yaml"
    path.write_text(text.replace("      - {period: annually, amount: 50}\n", ""), encoding="utf-8")
    with running_sandbox("--catalog", str(path)) as client:
        yield client


@pytest.fixture
def studio(sandbox: SandboxClient, monthly_only: SandboxClient, settings: Any) -> SandboxClient:
    """The product pointed at the showcase."""
    monthly_only.reset()
    settings.TOLLGATE_STIGG_API_URL = settings.TOLLGATE_STIGG_EDGE_URL = monthly_only.stigg_url
    settings.TOLLGATE_STRIPE_API_URL = monthly_only.stripe_url
    settings.TOLLGATE_PRODUCT_ID = "product-studio"
    catalog.renew()
    return monthly_only


@pytest.fixture
def ada(studio: SandboxClient) -> Shopper:
    """Pays Team by the month, with both add-ons."""
    who = shopper(studio)
    assert subscribe(who.who, studio, plan="plan-bulk").state == "succeeded"
    who.refresh()
    who.order(**TEAM, **{RENDERS: "2", PRIORITY: "1"})
    assert who.refresh().addon_quantities == {"addon-renders": 2, "addon-priority-renders": 1}
    return who


def effect(who: Shopper, **order: Any) -> str:
    return str(who.look(**order).context["review"].effect)


def test_an_add_on_that_is_not_sold_by_the_year_is_said_to_end_with_the_change(ada: Shopper) -> None:
    page = ada.client.get("/checkout/start/?plan=plan-team&period=ANNUALLY")
    end = "This ends Priority and Renders, which cannot be bought with the plan and billing period chosen here."
    assert end in page.content.decode()
    assert page.context["summary"].due_now.startswith("$")
    ada.order(**TEAM, period="ANNUALLY")
    row = ada.refresh()
    assert (row.billing_period, row.addon_quantities) == ("ANNUALLY", {})


def test_so_is_one_that_is_not_sold_with_the_other_plan(ada: Shopper) -> None:
    assert "This ends Priority, which cannot be bought" in effect(ada, plan="plan-bulk", **{RENDERS: "2"})


def test_what_is_taken_off_the_form_or_goes_on_is_no_news(ada: Shopper) -> None:
    assert "This ends" not in effect(ada, **TEAM, **{RENDERS: "1", PRIORITY: "0"})
    assert "This ends" not in effect(ada, **TEAM, **{RENDERS: "3", PRIORITY: "1"})


def test_an_add_on_without_the_one_that_it_needs_is_not_offered(studio: SandboxClient) -> None:
    bob = shopper(studio, "bob")
    page = bob.look(**TEAM, period="ANNUALLY", **{PRIORITY: "1"})
    assert PRIORITY not in page.context["form"].fields
    assert "This combination cannot be bought" not in page.content.decode()
    assert page.context["summary"].later_total == "$360"
    monthly = bob.look(**TEAM).context["form"].fields
    assert {RENDERS, PRIORITY} <= monthly.keys()
