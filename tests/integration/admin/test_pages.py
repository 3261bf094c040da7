"""Every list and every page of the admin: shown, read-only, and with a number of queries that rows do not raise."""

from __future__ import annotations

import pytest
from django.db import connection, models
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from billing import models as billing_models
from tests.integration.admin import rows

MOST_QUERIES = 12
SHOWN = [
    "CardAttempt",
    "CatalogSnapshot",
    "CheckoutSession",
    "Customer",
    "Invoice",
    "PaymentMethod",
    "ReconcileDrift",
    "ReconcileRun",
    "Subscription",
    "WebhookEvent",
    "WorkerHeartbeat",
]


def list_url(model: type[models.Model]) -> str:
    return reverse(f"admin:billing_{model._meta.model_name}_changelist")


def page_url(row: models.Model) -> str:
    return reverse(f"admin:billing_{row._meta.model_name}_change", args=[row.pk])


@pytest.fixture(params=SHOWN)
def model(request: pytest.FixtureRequest) -> type[models.Model]:
    return getattr(billing_models, request.param)


@pytest.fixture(params=["staff", "viewer"])
def client(request: pytest.FixtureRequest) -> Client:
    return request.getfixturevalue(request.param)


@pytest.fixture(autouse=True)
def three_of_everything(db: None) -> None:
    rows.surroundings()
    for _ in range(3):
        rows.whole_customer()


def count_queries(client: Client, url: str) -> int:
    with CaptureQueriesContext(
        connection,
    ) as queries:
        assert client.get(url).status_code == 200
    return len(queries)


def test_list_is_quick(client, model):
    count_queries(client, list_url(model))  # content types are cached after the first time
    few = count_queries(client, list_url(model))
    for _ in range(4):
        rows.whole_customer()
    assert count_queries(client, list_url(model)) == few
    assert few <= MOST_QUERIES


def test_lists_read_no_table_for_their_filters(staff, model):
    with CaptureQueriesContext(connection) as queries:
        staff.get(list_url(model))
    assert not [query["sql"] for query in queries if "DISTINCT" in query["sql"]]


def test_page_is_quick(client, model):
    url = page_url(model.objects.first())
    count_queries(client, url)
    assert count_queries(client, url) <= MOST_QUERIES


def test_customer_page_does_not_grow(staff):
    customer = billing_models.Customer.objects.first()
    count_queries(staff, page_url(customer))  # the first request of a process asks for content types, too
    few = count_queries(staff, page_url(customer))
    for _ in range(5):
        rows.subscription(customer)
    assert count_queries(staff, page_url(customer)) == few


def test_nothing_can_be_written(staff, model):
    row = model.objects.first()
    before = model.objects.filter(pk=row.pk).values().get()
    assert staff.get(reverse(f"admin:billing_{model._meta.model_name}_add")).status_code == 403
    assert staff.post(page_url(row), {}).status_code == 403
    assert staff.post(reverse(f"admin:billing_{model._meta.model_name}_delete", args=[row.pk])).status_code == 403
    assert model.objects.filter(pk=row.pk).values().get() == before
    shown = staff.get(page_url(row)).content.decode()
    assert 'name="_save"' not in shown
    assert "deletelink" not in shown


def test_strangers_see_nothing(client, model, django_user_model):
    client.force_login(django_user_model.objects.create_user(username="customer"))
    assert client.get(list_url(model)).status_code == 302


def test_staff_without_a_right_see_nothing(client, model, django_user_model):
    client.force_login(django_user_model.objects.create_user(username="clerk", is_staff=True))
    assert client.get(list_url(model)).status_code == 403


def test_large_lists_are_counted_to_a_limit(staff, monkeypatch):
    monkeypatch.setattr("billing.admin.base.MOST_ROWS_COUNTED", 2)
    assert staff.get(list_url(billing_models.Customer)).context["cl"].result_count == 2
