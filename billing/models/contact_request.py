"""ContactRequest: somebody wants to talk about a plan that is not sold on the price page; kept until it is handled."""

from __future__ import annotations

from django.core.validators import MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from billing.models.customer import Customer


class ContactRequest(models.Model):
    """One message from the contact form. `customer` is whose member wrote it while signed in."""

    name = models.CharField(max_length=200)
    email = models.EmailField()
    plan_id = models.CharField(max_length=255, blank=True)
    plan_name = models.CharField(max_length=255, blank=True)
    seats = models.PositiveIntegerField(null=True, blank=True, validators=[MinValueValidator(1)])
    message = models.TextField(max_length=5000)
    customer = models.ForeignKey(
        Customer, on_delete=models.SET_NULL, null=True, blank=True, related_name="contact_requests"
    )
    language = models.CharField(max_length=16, blank=True, help_text="of the page, to answer in")
    address_digest = models.CharField(max_length=64, blank=True, help_text="keyed hash of the network address")
    created_at = models.DateTimeField(auto_now_add=True)
    handled_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("-created_at",)
        verbose_name = _("contact request")
        verbose_name_plural = _("contact requests")
        indexes = (
            models.Index(fields=["-created_at"], name="contact_newest"),
            models.Index(fields=["address_digest", "created_at"], name="contact_address"),
        )

    def __str__(self) -> str:
        return f"{self.name} {self.plan_name}".strip()
