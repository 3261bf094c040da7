"""Real deliveries of whole stories, in any order and any number: the rows end as one refresh would leave them.

Each story is played at the sandbox and its webhooks are recorded as they came. Then our copy of it is
wiped, the webhooks are posted in a given order, the inbox is drained, and the rows are compared.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from billing.models import CheckoutSession, Customer, Entitlement, Invoice, PaymentMethod, Subscription, WebhookEvent
from billing.models.subscription import SubscriptionChange
from billing.services import card_entry, completion, customers
from billing.webhooks.dispatch import drain
from tests.integration.conftest import Recorder
from tests.people import Person, begin, person, subscribe
from tests.sandbox_process import SandboxClient

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("price_list")]

Message = tuple[str, bytes, dict[str, str]]
Rows = dict[str, list[dict[str, Any]]]
NOT_COMPARED = {"id", "customer_id", "subscription_id", "mirrored_at", "created_at", "detached_at"}


# Orders of arrival


def as_they_came(messages: list[Message]) -> list[Message]:
    return messages


def backwards(messages: list[Message]) -> list[Message]:
    return messages[::-1]


def shuffled_and_repeated(messages: list[Message]) -> list[Message]:
    order = messages + messages[::2]
    random.Random(20261123).shuffle(order)  # noqa: S311 - an order, no secret
    return order


ORDERS = (as_they_came, backwards, shuffled_and_repeated)
orders = pytest.mark.parametrize("order", ORDERS, ids=lambda order: order.__name__)


# Stories


def she_subscribes(who: Person, sandbox: SandboxClient) -> None:
    subscribe(who, sandbox)


def her_card_fails_and_another_pays(who: Person, sandbox: SandboxClient) -> None:
    failed = subscribe(who, sandbox, card="pm_card_chargeCustomerFail")
    card_entry.prepare_card(failed)
    failed.refresh_from_db()
    sandbox.confirm_card(str(failed.setup_intent_id))
    completion.complete(failed.pk, cause="test")


def she_never_pays(who: Person, sandbox: SandboxClient) -> None:
    subscribe(who, sandbox, card="pm_card_chargeCustomerFail")
    sandbox.advance(hours=24)


def she_moves_up(who: Person, sandbox: SandboxClient) -> None:
    subscribe(who, sandbox, plan="plan-starter")
    subscribe(who, sandbox, plan="plan-pro")


STORIES = [
    (she_subscribes, {"plan-pro": "ACTIVE"}),
    (her_card_fails_and_another_pays, {"plan-pro": "ACTIVE"}),
    (she_never_pays, {"plan-pro": "CANCELED"}),
    (she_moves_up, None),
]


@pytest.mark.parametrize(("story", "ending"), STORIES, ids=[story.__name__ for story, _ending in STORIES])
def test_any_order_of_webhooks_ends_in_the_rows_of_one_refresh(
    sandbox: SandboxClient,
    recorder: Recorder,
    client: Client,
    story: Callable[[Person, SandboxClient], None],
    ending: dict[str, str] | None,
) -> None:
    ada = person("ada")
    story(ada, sandbox)
    messages = all_messages(sandbox, recorder)
    customers.refresh(ada.customer.pk, cause="test", with_stripe=True)
    truth = rows_of(ada.customer)
    if ending is not None:
        assert {row["plan_id"]: row["status"] for row in truth["subscriptions"]} == ending
    for order in ORDERS:
        forget(ada.customer)
        post(client, order(messages))
        drain()
        assert rows_of(ada.customer) == truth, order.__name__
        assert WebhookEvent.objects.count() == len(messages)
        assert set(WebhookEvent.objects.values_list("state", flat=True)) <= {"done", "ignored"}


@orders
def test_a_closed_tab_costs_nothing_whatever_the_order_of_webhooks(
    sandbox: SandboxClient, recorder: Recorder, client: Client, order: Callable[[list[Message]], list[Message]]
) -> None:
    ada = person("ada")
    session = begin(ada)
    sandbox.confirm_card(str(session.setup_intent_id))
    post(client, order(all_messages(sandbox, recorder)))
    drain()
    session.refresh_from_db()
    assert session.state == CheckoutSession.State.SUCCEEDED
    assert Subscription.objects.get().status == "ACTIVE"
    assert len(sandbox.objects("stigg", "subscriptions")) == 1


def test_the_deadline_reaches_a_checkout_by_webhooks_alone(
    sandbox: SandboxClient, recorder: Recorder, client: Client
) -> None:
    carol = person("carol")
    failed = subscribe(carol, sandbox, card="pm_card_chargeCustomerFail")
    all_messages(sandbox, recorder)
    recorder.clear()
    sandbox.advance(hours=24)
    post(client, backwards(all_messages(sandbox, recorder)))
    drain()
    failed.refresh_from_db()
    assert failed.state == CheckoutSession.State.EXPIRED
    assert Subscription.objects.get().status == "CANCELED"
    assert Invoice.objects.get().status == "void"


def test_a_story_told_twice_is_told_once(sandbox: SandboxClient, recorder: Recorder, client: Client) -> None:
    ada = person("ada")
    subscribe(ada, sandbox)
    messages = all_messages(sandbox, recorder)
    post(client, messages)
    drain()
    told = list(SubscriptionChange.objects.values_list("field", "old_value", "new_value"))
    post(client, messages)
    assert drain() == 0
    assert list(SubscriptionChange.objects.values_list("field", "old_value", "new_value")) == told


# Help


def all_messages(sandbox: SandboxClient, recorder: Recorder) -> list[Message]:
    """What both sides sent, once neither has anything more to say."""
    sandbox.settle()
    return list(recorder.messages)


def post(client: Client, messages: list[Message]) -> None:
    for path, body, headers in messages:
        kept = {
            name: value for name, value in headers.items() if name.lower().startswith("stri") or "Stigg" in name.title()
        }
        answer = client.generic("POST", f"/hooks{path}/", body, "application/json", headers=kept)
        assert answer.status_code == 200


def rows_of(customer: Customer) -> Rows:
    """The whole mirror of a customer but for our own keys and dates."""
    kinds = {
        "subscriptions": Subscription.objects.order_by("stigg_id"),
        "entitlements": Entitlement.objects.order_by("feature_id"),
        "cards": PaymentMethod.objects.filter(detached_at=None).order_by("stripe_id"),
        "invoices": Invoice.objects.order_by("stripe_id"),
    }
    rows = {name: [_told(row) for row in found.filter(customer=customer).values()] for name, found in kinds.items()}
    person_row = Customer.objects.filter(pk=customer.pk).values("stripe_id", "default_payment_method_id")
    return rows | {"customer": list(person_row)}


def _told(row: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in row.items() if name not in NOT_COMPARED}


def forget(customer: Customer) -> None:
    """As if none of it had ever reached us; only the customer and the checkout are left."""
    WebhookEvent.objects.all().delete()
    SubscriptionChange.objects.filter(subscription__customer=customer).delete()
    for model in (Invoice, PaymentMethod, Entitlement, Subscription):
        model.objects.filter(customer=customer).delete()
    Customer.objects.filter(pk=customer.pk).update(mirrored_at=None, default_payment_method_id="")
