"""hooks_sweep, hooks_replay, hooks_prune."""

from __future__ import annotations

from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from billing.models import WebhookEvent
from tests.integration.commands import rows

pytestmark = pytest.mark.django_db


def run(command: str, *arguments: str) -> str:
    out = StringIO()
    call_command(command, *arguments, stdout=out)
    return out.getvalue().strip()


def states() -> set[str]:
    return set(WebhookEvent.objects.values_list("state", flat=True))


def test_sweep():
    now = timezone.now()
    rows.event()
    rows.event(state="failed", attempts=1)
    rows.event(state="processing", leased_until=now - timedelta(seconds=1))
    later = rows.event(state="failed", due_at=now + timedelta(hours=1))
    assert run("hooks_sweep") == "worked 3, 1 wait for their next try"
    assert set(WebhookEvent.objects.exclude(pk=later.pk).values_list("state", flat=True)) == {"ignored"}


def test_replay_by_state_type_and_source():
    dead = rows.event(state="dead", attempts=10, event_type="invoice.paid")
    rows.event(state="dead", event_type="invoice.voided")
    rows.event(state="dead", event_type="invoice.paid", source="stigg")
    chosen = ("--state", "dead", "--type", "invoice.paid", "--source", "stripe")
    assert run("hooks_replay", *chosen, "--dry-run") == "would replay 1"
    assert states() == {"dead"}
    assert run("hooks_replay", *chosen) == "replaying 1"
    assert list(WebhookEvent.objects.filter(state="received")) == [dead]


def test_replay_by_id():
    done, busy = rows.event(state="done"), rows.event(state="processing")
    assert run("hooks_replay", done.external_id, busy.external_id) == "replaying 1"
    assert states() == {"received", "processing"}
    with pytest.raises(CommandError, match="Not found: evt_nobody"):
        run("hooks_replay", "evt_nobody")


def test_replay_of_everything_is_not_done_by_accident():
    rows.event(state="done")
    with pytest.raises(CommandError, match="Say which"):
        run("hooks_replay")
    assert states() == {"done"}


def test_prune(settings):
    settings.TOLLGATE_HOOKS_KEEP_DAYS = 30
    old = timezone.now() - timedelta(days=31)
    for state in ("done", "ignored", "dead"):
        rows.event(state=state, finished_at=old)
    rows.event(state="done", finished_at=timezone.now())
    assert run("hooks_prune") == "deleted 2 events older than 30 days"
    assert sorted(WebhookEvent.objects.values_list("state", flat=True)) == ["dead", "done"]
