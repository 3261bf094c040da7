"""Actions ask first, do it once, and are written into the log."""

from __future__ import annotations

import pytest
from django.contrib.admin.models import LogEntry

from billing.models import Customer, WebhookEvent
from tests.integration.admin import rows
from tests.integration.admin.test_pages import list_url


def ask(client, model, action, picked, **more):
    form = {"action": action, "_selected_action": [str(row.pk) for row in picked], "index": "0"}
    return client.post(list_url(model), form | more)


def confirm(client, model, action, picked, **more):
    form = {"action": action, "_selected_action": [str(row.pk) for row in picked], "confirmed": "yes"}
    return client.post(list_url(model), form | more, follow=True)


def test_sync_asks_first(staff):
    customer = rows.customer()
    page = ask(staff, Customer, "sync_from_stigg", [customer])
    assert page.status_code == 200
    assert f'value="{customer.pk}"' in page.content.decode()
    customer.refresh_from_db()
    assert customer.refresh_due_at is None
    assert not LogEntry.objects.exists()


def test_sync(staff, admin_user):
    customer, other = rows.customer(), rows.customer("bob")
    new = rows.customer("carol", provisioned_at=None, stripe_id=None)
    answer = confirm(staff, Customer, "sync_from_stigg", [customer, new])
    assert "1 of 2 under way" in answer.content.decode()
    for row in (customer, other, new):
        row.refresh_from_db()
    assert customer.refresh_due_at is not None
    assert other.refresh_due_at is None
    assert new.refresh_due_at is None
    entries = LogEntry.objects.filter(user=admin_user, object_id=str(customer.pk))
    assert [entry.get_change_message() for entry in entries] == ["Sync from Stigg asked for."]


def test_replay(staff, admin_user):
    dead, busy, left = rows.event(state="dead", attempts=10), rows.event(state="processing"), rows.event(state="dead")
    ask(staff, WebhookEvent, "replay", [dead, busy])
    dead.refresh_from_db()
    assert dead.state == "dead"
    answer = confirm(staff, WebhookEvent, "replay", [dead, busy])
    assert "1 of 2 under way" in answer.content.decode()
    for row in (dead, busy, left):
        row.refresh_from_db()
    assert (dead.state, dead.attempts) == ("received", 0)
    assert busy.state == "processing"
    assert left.state == "dead"
    assert LogEntry.objects.filter(user=admin_user, object_id=str(dead.pk)).count() == 1


def test_too_many_at_once_are_refused(staff, monkeypatch):
    monkeypatch.setattr("billing.admin.actions.MOST_AT_ONCE", 1)
    events = [rows.event(state="dead"), rows.event(state="dead")]
    answer = confirm(staff, WebhookEvent, "replay", events)
    assert "at most 1 at a time" in answer.content.decode()
    assert not WebhookEvent.objects.exclude(state="dead").exists()
    assert not LogEntry.objects.exists()


@pytest.mark.parametrize(("model", "action"), [(Customer, "sync_from_stigg"), (WebhookEvent, "replay")])
def test_who_may_only_look_cannot_act(viewer, model, action):
    row = rows.customer() if model is Customer else rows.event(state="dead")
    assert action not in viewer.get(list_url(model)).content.decode()
    confirm(viewer, model, action, [row])
    before = model.objects.filter(pk=row.pk).values().get()
    assert before.get("refresh_due_at") is None
    assert before.get("state") in (None, "dead")
    assert not LogEntry.objects.exists()
