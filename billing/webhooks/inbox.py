"""The inbox: store once, claim with a lease, finish, fail, prune. The row is the record of what became of a message."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

import structlog
from django.db import InterfaceError, OperationalError, connection, transaction
from django.db.models import F
from django.utils import timezone

from billing import conf, wake
from billing.errors import GatewayUnavailable
from billing.models import WebhookEvent
from billing.models.webhook_event import WebhookEventQuerySet
from billing.services.backoff import delay

log = structlog.get_logger(__name__)

State = WebhookEvent.State
NOT_YET_PAUSE, NOT_YET_PAUSE_CAP = timedelta(seconds=2), timedelta(minutes=5)
NOT_YET_FOR = timedelta(days=1)
MOST_AT_ONCE = 200

_INSERT = """
INSERT INTO billing_webhookevent (
    source, external_id, event_type, customer_ref, payload, occurred_at,
    received_at, due_at, state, attempts, outcome, last_error, lease_token
) VALUES (%s, %s, %s, %s, %s, %s, {now}, {now}, 'received', 0, '', '', 0)
ON CONFLICT (source, external_id) DO NOTHING
"""
INSERT = {
    "postgresql": _INSERT.format(now="STATEMENT_TIMESTAMP()"),
    "sqlite": _INSERT.format(now="STRFTIME('%%Y-%%m-%%d %%H:%%M:%%f', 'NOW')"),
}
"""Written out, for here every millisecond counts: the sender waits, and the ORM would ask five times."""


def store(
    *,
    source: str,
    external_id: str,
    event_type: str,
    payload: dict[str, Any],
    customer_ref: str = "",
    occurred_at: datetime | None = None,
) -> bool:
    """Keep a verified message; False when we have it already. Durable when this returns.

    Dated by the database, as our reads of the truth are: `refresh(as_of=…)` compares the two. One statement,
    which is its own transaction: copies that arrive at the same moment do not wait for each other's round trips.
    """
    moment = connection.ops.adapt_datetimefield_value(occurred_at)
    values = (source, external_id, event_type[:100], customer_ref[:255], json.dumps(payload), moment)
    created = _insert(values)
    if created:
        wake.up("events")
    return created


def _insert(values: tuple[str | datetime | None, ...]) -> bool:
    """On a kept connection without asking first whether it still lives: the statement itself finds out."""
    connection.health_check_done = True  # type: ignore[attr-defined]  # the stubs leave it out
    try:
        return _execute(values)
    except (OperationalError, InterfaceError):
        if connection.in_atomic_block or connection.vendor == "sqlite":
            raise
        connection.close()
        return _execute(values)


def _execute(values: tuple[str | datetime | None, ...]) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(INSERT[connection.vendor], values)
        return bool(cursor.rowcount == 1)


def claim(*, batch: int, now: datetime | None = None) -> list[WebhookEvent]:
    """Take the `batch` longest due events for this worker, and what else waits of the same customers, to be worked
    along with them. Each is leased: a killed worker costs a delay, not an event.
    """
    moment = now or timezone.now()
    lease = moment + timedelta(seconds=conf.current().hooks_lease_seconds)
    waiting = WebhookEvent.objects.all().waiting(moment)
    with transaction.atomic():
        rows = _lock(WebhookEvent.objects.all().orphaned(moment).order_by("leased_until"), batch)
        rows += _lock(waiting.order_by("due_at", "pk"), batch - len(rows))
        customers = {ref for _pk, ref in rows if ref}
        if customers:
            others = waiting.filter(customer_ref__in=customers).exclude(pk__in=[pk for pk, _ref in rows])
            rows += _lock(others.order_by("customer_ref", "due_at"), MOST_AT_ONCE - len(rows))
        mine = WebhookEvent.objects.filter(pk__in=[pk for pk, _ref in rows])
        mine.update(
            state=State.PROCESSING,
            lease_token=F("lease_token") + 1,
            leased_until=lease,
            attempts=F("attempts") + 1,
        )
        return list(mine.order_by("pk"))


def _lock(rows: WebhookEventQuerySet, most: int) -> list[tuple[int, str]]:
    """Key and customer. Each kind by its own index: one query for all would sort the whole backlog at every claim."""
    if most <= 0:
        return []
    return list(rows.select_for_update(skip_locked=True).values_list("pk", "customer_ref")[:most])


def extend(events: Sequence[WebhookEvent]) -> list[WebhookEvent]:
    """Renew the leases before work on the events starts, once half is gone; those that were not taken over."""
    now, whole = timezone.now(), timedelta(seconds=conf.current().hooks_lease_seconds)
    return [
        event
        for event in events
        if (event.leased_until is not None and event.leased_until - now > whole / 2)
        or _write([event], leased_until=now + whole)
    ]


def finish(events: Sequence[WebhookEvent], *, outcome: str, state: str = State.DONE) -> None:
    """The events have had their effect, or are ignored for a reason."""
    _write(
        events,
        state=state,
        outcome=outcome[:255],
        leased_until=None,
        last_error="",
        finished_at=timezone.now(),
    )


def fail(event: WebhookEvent, error: Exception) -> None:
    """Try again later, with growing pauses; after the last try the event is dead: visible and replayable.

    An outage of Stigg or Stripe is not the event's fault: then there is no last try.
    """
    text = f"{type(error).__name__}: {error}"
    if event.attempts >= conf.current().hooks_max_attempts and not isinstance(error, GatewayUnavailable):
        _bury(event, text)
        return
    log.warning("webhook.failed", source=event.source, event_id=event.external_id, error=text)
    _write(
        [event],
        state=State.FAILED,
        last_error=text,
        leased_until=None,
        due_at=timezone.now() + delay(event.attempts),
    )


def postpone(event: WebhookEvent, reason: str) -> None:
    """What the event refers to has not arrived, or is being worked on: look again soon. No try is counted."""
    now = timezone.now()
    waited = now - event.received_at
    if waited > NOT_YET_FOR:
        _bury(event, reason)
        return
    pause = min(max(waited / 4, NOT_YET_PAUSE), NOT_YET_PAUSE_CAP)
    _write(
        [event],
        state=State.FAILED,
        attempts=event.attempts - 1,
        last_error=reason,
        leased_until=None,
        due_at=now + pause,
    )


def _bury(event: WebhookEvent, reason: str) -> None:
    log.error("webhook.dead", source=event.source, event_id=event.external_id, error=reason)
    _write([event], state=State.DEAD, last_error=reason, leased_until=None, finished_at=timezone.now())


def replay(events: Any) -> int:
    """Have finished or dead events worked once more; how many."""
    now = timezone.now()
    with transaction.atomic():
        count: int = events.exclude(state=State.PROCESSING).update(
            state=State.RECEIVED, attempts=0, due_at=now, finished_at=None, outcome="", last_error=""
        )
        wake.up("events")
    return count


def prune(*, now: datetime) -> int:
    """Delete events that came to their end long ago; dead ones stay until somebody has looked at them."""
    limit = now - timedelta(days=conf.current().hooks_keep_days)
    count, _by_model = WebhookEvent.objects.filter(
        state__in=(State.DONE, State.IGNORED), finished_at__lt=limit
    ).delete()
    return count


def _write(events: Iterable[WebhookEvent], **values: Any) -> int:
    """Only the holder of a lease writes; how many were written. One statement for all that have the same token."""
    by_token: defaultdict[int, list[int]] = defaultdict(list)
    for event in events:
        by_token[event.lease_token].append(event.pk)
        for name, value in values.items():
            setattr(event, name, value)
    return sum(
        WebhookEvent.objects.filter(pk__in=pks, lease_token=token).update(**values) for token, pks in by_token.items()
    )
