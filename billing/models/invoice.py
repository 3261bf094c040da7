"""Invoice: what Stripe billed, as told."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from billing.models.customer import Customer
from billing.models.subscription import Subscription
from billing.money import Money


class Invoice(models.Model):
    """One invoice at Stripe, in Stripe's words; amounts in minor units."""

    class Status(models.TextChoices):
        DRAFT = "draft", _("draft")
        OPEN = "open", _("open")
        PAID = "paid", _("paid")
        VOID = "void", _("void")
        UNCOLLECTIBLE = "uncollectible", _("uncollectible")

    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="invoices")
    subscription = models.ForeignKey(
        Subscription, on_delete=models.SET_NULL, null=True, blank=True, related_name="invoices"
    )
    stripe_id = models.CharField(max_length=64, unique=True)
    number = models.CharField(max_length=64, blank=True)
    status = models.CharField(max_length=16, choices=Status.choices)
    currency = models.CharField(max_length=3)
    total_minor = models.BigIntegerField()
    amount_due_minor = models.BigIntegerField()
    amount_remaining_minor = models.BigIntegerField()
    tax_on_top_minor = models.BigIntegerField(
        null=True, blank=True, help_text="added to the prices; empty: not read yet"
    )
    discount_minor = models.BigIntegerField(null=True, blank=True, help_text="empty: not read yet")
    billing_reason = models.CharField(max_length=40, blank=True)
    attempt_count = models.PositiveIntegerField(default=0)
    hosted_invoice_url = models.URLField(max_length=1000, blank=True)
    invoice_pdf = models.URLField(max_length=1000, blank=True)
    issued_at = models.DateTimeField(null=True, blank=True)
    mirrored_at = models.DateTimeField()

    class Meta:
        ordering = ("-issued_at", "-pk")
        indexes = (models.Index(fields=["status"], name="invoice_status"),)

    def __str__(self) -> str:
        return self.number or self.stripe_id

    @property
    def total(self) -> Money:
        """The whole amount."""
        return Money(self.total_minor, self.currency)

    @property
    def amount_remaining(self) -> Money:
        """What is still to be paid."""
        return Money(self.amount_remaining_minor, self.currency)
