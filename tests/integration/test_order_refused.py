"""Orders that Stigg refuses, for a while or for good: none is called off while it may have been charged."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from billing.gateways.stigg.types import SubscriptionChoice
from billing.models import CheckoutSession
from billing.services import card_entry, completion, previews
from billing.services import checkout as service
from tests.integration.ordering import Shopper, shopper
from tests.integration.test_checkout import wait_until
from tests.people import begin, person
from tests.sandbox_process import SandboxClient

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("price_list")]
PROVISION = "provisionSubscriptionV2"


@pytest.fixture
def ada(sandbox: SandboxClient) -> Shopper:
    """Her card is saved, and her order waits to be completed."""
    who = shopper(sandbox)
    sandbox.confirm_card(str(begin(who.who).setup_intent_id))
    return who


def complete(who: Shopper, *, times: int = 1) -> CheckoutSession:
    for _ in range(times):
        completion.complete(who.checkout().pk, cause="sweep")
    return who.checkout()


def status_page(who: Shopper) -> str:
    return who.client.get(reverse("billing:checkout_status", args=[who.checkout().pk])).content.decode()


@pytest.mark.parametrize("operation", ["updateOneCustomer", PROVISION])
def test_an_answer_of_a_proxy_after_an_outage_cancels_nothing(
    ada: Shopper, sandbox: SandboxClient, operation: str
) -> None:
    sandbox.fault("stigg", "down", operation)
    complete(ada, times=3)
    sandbox.calm()
    sandbox.fault("stigg", "status", operation, status=404)
    assert complete(ada, times=3).state == "confirmed"
    sandbox.calm()
    assert complete(ada).state == "succeeded"
    assert [row["status"] for row in ada.invoices()] == ["paid"]


@pytest.mark.parametrize(
    "refusal", [{"kind": "status", "status": 400}, {"kind": "graphql_error", "code": "BadUserInput"}]
)
def test_an_order_that_was_charged_is_not_called_off_while_stigg_refuses_to_show_it(
    ada: Shopper, sandbox: SandboxClient, settings: Any, refusal: dict[str, Any]
) -> None:
    settings.TOLLGATE_PROVISION_TIMEOUT_SECONDS = 0.3
    sandbox.fault("stigg", "latency", PROVISION, seconds=1, times=1)
    complete(ada)
    wait_until(lambda: [row["status"] for row in ada.invoices()] == ["paid"])
    sandbox.fault("stigg", operation="getSubscription", **refusal)
    assert complete(ada, times=4).state == "confirmed"
    page = status_page(ada)
    assert "not charged" not in page
    assert "Nothing was charged" not in page
    sandbox.calm()
    assert complete(ada).state == "succeeded"
    assert len(sandbox.objects("stigg", "subscriptions")) == 1


@pytest.mark.parametrize("operation", ["updateOneCustomer", PROVISION])
def test_an_order_that_stigg_refuses_for_good_is_called_off_and_the_customer_is_told(
    ada: Shopper, sandbox: SandboxClient, operation: str
) -> None:
    sandbox.fault("stigg", "graphql_error", operation, code="BadUserInput")
    assert complete(ada, times=2).state == "confirmed"
    assert complete(ada).state == "canceled"
    assert "We could not start this plan for you. Your card was not charged." in status_page(ada)
    assert ada.invoices() == []


def test_an_order_that_was_refused_twice_before_an_outage_is_still_made_after_it(
    ada: Shopper, sandbox: SandboxClient
) -> None:
    sandbox.fault("stigg", "graphql_error", PROVISION, code="BadUserInput", times=2)
    complete(ada, times=2)
    sandbox.fault("stigg", "down", PROVISION)
    assert complete(ada, times=2).state == "confirmed"
    sandbox.calm()
    assert complete(ada).state == "succeeded"


def with_code(sandbox: SandboxClient, code: str) -> Shopper:
    """An order with a code that nobody has told apart: begun by code of the host application."""
    who = shopper(sandbox)
    choice = SubscriptionChoice("plan-pro", billing_period="MONTHLY", coupon_id=code)
    checkout = service.begin(customer=who.who.customer, user=who.who.user, choice=choice)
    card_entry.prepare_card(checkout)
    sandbox.confirm_card(str(who.checkout().setup_intent_id))
    return who


def test_a_code_that_was_never_told_apart_is_tried_as_a_promotion_code(sandbox: SandboxClient) -> None:
    ada = with_code(sandbox, "welcome20")
    assert complete(ada).state == "succeeded"
    assert ada.invoices()[0]["amount_paid"] < 4900


@pytest.mark.parametrize(
    ("code", "says"),
    [("PromotionCodeMaxRedemptionsReached", "This code has been used up."), (None, "We do not know this code.")],
)
def test_a_code_that_is_refused_when_the_order_is_made_is_named_as_the_reason(
    sandbox: SandboxClient, code: str | None, says: str
) -> None:
    ada = with_code(sandbox, "nobody-knows-it")
    if code:
        sandbox.fault("stigg", "graphql_error", PROVISION, code=code)
    assert complete(ada).state == "canceled"
    assert says in status_page(ada)
    assert ada.invoices() == []


def test_a_code_that_cannot_be_checked_begins_no_order_and_the_page_says_so(sandbox: SandboxClient) -> None:
    ada = shopper(sandbox)
    sandbox.fault("stigg", "down", "previewSubscription")
    answer = ada.order(coupon="welcome20").content.decode()
    assert "Nothing is lost: please try again in a moment." in answer
    assert not CheckoutSession.objects.exists()
    assert ada.order().status_code == 302  # without the code it goes on
    assert not ada.checkout().coupon_id


def test_a_code_of_somebody_whom_stigg_does_not_know_yet_begins_no_order_while_it_is_away(
    sandbox: SandboxClient,
) -> None:
    who = person("ada")
    client = Client()
    client.force_login(who.user)
    ada = Shopper(who, client, sandbox)
    sandbox.fault("stigg", "down")
    ada.order(coupon="welcome20")
    assert not CheckoutSession.objects.exists()
    sandbox.calm()
    assert ada.order(coupon="welcome20").status_code == 302
    assert (ada.checkout().coupon_id, ada.checkout().promotion_code) == ("", "welcome20")


def test_who_has_looked_at_too_many_prices_can_still_order_with_a_code(sandbox: SandboxClient) -> None:
    ada = shopper(sandbox)
    seats = "addon-addon-extra-seats"
    for number in range(previews.PER_MINUTE + 1):
        ada.look(**{seats: str(number)})
    shown = ada.summary(coupon="welcome20").shown
    assert ada.order(coupon="welcome20", shown=shown).status_code == 302
    assert ada.checkout().promotion_code == "welcome20"
