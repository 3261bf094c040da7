"""The review page as a configurator: quantities, add-ons, coupons, and the price that is shown is the price."""

from __future__ import annotations

from typing import Any

import pytest
import requests
import responses
from django.test import Client

from billing.models import CardAttempt, CheckoutSession
from billing.services import customers, previews
from tests.people import PASSWORD, Person, person
from tests.sandbox_process import SandboxClient

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("price_list")]
START = "/checkout/start/"


@pytest.fixture
def ada(sandbox: SandboxClient) -> Person:
    who = person("ada")
    who.customer = customers.provision(who.customer.pk)
    return who


@pytest.fixture
def shopper(ada: Person) -> Client:
    client = Client()
    assert client.login(username=ada.user.get_username(), password=PASSWORD)
    return client


def order(**changes: Any) -> dict[str, Any]:
    return {"plan": "plan-pro", "period": "MONTHLY", "name": "Ada", "country": "", **changes}


def summary_of(shopper: Client, **changes: Any) -> Any:
    return shopper.get(START, order(**changes)).context["summary"]


@pytest.mark.shows("C4", "C2")
def test_an_add_on_is_priced_and_bought_with_the_plan(shopper: Client, sandbox: SandboxClient) -> None:
    shown = summary_of(shopper, **{"addon-addon-extra-seats": "2"})
    assert [(line.label, line.amount) for line in shown.lines] == [("Pro", "$49"), ("2 × Extra seats", "$30")]
    assert shown.due_now == "$79"
    answer = shopper.post(START, order(**{"addon-addon-extra-seats": "2", "shown": shown.shown}))
    assert answer.status_code == 302
    assert CheckoutSession.objects.get().addons == {"addon-extra-seats": 2}
    assert CheckoutSession.objects.get().due_now_minor == 7900


@pytest.mark.shows("C4")
def test_more_of_an_add_on_than_there_is_is_refused(shopper: Client) -> None:
    answer = shopper.post(START, order(**{"addon-addon-extra-seats": "21"}))
    assert answer.status_code == 200
    assert answer.context["form"].errors["addon-addon-extra-seats"]
    assert not CheckoutSession.objects.exists()


@pytest.mark.shows("C5")
def test_a_coupon_takes_its_discount_off(shopper: Client) -> None:
    shown = summary_of(shopper, coupon="WELCOME20")
    assert shown.due_now == "$39.20"
    assert "discount" in [line.kind for line in shown.lines]


@pytest.mark.shows("C5")
def test_a_coupon_that_nobody_knows_is_refused_in_words_and_buys_nothing(shopper: Client) -> None:
    answer = shopper.post(START, order(coupon="FREE-LUNCH"))
    assert answer.status_code == 200
    assert answer.context["form"].errors["coupon"] == ["We do not know this code."]
    assert answer.context["summary"].due_now == "$49"
    assert not CheckoutSession.objects.exists()


@pytest.mark.shows("C5")
@pytest.mark.parametrize("code", previews.COUPON_REFUSALS)
def test_every_refusal_of_a_code_is_a_sentence_beside_the_field_and_buys_nothing(
    shopper: Client, sandbox: SandboxClient, code: str
) -> None:
    sentence = str(previews.COUPON_REFUSALS[code])

    def asks_for_the_code(request: requests.PreparedRequest) -> tuple[bool, str]:
        return b"SPRING" in bytes(request.body or b""), "no code"

    refusal = {"data": None, "errors": [{"message": "refused", "extensions": {"code": code}}]}
    with responses.RequestsMock() as wire:
        wire.add_passthru("http://127.0.0.1")
        wire.post(f"{sandbox.stigg_url}/graphql", json=refusal, match=[asks_for_the_code])
        answer = shopper.post(START, order(coupon="SPRING"))
    assert answer.context["form"].errors["coupon"] == [sentence]
    assert sentence in answer.content.decode()
    assert answer.context["summary"].due_now == "$49"
    assert not CheckoutSession.objects.exists()


def test_guessing_coupons_is_stopped_without_asking_stigg(
    shopper: Client, sandbox: SandboxClient, settings: Any
) -> None:
    settings.TOLLGATE_COUPONS_PER_10_MINUTES = 2
    for code in ("ONE", "TWO"):
        summary_of(shopper, coupon=code)
    before = len(sandbox.calls("stigg", "previewSubscription"))
    answer = shopper.get(START, order(coupon="THREE"))
    assert "coupon" in answer.context["form"].errors
    assert len(sandbox.calls("stigg", "previewSubscription")) == before
    assert CardAttempt.objects.filter(kind=CardAttempt.Kind.COUPON).count() == 2


def test_a_price_that_changed_since_the_page_was_opened_is_shown_and_asked_about(shopper: Client) -> None:
    answer = shopper.post(START, order(shown="3900 USD"))
    assert answer.status_code == 200
    assert "The price has changed" in answer.content.decode()
    assert not CheckoutSession.objects.exists()
    assert shopper.post(START, order(shown=answer.context["summary"].shown)).status_code == 302


@pytest.mark.shows("C3")
def test_htmx_gets_the_summary_alone(shopper: Client) -> None:
    answer = shopper.get(START, order(period="ANNUALLY"), headers={"HX-Request": "true"})
    page = answer.content.decode()
    assert "<html" not in page
    assert "$470" in page
    assert 'hx-swap-oob="innerHTML"' in page
    assert 'value="47000 USD new"' in page


@pytest.mark.shows("C2")
def test_what_was_reviewed_is_what_the_first_invoice_says(shopper: Client, ada: Person, sandbox: SandboxClient) -> None:
    shown = summary_of(shopper, coupon="WELCOME20", **{"addon-addon-extra-seats": "3"})
    shopper.post(START, order(coupon="WELCOME20", shown=shown.shown, **{"addon-addon-extra-seats": "3"}))
    session = CheckoutSession.objects.get()
    sandbox.confirm_card(str(session.setup_intent_id))
    shopper.post(f"/checkout/{session.pk}/completion/")
    (invoice,) = sandbox.objects("stripe", "invoices", customer=str(ada.customer.stripe_id))
    assert (invoice["status"], invoice["total"]) == ("paid", shown.total.amount_minor)


def test_a_price_that_fell_since_the_page_was_opened_is_taken_without_asking(shopper: Client) -> None:
    """What is left of a period shrinks by the second, and with it the price of an upgrade."""
    assert shopper.post(START, order(shown="4901 USD")).status_code == 302
    assert CheckoutSession.objects.get().due_now_minor == 4900


def test_a_price_in_another_currency_is_asked_about(shopper: Client) -> None:
    assert shopper.post(START, order(shown="9900 EUR")).status_code == 200
    assert not CheckoutSession.objects.exists()


def test_the_coupon_of_somebody_who_has_just_signed_up_is_checked_too(sandbox: SandboxClient) -> None:
    new = person("new")
    client = Client()
    assert client.login(username=new.user.get_username(), password=PASSWORD)
    answer = client.post(START, order(coupon="FREE-LUNCH"))
    assert answer.status_code == 200
    assert answer.context["form"].errors["coupon"] == ["We do not know this code."]
    assert client.post(START, order(coupon="WELCOME20")).status_code == 302
    assert CheckoutSession.objects.get().due_now_minor == 3920
