"""From claimed events to their handlers, and from a handler's word to the events' state: the error policy."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Hashable, Sequence

import structlog

from billing.errors import Busy, NotOurs, NotYet
from billing.models import WebhookEvent
from billing.webhooks import inbox
from billing.webhooks.effects import Effect, ignored
from billing.webhooks.handlers import stigg, stripe

log = structlog.get_logger(__name__)

EFFECTS = {"stigg": stigg.EVENTS, "stripe": stripe.EVENTS}
UNKNOWN = ignored("unknown type")
BATCH = 20


def drain(*, seconds: float = 20.0) -> int:
    """Work due events until there are none or the time is up; how many. Safe to run in any number of workers."""
    worked = 0
    stop_at = time.monotonic() + seconds
    while time.monotonic() < stop_at and (events := inbox.claim(batch=BATCH)):
        worked += sum(_work_alike(alike) for alike in _by_work(events))
    return worked


def _by_work(events: Sequence[WebhookEvent]) -> list[list[WebhookEvent]]:
    """Events that ask for the same work, the newest last."""
    groups: defaultdict[Hashable, list[WebhookEvent]] = defaultdict(list)
    for event in sorted(events, key=lambda event: event.received_at):
        groups[_effect_of(event).work_of(event)].append(event)
    return list(groups.values())


def _work_alike(alike: list[WebhookEvent]) -> int:
    """Work the newest; how many were tried. What succeeds has read a truth that is younger than each of them, for all
    had arrived before: it stands for all. What fails is that one event's affair, and the next one is tried.
    """
    worked = 0
    while alike := inbox.extend(alike):
        *others, event = alike
        if process(event, standing_for=others):
            return worked + len(alike)
        worked += 1
        alike = others
    return worked


def process(event: WebhookEvent, *, standing_for: Sequence[WebhookEvent] = ()) -> bool:
    """Work one claimed event and write down what became of it; if it succeeded, also of those that it stands for."""
    effect, alike = _effect_of(event), [event, *standing_for]
    if effect.handler is None:
        inbox.finish(alike, outcome=effect.summary, state=WebhookEvent.State.IGNORED)
        return True
    with structlog.contextvars.bound_contextvars(event_id=event.external_id, event_type=event.event_type):
        try:
            outcome = effect.handler(event)
        except NotOurs as reason:
            inbox.finish([event], outcome=str(reason), state=WebhookEvent.State.IGNORED)
        except (NotYet, Busy) as reason:
            inbox.postpone(event, str(reason))
        except Exception as error:
            inbox.fail(event, error)
        else:
            inbox.finish(alike, outcome=outcome)
            return True
    return False


def _effect_of(event: WebhookEvent) -> Effect:
    return EFFECTS[event.source].get(event.event_type, UNKNOWN)
