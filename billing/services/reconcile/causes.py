"""Why a row differs, as far as the inbox knows: its event is dead, waits, was worked, or never came."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Max

from billing.mirror.compare import Change, Kind
from billing.models import ReconcileDrift, WebhookEvent

Cause = ReconcileDrift.Cause
State = WebhookEvent.State

FAMILIES: dict[str, tuple[str, ...]] = {
    Kind.CUSTOMER: ("customer.created", "customer.updated", "customer.deleted", "payment_method.", "entitlements."),
    Kind.SUBSCRIPTION: ("subscription.", "customer.subscription.", "customer.payment_failed", "invoice."),
    Kind.ENTITLEMENT: ("entitlements.", "entitlement.", "subscription.", "usage."),
    Kind.PAYMENT_METHOD: ("payment_method.", "customer.updated", "setup_intent.succeeded"),
    Kind.INVOICE: ("invoice.", "customer.payment_failed"),
}
"""Beginnings of the event types that tell of a kind, in both senders' words."""


@dataclass(frozen=True, slots=True)
class Explanation:
    """The cause, a sentence for people, and the event where there is one."""

    cause: str
    detail: str = ""
    event_id: int | None = None


class Causes:
    """What the inbox holds about some customers; two queries, however many changes ask."""

    def __init__(self, refs: dict[UUID, tuple[str, ...]]) -> None:
        """`refs`: customer → the names by which Stigg's and Stripe's events call them."""
        self._refs = refs
        names = [name for pair in refs.values() for name in pair]
        events = WebhookEvent.objects.filter(customer_ref__in=names)
        self._open: defaultdict[str, list[WebhookEvent]] = defaultdict(list)
        for event in events.exclude(state__in=(State.DONE, State.IGNORED)).order_by("-pk"):
            self._open[event.customer_ref].append(event)
        self._worked: defaultdict[str, list[tuple[str, datetime]]] = defaultdict(list)
        worked = events.filter(state=State.DONE).order_by().values_list("customer_ref", "event_type")
        for ref, event_type, last_at in worked.annotate(last_at=Max("received_at")):
            self._worked[ref].append((event_type, last_at))

    def explain(self, change: Change) -> Explanation:
        """The likeliest cause of one change."""
        refs = self._refs.get(change.customer_id, ())
        event = _likeliest((e for ref in refs for e in self._open[ref] if _tells_of(e.event_type, change.kind)), change)
        if event is not None:
            return _of_event(event)
        heard = [item for ref in refs for item in self._worked[ref] if _tells_of(item[0], change.kind)]
        if not heard:
            return Explanation(Cause.NO_EVENT)
        event_type, last_at = max(heard, key=lambda item: item[1])
        text = f"the last one, {event_type}, came at {last_at:%Y-%m-%d %H:%M:%S} UTC"
        is_news = change.seen_at is None or last_at > change.seen_at
        return Explanation(Cause.WORKED if is_news and change.seen_at else Cause.NO_EVENT_SINCE, text)


def _likeliest(events: Iterable[WebhookEvent], change: Change) -> WebhookEvent | None:
    """One that names the object goes before others, a dead one before one that waits, a new one before an old one."""

    def rank(event: WebhookEvent) -> tuple[bool, bool, int]:
        return change.object_id in json.dumps(event.payload), event.state == State.DEAD, event.pk

    return max(events, key=rank, default=None)


def _tells_of(event_type: str, kind: str) -> bool:
    return event_type.lower().startswith(FAMILIES[kind])


def _of_event(event: WebhookEvent) -> Explanation:
    cause = Cause.EVENT_DEAD if event.state == State.DEAD else Cause.EVENT_WAITING
    reason = f": {event.last_error}" if event.last_error else ""
    return Explanation(cause, f"{event.source} {event.event_type} {event.external_id}{reason}"[:255], event.pk)


def refs_of(customers: Sequence[tuple[UUID, str]]) -> dict[UUID, tuple[str, ...]]:
    """(our key, Stripe's id) → the names that events use."""
    return {pk: tuple(filter(None, (str(pk), stripe_id))) for pk, stripe_id in customers}
