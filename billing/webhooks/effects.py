"""What an event means to us: work to do, or a reason to do nothing. One table per source, shown in docs/webhooks.md."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass

from billing.models import WebhookEvent

Handler = Callable[[WebhookEvent], str]
Subject = Callable[[WebhookEvent], Hashable]


@dataclass(frozen=True, slots=True)
class Effect:
    """`handler` answers what it did, for the record; without one the event is finished as ignored, for `summary`.

    `subject` says what the handler reads again. Events with the same handler and subject ask for the same work,
    which is then done once for all that are in hand; without it each event is work of its own.
    """

    summary: str
    handler: Handler | None = None
    subject: Subject | None = None

    @property
    def kind(self) -> str:
        """One word for the table."""
        return "mirror" if self.handler else "ignore"

    def work_of(self, event: WebhookEvent) -> Hashable:
        """Equal for two events when working one of them works the other."""
        if self.handler is None:
            return self.summary
        try:
            return (self.handler, self.subject(event)) if self.subject else event.pk
        except (AttributeError, KeyError, TypeError):
            return event.pk  # a shape that the handler will stumble over: alone


def works(handler: Handler, *, subject: Subject | None = None) -> Effect:
    """Work; the first line of the handler's docstring says what."""
    return Effect((handler.__doc__ or "").strip().splitlines()[0], handler, subject)


def ignored(reason: str) -> Effect:
    """Nothing to do, known and meant."""
    return Effect(summary=reason)
