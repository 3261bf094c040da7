"""WebhookEvent: one message that reached /hooks/ and proved who sent it; the record of what became of it."""

from __future__ import annotations

from datetime import datetime
from typing import Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class WebhookEventQuerySet(models.QuerySet["WebhookEvent"]):
    """Questions about many events."""

    def due(self, now: datetime) -> Self:
        """What a worker may take: what waits, and what killed workers left behind."""
        return self.waiting(now) | self.orphaned(now)

    def waiting(self, now: datetime) -> Self:
        """To be worked, for the first time or once more."""
        return self.filter(state__in=WebhookEvent.WAITING, due_at__lte=now)

    def orphaned(self, now: datetime) -> Self:
        """Taken by a worker whose lease has run out."""
        return self.filter(state=WebhookEvent.State.PROCESSING, leased_until__lte=now)

    def unfinished(self) -> Self:
        """Not yet at an end."""
        return self.filter(state__in=(*WebhookEvent.WAITING, WebhookEvent.State.PROCESSING))


class WebhookEvent(models.Model):
    """An inbox row. The payload is a hint of what to re-read, never the truth."""

    class Source(models.TextChoices):
        STIGG = "stigg", "Stigg"
        STRIPE = "stripe", "Stripe"

    class State(models.TextChoices):
        RECEIVED = "received", _("received")
        PROCESSING = "processing", _("processing")
        DONE = "done", _("done")
        IGNORED = "ignored", _("ignored")
        FAILED = "failed", _("failed, will be retried")
        DEAD = "dead", _("dead")

    WAITING = (State.RECEIVED, State.FAILED)

    source = models.CharField(max_length=8, choices=Source.choices)
    external_id = models.CharField(max_length=255)
    event_type = models.CharField(max_length=100, db_index=True)
    customer_ref = models.CharField(max_length=255, blank=True, help_text="whom it is about, in the sender's words")
    payload = models.JSONField()
    state = models.CharField(max_length=10, choices=State.choices, default=State.RECEIVED)
    attempts = models.PositiveIntegerField(default=0)
    outcome = models.CharField(max_length=255, blank=True, help_text="what was done, or why nothing")
    last_error = models.TextField(blank=True)
    occurred_at = models.DateTimeField(null=True, blank=True, help_text="the sender's word")
    received_at = models.DateTimeField()
    due_at = models.DateTimeField()
    lease_token = models.PositiveBigIntegerField(default=0, editable=False)
    leased_until = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    objects = WebhookEventQuerySet.as_manager()

    class Meta:
        ordering = ("-pk",)
        constraints = (models.UniqueConstraint(fields=["source", "external_id"], name="one_row_per_event"),)
        indexes = (
            models.Index(fields=["due_at"], condition=Q(state__in=("received", "failed")), name="event_waiting"),
            models.Index(
                fields=["customer_ref", "due_at"],
                condition=Q(state__in=("received", "failed")),
                name="event_waiting_of_customer",
            ),
            models.Index(fields=["leased_until"], condition=Q(state="processing"), name="event_processing"),
            models.Index(fields=["customer_ref", "-id"], name="event_customer"),
            models.Index(fields=["finished_at"], name="event_finished"),
            models.Index(fields=["-id"], condition=Q(state="dead"), name="event_dead"),
        )

    def __str__(self) -> str:
        return f"{self.source} {self.event_type} {self.external_id}"
