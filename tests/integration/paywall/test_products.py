"""Two products, and resources within them: each is shown, priced and sold for itself, and nothing mixes."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from billing.services import catalog
from tests.integration.browsing import signed_in
from tests.integration.ordering import Shopper, shopper
from tests.integration.paywall.shopping import paywall
from tests.sandbox_process import ROOT, SandboxClient, running_sandbox

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("both")]
CATALOG = ROOT / "tests" / "data" / "two_products.yaml"
DRAWING = {"product": "product-drawing", "period": "MONTHLY"}
PAINTER = {"plan": "plan-painter", "period": "MONTHLY"}


@pytest.fixture(scope="module")
def sandbox_process() -> Iterator[SandboxClient]:
    with running_sandbox("--catalog", str(CATALOG)) as client:
        yield client


@pytest.fixture
def both(sandbox: SandboxClient, settings: Any) -> None:
    """As the worker leaves it: it fetches what the first visitor does not."""
    settings.TOLLGATE_PRODUCT_ID = "product-writing"
    settings.TOLLGATE_PRODUCT_IDS = ("product-drawing",)
    catalog.renew()
    assert catalog.work_due(timezone.now()) == 1
    catalog.work_due(timezone.now())


def bought(who: Shopper, **order: Any) -> str:
    """Through review page and card, as a browser would; the subscription's id."""
    assert who.order(country="", **order).status_code == 302
    checkout = who.checkout()
    if checkout.is_live:
        who.sandbox.confirm_card(str(checkout.setup_intent_id))
        who.client.post(f"/checkout/{checkout.pk}/completion/")
        checkout.refresh_from_db()
    assert checkout.state == "succeeded"
    assert checkout.subscription is not None
    who.refresh()
    return checkout.subscription.stigg_id


@pytest.mark.shows("P9")
def test_each_product_has_its_own_plans_and_the_page_leads_from_one_to_the_other() -> None:
    assert list(paywall(period="MONTHLY")) == ["plan-writer"]
    assert list(paywall(**DRAWING)) == ["plan-painter", "plan-gallery"]
    page = Client().get("/pricing/", {"period": "MONTHLY"}).content.decode()
    links = re.findall(r'<a href="([^"]+)"[^>]*>(Writing|Drawing)</a>', page)
    assert [(url.replace("&amp;", "&"), name) for url, name in links] == [
        ("/pricing/?period=MONTHLY&product=product-writing", "Writing"),
        ("/pricing/?period=MONTHLY&product=product-drawing", "Drawing"),
    ]


@pytest.mark.shows("P9")
def test_the_second_product_is_sold_and_stands_beside_the_first(sandbox: SandboxClient) -> None:
    ada = shopper(sandbox)
    review = ada.client.get(paywall(ada.who, **DRAWING)["plan-painter"].url)
    assert review.context["summary"].due_now == "$12"
    assert "?period=MONTHLY&amp;product=product-drawing" in review.content.decode()
    bought(ada, **PAINTER)
    assert paywall(ada.who, **DRAWING)["plan-painter"].label == "Your current plan"
    assert paywall(ada.who, **DRAWING)["plan-gallery"].label == "Upgrade to Gallery"
    assert paywall(ada.who, period="MONTHLY")["plan-writer"].label == "Choose Writer"
    bought(ada, plan="plan-writer", period="MONTHLY")
    held = ada.who.customer.subscriptions.all().granting_access().values_list("product_id", "plan_id")
    assert set(held) == {("product-writing", "plan-writer"), ("product-drawing", "plan-painter")}


@pytest.mark.shows("P5", "P9")
def test_a_product_is_priced_in_the_country_that_was_chosen(sandbox: SandboxClient) -> None:
    ada = shopper(sandbox)
    card = paywall(ada.who, country="DE", **DRAWING)["plan-painter"]
    assert "€11 per month" in card
    assert ada.client.get(card.url).context["summary"].due_now == "€11"


@pytest.mark.shows("P9")
def test_a_plan_is_bought_for_the_resource_whose_paywall_it_was(sandbox: SandboxClient) -> None:
    ada = shopper(sandbox)
    card = paywall(ada.who, resource="site-1", **DRAWING)["plan-painter"]
    review = ada.client.get(card.url)
    assert review.context["form"]["resource"].value() == "site-1"
    first = bought(ada, resource="site-1", **PAINTER)
    of_site = {"resource": "site-1", **DRAWING}
    assert paywall(ada.who, **of_site)["plan-painter"].label == "Your current plan"
    assert paywall(ada.who, resource="site-2", **DRAWING)["plan-painter"].label == "Choose Painter"
    second = bought(ada, resource="site-2", **PAINTER)
    assert first != second
    told = {row["ref_id"]: row["resource_id"] for row in sandbox.objects("stigg", "subscriptions")}
    assert (told[first], told[second]) == ("site-1", "site-2")
    unchanged = ada.client.get("/checkout/start/", {"resource": "site-1", **PAINTER})
    assert unchanged.context["summary"] is None
    assert "This is what you have now" in unchanged.content.decode()


@pytest.mark.shows("P9", "P14")
def test_what_search_engines_read_leads_to_the_product() -> None:
    page = Client().get("/pricing/", DRAWING).content.decode()
    document = json.loads(re.search(r"<script type=\"application/ld\+json\">(.*?)</script>", page)[1])
    urls = [offer["url"] for product in document["@graph"] for offer in product["offers"]]
    assert urls[0] == "http://testserver/pricing/?product=product-drawing&plan=plan-painter&period=MONTHLY"
    assert all("product=product-drawing" in url for url in urls)
    assert all(Client().get(url.removeprefix("http://testserver")).status_code == 200 for url in urls)


@pytest.mark.shows("P9", "P10")
def test_each_product_has_the_look_that_the_designer_gave_it(settings: Any) -> None:
    settings.TOLLGATE_DESIGNER_THEME = True
    usual = Client().get("/pricing/").content.decode()
    assert re.search(r'href="/pricing/theme-[0-9a-f]+\.css"', usual)
    page = Client().get("/pricing/", DRAWING).content.decode()
    (address,) = re.findall(r'href="(/pricing/theme-[^"]+)"', page)
    assert address.endswith(".css?product=product-drawing")
    assert "immutable" in Client().get(address).headers["Cache-Control"]


@pytest.mark.shows("P9")
def test_who_signs_up_for_a_plan_of_the_second_product_sees_its_name(sandbox: SandboxClient) -> None:
    url = paywall(**DRAWING)["plan-painter"].url
    page = Client().get("/accounts/signup/", {"next": url}).content.decode()
    assert "Painter" in page
    assert "/pricing/?period=MONTHLY" in page
    assert signed_in(shopper(sandbox).who).get(url).status_code == 200


def test_one_may_ask_about_the_plans_of_every_product() -> None:
    page = Client().get("/contact/?plan=plan-painter").content.decode()
    assert re.search(r'<option value="plan-painter" selected>', page)
    assert '<option value="plan-writer"' in page
