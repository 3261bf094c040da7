"""Customers: made at sign-up whatever Stigg does, provisioned as soon as it answers, and kept like the truth."""

from __future__ import annotations

import contextlib
import json
import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import httpx
import pytest
import requests
import responses
from django.utils import timezone

from billing.errors import Busy, GatewayError, GatewayNotFound, GatewayUnavailable
from billing.models import Customer, Membership, Subscription
from billing.services import customers
from tests.people import Person, person, subscribe
from tests.sandbox_process import SandboxClient

pytestmark = pytest.mark.django_db


def fresh(who: Person) -> Customer:
    return Customer.objects.get(pk=who.customer.pk)


def make_due(who: Person) -> None:
    Customer.objects.filter(pk=who.customer.pk).update(provision_due_at=timezone.now() - timedelta(seconds=1))


@pytest.fixture
def impatient(settings: Any) -> None:
    """One failure is enough to know that a provider is down: no test waits for retries."""
    settings.TOLLGATE_BREAKER_FAILURES = 1


def mend(sandbox: SandboxClient, settings: Any) -> None:
    sandbox.calm()
    settings.TOLLGATE_BREAKER_FAILURES = 1000


# Sign-up and provisioning


def test_a_new_customer_waits_for_nobody_and_is_due_at_once(sandbox: SandboxClient) -> None:
    ada = person("ada")
    assert not ada.customer.is_provisioned
    assert Customer.objects.to_provision(timezone.now()).get() == ada.customer
    assert Membership.objects.get().role == Membership.Role.OWNER
    assert sandbox.calls("stigg") == []


def test_the_worker_provisions_who_is_due(sandbox: SandboxClient) -> None:
    ada = person("ada")
    assert customers.work_due(timezone.now()) == 1
    customer = fresh(ada)
    assert customer.is_provisioned
    assert customer.provision_due_at is None
    (stripe_side,) = sandbox.objects("stripe", "customers")
    assert (stripe_side["id"], stripe_side["email"]) == (customer.stripe_id, customer.email)
    assert customers.work_due(timezone.now()) == 0


@pytest.mark.usefixtures("impatient")
def test_while_stigg_is_down_the_row_says_when_to_try_again(sandbox: SandboxClient, settings: Any) -> None:
    sandbox.fault("stigg", "down")
    ada = person("ada")
    assert customers.work_due(timezone.now()) == 1
    customer = fresh(ada)
    assert (customer.is_provisioned, customer.provision_attempts) == (False, 1)
    assert "stigg" in customer.provision_error
    assert customer.provision_due_at > timezone.now()
    assert customers.work_due(timezone.now()) == 0
    mend(sandbox, settings)
    make_due(ada)
    customers.work_due(timezone.now())
    customer = fresh(ada)
    assert (customer.is_provisioned, customer.provision_attempts, customer.provision_error) == (True, 0, "")


@pytest.mark.usefixtures("impatient")
def test_who_needs_it_provisions_on_demand(sandbox: SandboxClient, settings: Any) -> None:
    sandbox.fault("stigg", "down")
    ada = person("ada")
    with pytest.raises(GatewayUnavailable):
        customers.provision(ada.customer.pk)
    assert fresh(ada).leased_until is None
    mend(sandbox, settings)
    assert customers.provision(ada.customer.pk).is_provisioned


def test_provisioning_twice_is_one_customer_and_one_call(sandbox: SandboxClient) -> None:
    ada = person("ada")
    first = customers.provision(ada.customer.pk)
    calls = len(sandbox.calls("stigg"))
    assert customers.provision(ada.customer.pk).stripe_id == first.stripe_id
    assert len(sandbox.calls("stigg")) == calls
    assert len(sandbox.objects("stripe", "customers")) == 1


def test_a_customer_that_stigg_has_already_is_taken_as_it_is(sandbox: SandboxClient) -> None:
    ada = person("ada")
    linked = customers.provision(ada.customer.pk)
    Customer.objects.filter(pk=linked.pk).update(provisioned_at=None, stripe_id=None)
    assert customers.provision(ada.customer.pk).stripe_id == linked.stripe_id
    assert len(sandbox.objects("stripe", "customers", email=linked.email)) == 1
    assert len(sandbox.objects("stigg", "customers", ref_id=linked.stigg_id)) == 1


def test_an_answer_lost_on_the_way_is_found_at_the_next_try(sandbox: SandboxClient, settings: Any) -> None:
    settings.TOLLGATE_READ_TIMEOUT_SECONDS = 0.2
    settings.TOLLGATE_BREAKER_FAILURES = 1
    ada = person("ada")
    sandbox.fault("stigg", "latency", "provisionCustomer", seconds=0.6)
    with pytest.raises(GatewayError):
        customers.provision(ada.customer.pk)
    settings.TOLLGATE_READ_TIMEOUT_SECONDS = 10.0
    mend(sandbox, settings)
    assert customers.provision(ada.customer.pk).is_provisioned
    assert len(sandbox.objects("stripe", "customers")) == 1


def test_a_stripe_id_that_comes_late_is_asked_for(sandbox: SandboxClient) -> None:
    ada = person("ada")
    with stripe_id_withheld(sandbox, answers=2) as asked:
        customer = customers.provision(ada.customer.pk)
    assert customer.is_provisioned
    assert asked == ["ProvisionCustomer", "GetCustomerById", "UpdateCustomer", "GetCustomerById"]


def test_a_stripe_id_that_does_not_come_at_all_leaves_the_row_due(sandbox: SandboxClient) -> None:
    ada = person("ada")
    with stripe_id_withheld(sandbox, answers=100), pytest.raises(GatewayNotFound):
        customers.provision(ada.customer.pk)
    customer = fresh(ada)
    assert not customer.is_provisioned
    assert customer.provision_due_at > timezone.now()
    assert "no Stripe id yet" in customer.provision_error
    assert customers.provision(ada.customer.pk).is_provisioned


@contextlib.contextmanager
def stripe_id_withheld(sandbox: SandboxClient, *, answers: int) -> Iterator[list[str]]:
    """The next answers of Stigg name no Stripe customer, as when its own call to Stripe is still under way.
    Yields the names of what was asked on this wire."""
    asked: list[str] = []

    def forward(request: Any) -> tuple[int, dict[str, str], str]:
        headers = {"X-API-KEY": request.headers["X-API-KEY"], "Content-Type": "application/json"}
        asked.append(json.loads(request.body)["operationName"])
        answer = httpx.post(request.url, content=request.body, headers=headers, trust_env=False, timeout=60)
        withheld = re.sub(r'"billingId": ?"[^"]+"', '"billingId": null', answer.text)
        return answer.status_code, {}, withheld if len(asked) <= answers else answer.text

    with responses.RequestsMock(assert_all_requests_are_fired=False) as wire:
        wire.add_callback("POST", f"{sandbox.stigg_url}/graphql", forward, content_type="application/json")
        yield asked


def test_one_customer_that_fails_does_not_keep_the_others_from_their_turn(sandbox: SandboxClient) -> None:
    held, ada = person("held"), person("ada")
    with Customer.lease(held.customer.pk, seconds=60):
        assert customers.work_due(timezone.now()) == 2
    assert fresh(ada).is_provisioned
    assert not fresh(held).is_provisioned


# Refresh


def test_a_refresh_under_somebody_elses_lease_is_busy_and_changes_nothing(sandbox: SandboxClient) -> None:
    ada = person("ada")
    customers.provision(ada.customer.pk)
    with Customer.lease(ada.customer.pk, seconds=60), pytest.raises(Busy):
        customers.refresh(ada.customer.pk, cause="test", wait_seconds=0.1)
    assert fresh(ada).mirrored_at is None
    customers.refresh(ada.customer.pk, cause="test")
    assert fresh(ada).mirrored_at is not None


def test_the_lease_is_given_back_when_a_refresh_fails(sandbox: SandboxClient) -> None:
    ada = person("ada")
    with pytest.raises(GatewayNotFound):
        customers.refresh(ada.customer.pk, cause="test")
    assert fresh(ada).leased_until is None


def test_entitlements_are_those_of_the_plan_and_go_with_it(sandbox: SandboxClient) -> None:
    ada = person("ada")
    done = subscribe(ada, sandbox, plan="plan-pro")
    rows = {row.feature_id: row for row in ada.customer.entitlements.all()}
    assert rows["feature-seats"].usage_limit == 25
    assert rows["feature-projects"].has_unlimited_usage
    assert rows["feature-audit-log"].is_granted
    sandbox_cancel(sandbox, str(done.subscription.stigg_id))
    customers.refresh(ada.customer.pk, cause="test")
    assert not ada.customer.entitlements.filter(is_granted=True, feature_id="feature-audit-log").exists()
    assert Subscription.objects.get(pk=done.subscription.pk).is_finished


def sandbox_cancel(sandbox: SandboxClient, subscription_id: str) -> None:
    from billing.gateways import stigg

    stigg.current().cancel_subscription(subscription_id=subscription_id, when="IMMEDIATE")


def test_a_second_refresh_writes_no_second_history(sandbox: SandboxClient) -> None:
    ada = person("ada")
    done = subscribe(ada, sandbox)
    told = list(done.subscription.changes.values_list("field", "new_value"))
    for _ in range(3):
        customers.refresh(ada.customer.pk, cause="test", with_stripe=True)
    assert list(done.subscription.changes.values_list("field", "new_value")) == told
    assert ada.customer.payment_methods.count() == ada.customer.invoices.count() == 1


def test_cards_and_invoices_are_mirrored_and_a_removed_card_is_kept_as_detached(sandbox: SandboxClient) -> None:
    ada = person("ada")
    done = subscribe(ada, sandbox)
    customers.refresh(ada.customer.pk, cause="test", with_stripe=True)
    card, invoice = ada.customer.payment_methods.get(), ada.customer.invoices.get()
    assert (card.brand, card.last4, card.is_default) == ("visa", "4242", True)
    assert (invoice.status, invoice.total_minor, invoice.currency) == ("paid", 4900, "USD")
    assert invoice.subscription == done.subscription
    requests.post(
        f"{sandbox.stripe_url}/v1/payment_methods/{card.stripe_id}/detach", auth=("sk_test_sandbox", ""), timeout=10
    ).raise_for_status()
    customers.refresh(ada.customer.pk, cause="test", with_stripe=True)
    card.refresh_from_db()
    assert card.detached_at is not None
    assert not card.is_default
    assert fresh(ada).default_payment_method_id == ""


@pytest.mark.usefixtures("impatient")
def test_a_refresh_that_is_due_is_tried_again_later_when_it_fails(sandbox: SandboxClient, settings: Any) -> None:
    ada = person("ada")
    customers.provision(ada.customer.pk)
    customers.refresh_soon(ada.customer.pk)
    sandbox.fault("stigg", "down")
    assert customers.work_due(timezone.now()) == 1
    customer = fresh(ada)
    assert (customer.refresh_attempts, customer.mirrored_at) == (1, None)
    assert customer.refresh_due_at > timezone.now()
    mend(sandbox, settings)
    customers.refresh_soon(ada.customer.pk)
    assert customers.work_due(timezone.now()) == 1
    customer = fresh(ada)
    assert (customer.refresh_attempts, customer.refresh_error) == (0, "")


def test_a_refresh_asked_for_while_one_is_under_way_is_not_forgotten(sandbox: SandboxClient) -> None:
    ada = person("ada")
    customers.provision(ada.customer.pk)
    customers.refresh_soon(ada.customer.pk, after_seconds=1)
    customers.refresh(ada.customer.pk, cause="test")
    assert fresh(ada).refresh_due_at is not None


def test_a_subscription_of_somebody_else_is_not_taken_over(sandbox: SandboxClient) -> None:
    ada, dave = person("ada"), person("dave")
    done = subscribe(ada, sandbox)
    customers.provision(dave.customer.pk)
    customers.refresh(dave.customer.pk, cause="test", subscription_ids=[done.subscription.stigg_id, "no-such-one"])
    assert Subscription.objects.get().customer == ada.customer
