"""The way from the paywall to the card page, as a browser without JavaScript meets it: where each click leads."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.test import Client

from billing.models import CheckoutSession, Customer, Membership
from tests.integration.browsing import CHOICE, choose, config_of, signed_in, url
from tests.people import begin, person, subscribe
from tests.sandbox_process import SandboxClient

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("price_list")]
State = CheckoutSession.State


def test_from_the_paywall_to_the_subscription(sandbox: SandboxClient, client: Client) -> None:
    assert CHOICE.replace("&", "&amp;") in client.get("/pricing/?period=MONTHLY").content.decode()
    to_sign_up = client.get(CHOICE)
    assert to_sign_up.url.startswith("/accounts/signup/?next=")
    assert "Pro" in client.get(to_sign_up.url).content.decode()

    form = {"name": "Ada", "email": "ada@example.com", "password1": "correct horse battery", "next": CHOICE}
    assert client.post("/accounts/signup/", form).url == CHOICE
    membership = Membership.objects.get(user__email="ada@example.com")
    assert (membership.role, membership.customer.name) == ("owner", "Ada")

    review = client.get(CHOICE)
    assert "$49" in review.content.decode()
    assert CheckoutSession.objects.count() == 0
    to_card = choose(client)
    session = CheckoutSession.objects.get()
    assert to_card.url == url("checkout", session)
    assert (session.state, session.due_now_minor) == (State.OPEN, 4900)
    assert (session.customer.name, session.customer.country) == ("Ada's company", "US")

    config = config_of(client.get(to_card.url))
    assert config["clientSecret"].startswith(f"{session.setup_intent_id}_secret_")
    assert config["returnUrl"] == f"http://testserver{url('checkout_return', session)}"
    sandbox.confirm_card(session.setup_intent_id)
    to_status = client.post(config["completeUrl"])
    assert (to_status.status_code, to_status.url) == (303, url("checkout_status", session))
    done = client.get(to_status.url).content.decode()
    assert "Welcome to Pro" in done
    account = client.get("/billing/").content.decode()
    assert "Active" in account
    assert client.get("/billing/me.json").json()["subscriptions"][0]["status"] == "ACTIVE"


def test_signing_up_works_while_stigg_is_down(sandbox: SandboxClient, client: Client, settings: Any) -> None:
    settings.TOLLGATE_BREAKER_FAILURES = 1
    sandbox.fault("stigg", "down")
    form = {"name": "Ada", "email": "ada@example.com", "password1": "correct horse battery", "next": CHOICE}
    assert client.post("/accounts/signup/", form).url == CHOICE
    assert Customer.objects.get().provision_due_at is not None
    assert client.get(CHOICE).status_code == 200
    to_card = choose(client)
    trouble = client.get(to_card.url)
    assert "is kept, and nothing was charged" in trouble.content.decode()
    session = CheckoutSession.objects.get()
    assert (session.state, session.plan_id) == (State.OPEN, "plan-pro")
    sandbox.calm()
    settings.TOLLGATE_BREAKER_FAILURES = 1000
    assert client.post(url("checkout_card", session)).url == url("checkout", session)
    assert config_of(client.get(url("checkout", session)))["clientSecret"]


def test_a_password_or_address_that_will_not_do_makes_no_customer(client: Client) -> None:
    for wrong in ({"password1": "short"}, {"email": "no address"}, {"name": ""}):
        form = {"name": "Ada", "email": "ada@example.com", "password1": "correct horse battery"} | wrong
        assert client.post("/accounts/signup/", form).status_code == 200
    assert get_user_model().objects.count() == Customer.objects.count() == 0


def test_a_free_plan_is_one_click(sandbox: SandboxClient) -> None:
    bob = person("bob")
    client = signed_in(bob)
    answer = choose(client, "plan-free", "")
    assert answer.url == url("checkout_status", CheckoutSession.objects.get())
    assert "Welcome to Free" in client.get(answer.url).content.decode()
    assert sandbox.objects("stripe", "setup_intents") == []


def test_two_clicks_are_one_checkout_and_one_setup_intent(sandbox: SandboxClient) -> None:
    client = signed_in(person("ada"))
    assert choose(client).url == choose(client).url
    assert CheckoutSession.objects.count() == len(sandbox.objects("stripe", "setup_intents")) == 1


def test_looking_at_pages_asks_stripe_for_nothing_new(sandbox: SandboxClient) -> None:
    ada = person("ada")
    client = signed_in(ada)
    session = begin(ada)
    for _ in range(3):
        client.get(CHOICE)
        client.get(url("checkout", session))
    assert len(sandbox.objects("stripe", "setup_intents")) == 1
    assert {call["operation"] for call in sandbox.calls("stripe")} == {
        "POST /v1/setup_intents",
        "GET /v1/setup_intents/{id}",
    }


@pytest.mark.parametrize(
    "address",
    [
        "/checkout/start/",
        "/checkout/start/?plan=nothing-like-it&period=MONTHLY",
        "/checkout/start/?plan=<script>&period=MONTHLY",
        "/checkout/start/?plan=plan-enterprise",
    ],
)
def test_what_is_not_sold_is_a_page_that_says_so(address: str) -> None:
    answer = signed_in(person("ada")).get(address)
    assert answer.status_code == 404
    assert "not offered any more" in answer.content.decode()


@pytest.mark.parametrize("period", ["", "WEEKLY"])
def test_a_link_without_a_period_that_is_sold_shows_the_first_one(period: str) -> None:
    answer = signed_in(person("ada")).get(f"/checkout/start/?plan=plan-pro&period={period}")
    assert answer.status_code == 200
    assert answer.context["form"].data["period"] == "MONTHLY"


@pytest.mark.parametrize("period", ["", "&period=WEEKLY"])
def test_without_a_known_period_the_plans_first_one_is_shown(period: str) -> None:
    answer = signed_in(person("ada")).get(f"/checkout/start/?plan=plan-pro{period}")
    assert answer.status_code == 200
    assert "$49" in answer.content.decode()


def test_the_plan_one_has_is_not_sold_again(sandbox: SandboxClient) -> None:
    ada = person("ada")
    subscribe(ada, sandbox)
    answer = choose(signed_in(ada))
    assert CheckoutSession.objects.count() == 1
    assert "This is what you have now" in answer.content.decode()


def test_a_form_with_a_mistake_keeps_the_choice() -> None:
    answer = signed_in(person("ada")).post(
        CHOICE, {"plan": "plan-pro", "period": "MONTHLY", "name": "", "country": "XX"}
    )
    assert answer.status_code in (200, 422)
    page = answer.content.decode()
    assert 'value="plan-pro"' in page
    assert CheckoutSession.objects.count() == 0
