"""Work for a worker: bursts of wake-ups are one task, each kind has its work, and due rows are found without a task."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.cache import cache
from django.db import transaction
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from billing import tasks, wake
from billing.models import CatalogSnapshot, CheckoutSession, Customer, WebhookEvent
from billing.services import catalog
from billing.webhooks import inbox
from tests.people import person
from tests.sandbox_process import SandboxClient

pytestmark = pytest.mark.django_db


def queued() -> list[str]:
    """Kinds in the queue, oldest first."""
    return [row.args_kwargs["args"][0] for row in DBTaskResult.objects.order_by("enqueued_at")]


def store_event(event_id: str = "evt_1") -> None:
    inbox.store(source="stripe", external_id=event_id, event_type="moon.full", payload={})


# Waking up


@pytest.mark.django_db(transaction=True)
def test_a_burst_of_events_is_one_task() -> None:
    for number in range(10):
        store_event(f"evt_{number}")
    assert queued() == ["events"]


@pytest.mark.django_db(transaction=True)
def test_each_kind_of_work_has_its_own_task() -> None:
    for kind in ("events", "customers", "events", "customers"):
        wake.up(kind)
    assert sorted(queued()) == ["customers", "events"]


@pytest.mark.django_db(transaction=True)
def test_after_the_work_has_begun_the_next_call_is_heard() -> None:
    wake.up("events")
    tasks.work.call("events")
    wake.up("events")
    assert queued() == ["events", "events"]


@pytest.mark.django_db(transaction=True)
def test_what_is_rolled_back_wakes_nobody() -> None:
    with transaction.atomic():
        wake.up("events")
        transaction.set_rollback(True)
    assert queued() == []


@pytest.mark.django_db(transaction=True)
def test_a_lost_wake_up_costs_a_delay_and_not_the_work(monkeypatch: pytest.MonkeyPatch) -> None:
    def lose(_kind: str) -> None:
        raise RuntimeError("the queue is away")

    with monkeypatch.context() as patched:
        patched.setattr(wake, "_listeners", [lose])
        store_event()
    assert queued() == []
    assert tasks.due_kinds() == ["events"]


def test_a_listener_that_registers_twice_is_called_once() -> None:
    before = list(wake._listeners)
    tasks.register()
    assert wake._listeners == before


# Working


def test_work_on_events_drains_the_inbox() -> None:
    store_event()
    assert tasks.work.call("events") == 1
    assert WebhookEvent.objects.get().state == "ignored"
    assert tasks.work.call("events") == 0


def test_work_on_customers_provisions_them(sandbox: SandboxClient) -> None:
    ada = person("ada")
    assert tasks.work.call("customers") == 1
    assert Customer.objects.get(pk=ada.customer.pk).is_provisioned


def test_work_on_the_catalog_renews_it(sandbox: SandboxClient) -> None:
    catalog.renew()
    countries = tasks.work.call("catalog")
    assert countries == CatalogSnapshot.objects.exclude(country_code="").count() > 0
    assert tasks.work.call("catalog") == 0
    CatalogSnapshot.objects.update(checked_at=timezone.now() - timedelta(hours=1))
    assert tasks.work.call("catalog") == 1 + countries


def test_work_on_checkouts_closes_those_whose_time_is_over() -> None:
    open_checkout(expires_at=timezone.now() - timedelta(seconds=1))
    assert tasks.work.call("checkouts") >= 1
    assert CheckoutSession.objects.get().state == "expired"


def test_an_unknown_kind_of_work_is_a_mistake() -> None:
    with pytest.raises(KeyError):
        tasks.work.call("dishes")


# What is due


def open_checkout(**fields: object) -> CheckoutSession:
    ada = person("ada")
    Customer.objects.update(provision_due_at=None, provisioned_at=timezone.now(), stripe_id="cus_1")
    given = {"expires_at": timezone.now() + timedelta(hours=1), "plan_id": "plan-pro", "plan_name": "Pro"}
    return CheckoutSession.objects.create(customer=ada.customer, user=ada.user, **given | fields)


def test_in_a_quiet_hour_nothing_is_due() -> None:
    open_checkout()
    assert tasks.due_kinds() == []


def test_a_new_customer_is_due() -> None:
    person("ada")
    assert tasks.due_kinds() == ["customers"]


def test_a_customer_to_refresh_is_due() -> None:
    open_checkout()
    Customer.objects.update(refresh_due_at=timezone.now())
    assert tasks.due_kinds() == ["customers"]


@pytest.mark.parametrize("state", ["received", "failed"])
def test_a_waiting_event_is_due(state: str) -> None:
    store_event()
    WebhookEvent.objects.update(state=state)
    assert tasks.due_kinds() == ["events"]


def test_an_event_whose_worker_was_killed_is_due_when_its_lease_runs_out() -> None:
    store_event()
    inbox.claim(batch=1)
    assert tasks.due_kinds() == []
    WebhookEvent.objects.update(leased_until=timezone.now())
    assert tasks.due_kinds() == ["events"]


@pytest.mark.parametrize(
    "fields",
    [
        {"state": "confirmed", "due_at": timezone.now()},
        {"expires_at": timezone.now() - timedelta(seconds=1)},
        {"state": "superseded", "due_at": timezone.now()},
    ],
    ids=["to complete", "overdue", "to tidy"],
)
def test_a_checkout_to_look_at_is_due(fields: dict[str, object]) -> None:
    open_checkout(**fields)
    assert tasks.due_kinds() == ["checkouts"]


def test_kinds_that_can_be_due_can_be_worked() -> None:
    open_checkout(state="confirmed", due_at=timezone.now())
    store_event()
    person("bob")
    assert set(tasks.due_kinds()) == {"checkouts", "customers", "events"} <= set(tasks.KINDS)


def test_the_coalescing_mark_goes_by_itself() -> None:
    wake_key = "tollgate.wake.events"
    with transaction.atomic():
        tasks.wake_worker("events")
    assert cache.get(wake_key)
    tasks.work.call("events")
    assert cache.get(wake_key) is None
