"""ReconcileRun: one comparison of the mirror with the truth, as far as it has come; ReconcileDrift: what differed."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from billing.models.customer import Customer
from billing.models.leases import Leased
from billing.models.webhook_event import WebhookEvent


class ReconcileRun(Leased):
    """`cursor` says up to where every customer was looked at: whoever starts next goes on from there."""

    class State(models.TextChoices):
        RUNNING = "running", _("under way")
        STOPPED = "stopped", _("stopped, the next start goes on")
        FINISHED = "finished", _("finished")
        ABANDONED = "abandoned", _("given up for a new one")

    UNFINISHED = (State.RUNNING, State.STOPPED)

    state = models.CharField(max_length=10, choices=State.choices, default=State.RUNNING)
    is_dry_run = models.BooleanField(default=False)
    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, null=True, blank=True, related_name="+")
    since = models.DateTimeField(null=True, blank=True)
    cursor = models.CharField(max_length=500, blank=True)
    total = models.PositiveIntegerField(default=0, help_text="customers to look at, as counted at the start")
    customers_seen = models.PositiveIntegerField(default=0)
    customers_unread = models.PositiveIntegerField(default=0, help_text="could not be read or were worked on")
    drifts_found = models.PositiveIntegerField(default=0, help_text="fields that differed")
    rows_written = models.PositiveIntegerField(default=0)
    error = models.TextField(blank=True)
    started_at = models.DateTimeField(auto_now_add=True)
    beat_at = models.DateTimeField(help_text="last sign of life")
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("-pk",)
        indexes = (models.Index(fields=["state"], name="reconcile_run_state"),)

    def __str__(self) -> str:
        return f"reconcile run {self.pk}"

    @property
    def is_finished(self) -> bool:
        """Whether every customer was looked at."""
        return self.state == self.State.FINISHED


class ReconcileDrift(models.Model):
    """One field of one object that was not as Stigg or Stripe has it; `ours` is what we showed until then."""

    class Kind(models.TextChoices):
        CUSTOMER = "customer", _("customer")
        SUBSCRIPTION = "subscription", _("subscription")
        ENTITLEMENT = "entitlement", _("entitlement")
        PAYMENT_METHOD = "payment_method", _("payment method")
        INVOICE = "invoice", _("invoice")

    class Cause(models.TextChoices):
        EVENT_DEAD = "event_dead", _("its event is dead")
        EVENT_WAITING = "event_waiting", _("its event waits to be worked")
        NO_EVENT_SINCE = "no_event_since", _("no event came since our last read")
        NO_EVENT = "no_event", _("no event about it ever came")
        WORKED = "worked", _("an event was worked, and yet it differs")

    run = models.ForeignKey(ReconcileRun, on_delete=models.CASCADE, related_name="drifts")
    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="+")
    kind = models.CharField(max_length=16, choices=Kind.choices)
    object_id = models.CharField(max_length=255)
    field = models.CharField(max_length=40)
    ours = models.CharField(max_length=255, blank=True)
    theirs = models.CharField(max_length=255, blank=True)
    cause = models.CharField(max_length=16, choices=Cause.choices)
    cause_detail = models.CharField(max_length=255, blank=True)
    event = models.ForeignKey(WebhookEvent, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    is_mended = models.BooleanField(default=False)
    found_at = models.DateTimeField()

    class Meta:
        ordering = ("pk",)
        constraints = (
            models.UniqueConstraint(
                fields=["run", "customer", "kind", "object_id", "field"], name="one_drift_per_field"
            ),
        )

    def __str__(self) -> str:
        return f"{self.kind} {self.object_id} {self.field}: {self.ours or '–'} → {self.theirs or '–'}"
