"""Billing details: entered, or the card's address; kept first, and sent on whole however long Stigg is away."""

from __future__ import annotations

from typing import Any

import pytest
from django.utils import timezone

from billing import tasks
from billing.models import Customer, Membership
from billing.services import billing_details, completion, customers
from tests.integration.browsing import signed_in, url
from tests.people import Person, begin, person, subscribe
from tests.sandbox_process import SandboxClient

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("price_list")]
PAGE = "/billing/details/"
BERLIN = {
    "name": "Ada Analytics GmbH",
    "invoice_email": "invoices@example.com",
    "country": "DE",
    "address_line1": "Torstraße 1",
    "address_line2": "Hof 2",
    "postal_code": "10119",
    "city": "Berlin",
    "address_state": "",
    "tax_id": "de 123456789",
}


def known(who: Person) -> Customer:
    """To Stigg and Stripe."""
    return customers.provision(who.customer.pk)


def at_stripe(sandbox: SandboxClient) -> dict[str, Any]:
    (found,) = sandbox.objects("stripe", "customers")
    return found


@pytest.mark.shows("C13")
def test_what_is_entered_stands_at_stripe_and_the_tax_id_at_stigg(sandbox: SandboxClient) -> None:
    ada = person("ada")
    known(ada)
    answer = signed_in(ada).post(PAGE, BERLIN)
    assert (answer.status_code, answer.url) == (302, "/billing/")
    assert tasks.due_kinds() == ["customers"]
    customers.work_due(timezone.now())
    found = at_stripe(sandbox)
    assert (found["name"], found["email"]) == ("Ada Analytics GmbH", "invoices@example.com")
    assert found["address"] == {
        "line1": "Torstraße 1",
        "line2": "Hof 2",
        "city": "Berlin",
        "state": None,
        "postal_code": "10119",
        "country": "DE",
    }
    (customer,) = sandbox.objects("stigg", "customers")
    assert customer["tax_ids"] == [["eu_vat", "DE123456789"]]
    assert tasks.due_kinds() == []


def test_a_tax_id_that_is_taken_away_is_gone_and_so_is_a_second_address_line(sandbox: SandboxClient) -> None:
    ada = person("ada")
    known(ada)
    client = signed_in(ada)
    for details in (BERLIN, BERLIN | {"tax_id": "", "address_line2": ""}):
        client.post(PAGE, details)
        customers.work_due(timezone.now())
    (customer,) = sandbox.objects("stigg", "customers")
    assert customer["tax_ids"] == []
    assert at_stripe(sandbox)["address"]["line2"] is None


def test_while_stigg_is_down_nothing_is_lost(sandbox: SandboxClient) -> None:
    ada = person("ada")
    known(ada)
    sandbox.fault("stigg", "down")
    signed_in(ada).post(PAGE, BERLIN)
    customers.work_due(timezone.now())
    customer = Customer.objects.get()
    assert customer.city == "Berlin"
    assert customer.details_error
    assert customer.details_due_at is not None
    assert customer.details_due_at > timezone.now()
    sandbox.calm()
    customers.work_due(customer.details_due_at)
    assert at_stripe(sandbox)["address"]["city"] == "Berlin"
    customer.refresh_from_db()
    assert (customer.details_due_at, customer.details_error) == (None, "")


def test_details_of_somebody_whom_stigg_does_not_know_yet_wait_for_that(sandbox: SandboxClient) -> None:
    ada = person("ada")
    signed_in(ada).post(PAGE, BERLIN)
    assert not Customer.objects.to_send_details(timezone.now()).exists()
    customers.work_due(timezone.now())
    customers.work_due(timezone.now())
    assert at_stripe(sandbox)["address"]["city"] == "Berlin"


def test_sending_again_is_one_call_or_none(sandbox: SandboxClient) -> None:
    ada = person("ada")
    known(ada)
    signed_in(ada).post(PAGE, BERLIN)
    for _ in range(3):
        billing_details.send(ada.customer.pk)
    assert len(sandbox.calls("stigg", "updateOneCustomer")) == 1


@pytest.mark.shows("C13")
@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("tax_id", "12345", "One looks like this: DE123456789"),
        ("invoice_email", "nowhere", "valid email"),
        ("name", "", "required"),
        ("address_line1", "", "required"),
        ("country", "", "required"),
    ],
)
def test_a_mistake_is_told_at_its_field_and_nothing_is_kept(field: str, value: str, words: str) -> None:
    ada = person("ada")
    answer = signed_in(ada).post(PAGE, BERLIN | {field: value})
    assert answer.status_code == 422
    assert words in answer.content.decode()
    assert Customer.objects.get().city == ""


def test_from_a_checkout_one_comes_back_to_it_and_from_a_strangers_one_does_not() -> None:
    ada, dave = person("ada"), person("dave")
    session = begin(ada)
    client = signed_in(ada)
    card_page = url("checkout", session)
    assert f'href="{PAGE}?checkout={session.pk}"' in client.get(card_page).content.decode()
    assert client.post(f"{PAGE}?checkout={session.pk}", BERLIN).url == card_page
    assert signed_in(dave).post(f"{PAGE}?checkout={session.pk}", BERLIN).url == "/billing/"


def test_a_mere_member_may_not_touch_them() -> None:
    member = person("ada", role="member")
    assert signed_in(member).get(PAGE).status_code == 403


CARD_ADDRESS = {"line1": "1 Market Street", "city": "San Francisco", "state": "CA", "postal_code": "94103"}


def confirm(sandbox: SandboxClient, setup_intent_id: str, country: str, **address: str) -> None:
    """As Stripe.js does with the address of the Address Element."""
    details = {"name": "Ada Lovelace", "address": CARD_ADDRESS | {"country": country} | address}
    sandbox.confirm_new_card(setup_intent_id, billing_details=details)


@pytest.mark.shows("C13", "C1")
def test_the_address_entered_with_the_card_is_the_customers_and_costs_no_call(sandbox: SandboxClient) -> None:
    from billing.services import completion

    ada = person("ada")
    customers.update_details(ada.customer, name="Ada", country="US")
    session = begin(ada)
    confirm(sandbox, str(session.setup_intent_id), "US")
    before = len(sandbox.calls("stigg")) + len(sandbox.calls("stripe"))
    completion.complete(session.pk, cause="test")
    assert len(sandbox.calls("stigg")) + len(sandbox.calls("stripe")) - before <= 4
    ada.customer.refresh_from_db()
    assert (ada.customer.address_line1, ada.customer.postal_code) == ("1 Market Street", "94103")
    found = at_stripe(sandbox)
    assert found["name"] == "Ada"
    assert found["address"] == {**CARD_ADDRESS, "line2": None, "country": "US"}


@pytest.mark.shows("C1")
def test_a_card_from_abroad_does_not_move_the_customer(sandbox: SandboxClient) -> None:
    from billing.services import completion

    ada = person("ada")
    customers.update_details(ada.customer, name="Ada", country="DE")
    session = begin(ada)
    confirm(sandbox, str(session.setup_intent_id), "US")
    completion.complete(session.pk, cause="test")
    ada.customer.refresh_from_db()
    assert (ada.customer.country, ada.customer.address_line1) == ("DE", "")


@pytest.mark.shows("C1")
def test_without_a_country_the_card_fills_it_in_after_the_purchase(sandbox: SandboxClient) -> None:
    from billing.services import completion

    ada = person("ada")
    session = begin(ada)
    confirm(sandbox, str(session.setup_intent_id), "US")
    completion.complete(session.pk, cause="test")
    ada.customer.refresh_from_db()
    assert ada.customer.country == ""
    customers.refresh(ada.customer.pk, cause="test", with_stripe=True)
    customers.work_due(timezone.now())
    ada.customer.refresh_from_db()
    assert ada.customer.country == "US"
    assert at_stripe(sandbox)["address"]["line1"] == "1 Market Street"


def test_later_details_reach_the_next_card_whole(sandbox: SandboxClient) -> None:
    ada = person("ada")
    known(ada)
    signed_in(ada).post(PAGE, BERLIN)
    subscribe(ada, sandbox)
    assert at_stripe(sandbox)["address"]["city"] == "Berlin"
    assert at_stripe(sandbox)["name"] == "Ada Analytics GmbH"


def test_an_address_that_is_too_long_for_us_holds_nothing_up(sandbox: SandboxClient) -> None:
    from billing.services import completion

    ada = person("ada")
    customers.update_details(ada.customer, name="Ada", country="US")
    session = begin(ada)
    confirm(
        sandbox, str(session.setup_intent_id), "US", line1="Long Road " * 40, city="Llanfair" * 20, postal_code="9" * 40
    )
    assert completion.complete(session.pk, cause="test").state == "succeeded"
    ada.customer.refresh_from_db()
    assert (len(ada.customer.address_line1), len(ada.customer.city), len(ada.customer.postal_code)) == (200, 100, 20)


@pytest.mark.parametrize("role", ["admin", "member"])
def test_on_the_way_through_a_checkout_they_are_those_of_who_buys(sandbox: SandboxClient, role: str) -> None:
    """Ada has a customer of her own, and opens the checkout of another one; only who may pay for it edits it."""
    ada, bob = person("ada"), person("bob")
    Membership.objects.create(customer=bob.customer, user=ada.user, role=role)
    page = f"{PAGE}?checkout={begin(bob).pk}"
    client = signed_in(ada)
    is_bobs = role == "admin"
    shown = client.get(page).context["form"]["name"].value()
    assert shown == (bob if is_bobs else ada).customer.name
    assert client.post(page, BERLIN).url == (url("checkout", bob.customer.checkouts.get()) if is_bobs else "/billing/")
    edited, other = (bob, ada) if is_bobs else (ada, bob)
    before = other.customer.name
    for who in (ada, bob):
        who.customer.refresh_from_db()
    assert (edited.customer.name, edited.customer.city) == ("Ada Analytics GmbH", "Berlin")
    assert (other.customer.name, other.customer.city) == (before, "")


@pytest.mark.shows("C13")
def test_details_that_are_sent_while_an_order_is_under_way_leave_its_card_the_default(sandbox: SandboxClient) -> None:
    """The mirror has the card of before; whoever pays with a new one must not be charged on the old one."""
    ada = person("ada")
    subscribe(ada, sandbox, plan="plan-starter")
    customers.refresh(ada.customer.pk, cause="test", with_stripe=True)
    order = begin(ada, plan="plan-pro")
    sandbox.fault("stigg", "down", "provisionSubscriptionV2")
    sandbox.confirm_card(str(order.setup_intent_id), "pm_card_mastercard")
    completion.complete(order.pk, cause="test")
    order.refresh_from_db()
    assert at_stripe(sandbox)["invoice_settings"]["default_payment_method"] == order.payment_method_id

    ada.customer.refresh_from_db()
    assert ada.customer.default_payment_method_id != order.payment_method_id
    billing_details.store(ada.customer, BERLIN | {"tax_id": ""})
    billing_details.send(ada.customer.pk)
    found = at_stripe(sandbox)
    assert found["address"]["city"] == "Berlin"
    assert found["invoice_settings"]["default_payment_method"] == order.payment_method_id
