"""Subscription: the dated copy of what Stigg says; SubscriptionChange: what became of it and why. Never deleted."""

from __future__ import annotations

from datetime import datetime
from typing import Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from billing.models.customer import Customer
from billing.money import Money


class SubscriptionQuerySet(models.QuerySet["Subscription"]):
    """Questions about many subscriptions; each has its namesake on the row."""

    def granting_access(self) -> Self:
        """Those that give the customer what they bought."""
        return self.filter(status__in=Subscription.GRANTING)

    def waiting_for_payment(self, now: datetime) -> Self:
        """Those whose first invoice can still be paid."""
        return self.filter(status=Subscription.Status.PAYMENT_PENDING).filter(
            Q(payment_deadline_at=None) | Q(payment_deadline_at__gt=now)
        )

    def with_payment_trouble(self) -> Self:
        """Those that a customer should act on: the payment failed or the bank wants to be asked."""
        return self.filter(
            status__in=(*Subscription.GRANTING, Subscription.Status.PAYMENT_PENDING),
            payment_collection__in=Subscription.TROUBLED,
        )

    def unfinished(self) -> Self:
        """Those that may still change."""
        return self.exclude(status__in=Subscription.FINISHED)


class Subscription(models.Model):
    """One subscription at Stigg, in Stigg's words."""

    class Status(models.TextChoices):
        ACTIVE = "ACTIVE", _("active")
        IN_TRIAL = "IN_TRIAL", _("in trial")
        PAYMENT_PENDING = "PAYMENT_PENDING", _("payment pending")
        NOT_STARTED = "NOT_STARTED", _("not started")
        CANCELED = "CANCELED", _("canceled")
        EXPIRED = "EXPIRED", _("expired")

    class PaymentCollection(models.TextChoices):
        NOT_REQUIRED = "NOT_REQUIRED", _("paid or nothing due")
        ACTION_REQUIRED = "ACTION_REQUIRED", _("bank confirmation needed")
        FAILED = "FAILED", _("failed")
        PROCESSING = "PROCESSING", _("processing")

    GRANTING = (Status.ACTIVE, Status.IN_TRIAL)
    FINISHED = (Status.CANCELED, Status.EXPIRED)
    TROUBLED = (PaymentCollection.FAILED, PaymentCollection.ACTION_REQUIRED)

    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="subscriptions")
    stigg_id = models.CharField(max_length=255, unique=True)
    stripe_id = models.CharField(max_length=64, null=True, blank=True, unique=True)
    status = models.CharField(max_length=16, choices=Status.choices)
    payment_collection = models.CharField(
        max_length=16, choices=PaymentCollection.choices, default=PaymentCollection.NOT_REQUIRED
    )
    product_id = models.CharField(max_length=255, blank=True)
    plan_id = models.CharField(max_length=255, db_index=True)
    plan_name = models.CharField(max_length=255)
    pricing_type = models.CharField(max_length=8, blank=True)
    billing_period = models.CharField(max_length=16, blank=True)
    resource_id = models.CharField(max_length=255, blank=True, help_text="the workspace or such that it is for")
    quantity = models.PositiveIntegerField(null=True, blank=True)
    quantities = models.JSONField(default=dict, blank=True, help_text="feature id → units")
    addons = models.JSONField(default=list, blank=True)
    total_minor = models.BigIntegerField(null=True, blank=True, help_text="per billing period, in minor units")
    currency = models.CharField(max_length=3, blank=True)

    started_at = models.DateTimeField(null=True, blank=True)
    current_period_started_at = models.DateTimeField(null=True, blank=True)
    current_period_ends_at = models.DateTimeField(null=True, blank=True)
    trial_ends_at = models.DateTimeField(null=True, blank=True)
    trial_end_behavior = models.CharField(max_length=24, blank=True)
    cancellation_at = models.DateTimeField(null=True, blank=True)
    ends_at = models.DateTimeField(null=True, blank=True)
    cancel_reason = models.CharField(max_length=40, blank=True)
    scheduled_updates = models.JSONField(default=list, blank=True)
    pending_updates = models.JSONField(default=list, blank=True, help_text="changes that wait for their payment")

    latest_invoice_id = models.CharField(max_length=64, blank=True)
    latest_invoice_error = models.CharField(max_length=500, blank=True)
    payment_deadline_at = models.DateTimeField(null=True, blank=True)

    mirrored_at = models.DateTimeField(help_text="when the read that this row shows was begun")
    created_at = models.DateTimeField(auto_now_add=True)

    objects = SubscriptionQuerySet.as_manager()

    class Meta:
        ordering = ("-created_at", "-pk")
        indexes = (
            models.Index(fields=["status", "payment_collection"], name="subscription_state"),
            models.Index(fields=["payment_deadline_at"], name="subscription_deadline"),
        )

    def __str__(self) -> str:
        return f"{self.plan_name} ({self.stigg_id})"

    @property
    def grants_access(self) -> bool:
        """Whether the customer has what they bought. Source: Stigg's subscription statuses page."""
        return self.status in self.GRANTING

    def is_waiting_for_payment(self, now: datetime) -> bool:
        """Whether its first invoice can still be paid."""
        pending = self.status == self.Status.PAYMENT_PENDING
        return pending and (self.payment_deadline_at is None or self.payment_deadline_at > now)

    @property
    def has_payment_trouble(self) -> bool:
        """Whether the customer should act: the payment failed or the bank wants to be asked."""
        alive = self.status in (*self.GRANTING, self.Status.PAYMENT_PENDING)
        return alive and self.payment_collection in self.TROUBLED

    @property
    def is_finished(self) -> bool:
        """Whether it is over for good."""
        return self.status in self.FINISHED

    @property
    def addon_quantities(self) -> dict[str, int]:
        """Add-on id → quantity."""
        return {row["addon_id"]: row["quantity"] for row in self.addons}

    @property
    def converts_after_trial(self) -> bool:
        """Whether a trial goes on as a paid subscription."""
        return self.status == self.Status.IN_TRIAL and self.trial_end_behavior == "CONVERT_TO_PAID"

    @property
    def total(self) -> Money | None:
        """What each billing period costs."""
        return None if self.total_minor is None else Money(self.total_minor, self.currency)


class SubscriptionChange(models.Model):
    """One transition of a subscription, with what brought it about."""

    subscription = models.ForeignKey(Subscription, on_delete=models.PROTECT, related_name="changes")
    field = models.CharField(max_length=32)
    old_value = models.CharField(max_length=255, blank=True)
    new_value = models.CharField(max_length=255, blank=True)
    cause = models.CharField(max_length=255, help_text="what made us look: a webhook, a checkout, a member of staff")
    happened_at = models.DateTimeField()

    class Meta:
        ordering = ("-happened_at", "-pk")

    def __str__(self) -> str:
        return f"{self.field}: {self.old_value or '–'} → {self.new_value or '–'}"
