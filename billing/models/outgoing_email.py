"""OutgoingEmail: one message to a customer, or to staff, due until it is sent. The row is the record of both."""

from __future__ import annotations

from datetime import datetime
from typing import Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from billing.models.checkout import CheckoutSession
from billing.models.contact_request import ContactRequest
from billing.models.customer import Customer
from billing.models.leases import Leased
from billing.models.subscription import Subscription


class OutgoingEmailQuerySet(models.QuerySet["OutgoingEmail"]):
    """Questions about many messages."""

    def due(self, now: datetime) -> Self:
        """Those that should be on their way by `now`."""
        return self.filter(due_at__lte=now)


class OutgoingEmail(Leased):
    """One message. `reference` names its cause, so that however often a cause is reported there is one message."""

    class Kind(models.TextChoices):
        RECEIPT = "receipt", _("receipt")
        PAYMENT_FAILED = "payment_failed", _("payment failed")
        AWAITS_CONSENT = "awaits_consent", _("price to be confirmed")
        PLAN_CHANGED = "plan_changed", _("plan changed")
        PLAN_ENDED = "plan_ended", _("plan ended")
        CONTACT = "contact", _("contact request, to staff")

    class State(models.TextChoices):
        DUE = "due", _("to be sent")
        SENT = "sent", _("sent")
        DROPPED = "dropped", _("no longer true, not sent")
        FAILED = "failed", _("given up")

    customer = models.ForeignKey(
        Customer, on_delete=models.CASCADE, related_name="emails", null=True, blank=True, help_text="none: to staff"
    )
    kind = models.CharField(max_length=16, choices=Kind.choices)
    state = models.CharField(max_length=8, choices=State.choices, default=State.DUE)
    reference = models.CharField(max_length=255, unique=True, help_text="what it is about; one message for each")
    checkout = models.ForeignKey(CheckoutSession, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    subscription = models.ForeignKey(Subscription, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    contact_request = models.ForeignKey(
        ContactRequest, on_delete=models.CASCADE, null=True, blank=True, related_name="+"
    )
    recipient = models.EmailField(blank=True, help_text="where it went")
    subject = models.CharField(max_length=255, blank=True)
    due_at = models.DateTimeField(null=True, blank=True)
    attempts = models.PositiveIntegerField(default=0)
    last_error = models.TextField(blank=True)
    sent_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = OutgoingEmailQuerySet.as_manager()

    class Meta:
        ordering = ("-created_at",)
        indexes = (
            models.Index(fields=["due_at"], condition=Q(due_at__isnull=False), name="email_due"),
            models.Index(fields=["customer", "-created_at"], name="email_customer"),
        )

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.state}"
