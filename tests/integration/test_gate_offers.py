"""What is offered in place to who is refused: for their own subscription, in its currency and in the host's words, and
nothing beside a payment that is still open."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.integration.browsing import signed_in
from tests.integration.gated import grant, on_plan, text_of
from tests.people import Person, person

pytestmark = [
    pytest.mark.shows("P16"),
    pytest.mark.django_db,
    pytest.mark.usefixtures("price_list"),
    pytest.mark.urls("tests.integration.gated_views"),
]
FREE: dict[str, Any] = {"plan_id": "plan-free", "name": "Free", "pricing_type": "FREE", "billing_period": ""}
STARTER = {"plan_id": "plan-starter", "name": "Starter"}
PRO = {"plan_id": "plan-pro", "name": "Pro"}
UNPAID = PRO | {"status": "PAYMENT_PENDING", "payment_collection": "FAILED"}


@pytest.fixture(autouse=True)
def monthly(settings: Any) -> None:
    settings.TOLLGATE_PREFERRED_BILLING_PERIOD = "MONTHLY"


@pytest.fixture
def ada() -> Person:
    return person("ada")


def refused(who: Person, path: str = "roles/") -> tuple[str, dict[str, str]]:
    """What the page says, and what its button would buy."""
    answer = signed_in(who).get(f"/host/{path}")
    assert answer.status_code == 402
    url = next(iter(re.findall(r'href="(/checkout/start/[^"]*)"', answer.content.decode())), "")
    query = parse_qs(urlsplit(url.replace("&amp;", "&")).query)
    return text_of(answer), {name: value for name, (value,) in query.items()}


# An open payment


@pytest.mark.parametrize("beside", [FREE, STARTER | {"status": "IN_TRIAL"}], ids=["free", "trial"])
def test_an_open_payment_is_not_covered_up_by_a_plan_that_costs_nothing(ada: Person, beside: dict[str, Any]) -> None:
    on_plan(ada, **beside)
    on_plan(ada, **UNPAID)
    said, bought = refused(ada)
    assert f"Custom roles is not part of {beside['name']}" in said
    assert "Your payment for Pro is still open" in said
    assert "Go to your payment" in said
    assert bought == {}


def test_who_pays_for_a_plan_may_have_more(ada: Person) -> None:
    on_plan(ada, **STARTER)
    on_plan(ada, **UNPAID)
    assert "Upgrade to Pro" in refused(ada)[0]


def test_an_open_payment_for_another_resource_is_no_hindrance(ada: Person) -> None:
    on_plan(ada, **FREE)
    on_plan(ada, **UNPAID, resource_id="site-1")
    assert "Upgrade to Pro" in refused(ada)[0]


def test_nor_is_one_for_another_product(ada: Person, settings: Any) -> None:
    settings.TOLLGATE_PRODUCT_ID = "product-tollgate"
    settings.TOLLGATE_PRODUCT_IDS = ("product-other",)
    on_plan(ada, **UNPAID, product_id="product-other")
    assert "Choose Pro" in refused(ada)[0]


# Resources


def test_an_upgrade_is_for_the_resource_that_the_subscription_is_for(ada: Person) -> None:
    on_plan(ada, **STARTER, resource_id="site-1")
    said, bought = refused(ada)
    assert "Upgrade to Pro" in said
    assert bought == {"plan": "plan-pro", "period": "MONTHLY", "resource": "site-1"}
    review = signed_in(ada).get("/checkout/start/", bought)
    assert review.context["form"]["resource"].value() == "site-1"


def test_what_is_for_no_resource_goes_before_what_is_for_one(ada: Person) -> None:
    on_plan(ada, **FREE)
    on_plan(ada, **STARTER, resource_id="site-1")
    said, bought = refused(ada)
    assert "Custom roles is not part of Free" in said
    assert bought == {"plan": "plan-pro", "period": "MONTHLY"}


# Currencies


@pytest.mark.usefixtures("price_lists")
@pytest.mark.parametrize(
    ("country", "currency", "price"),
    [("DE", "USD", "$49"), ("", "EUR", "€46"), ("JP", "EUR", "€46"), ("DE", "EUR", "€46"), ("DE", "", "€46")],
)
def test_a_running_subscription_keeps_its_currency(ada: Person, country: str, currency: str, price: str) -> None:
    moved(ada, country)
    on_plan(ada, **STARTER, currency=currency)
    said, bought = refused(ada)
    assert price in said
    assert signed_in(ada).get("/checkout/start/", bought).context["summary"].due_now == price


@pytest.mark.usefixtures("price_lists")
def test_who_pays_nothing_yet_sees_the_prices_of_their_country(ada: Person) -> None:
    moved(ada, "DE")
    on_plan(ada, **FREE, currency="USD")
    assert "€46" in refused(ada)[0]


def moved(who: Person, country: str) -> None:
    who.customer.country = country
    who.customer.save()


# The host's words


@pytest.mark.parametrize(
    ("held", "path", "label"),
    [
        (None, "roles/", "Get Pro"),
        (FREE, "roles/", "Step up to Pro"),
        (FREE, "integrations/?tool=salesforce", "Call us"),
        (FREE, "integrations/?tool=unheard-of", "Call us"),
        (None, "integrations/?tool=unheard-of", "Call us"),
    ],
)
def test_the_button_has_the_words_that_the_host_gave_to_the_paywall(
    ada: Person, settings: Any, held: dict[str, Any] | None, path: str, label: str
) -> None:
    settings.TOLLGATE_TEXTS = {
        "plan_choose": "Get %(plan)s",
        "plan_upgrade": "Step up to %(plan)s",
        "plan_contact": {"en": "Call us", "de": "Rufen Sie uns an"},
    }
    if held:
        on_plan(ada, **held)
    assert label in refused(ada, path)[0]


def test_the_free_plan_is_offered_as_the_paywall_does(ada: Person, settings: Any) -> None:
    fields = {"feature_type": "NUMBER", "meter_type": "Fluctuating", "usage_limit": 0, "current_usage": 0}
    grant(ada, "feature-seats", display_name="Seats", units="seat", units_plural="seats", **fields)
    assert "Start for free" in refused(ada, "seats/")[0]
    settings.TOLLGATE_TEXTS = {"plan_start_free": "Begin with nothing"}
    assert "Begin with nothing" in refused(ada, "seats/")[0]
