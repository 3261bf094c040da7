"""PaymentMethod: a card or other method saved at Stripe: brand, last four digits, expiry; never a number."""

from __future__ import annotations

from datetime import datetime

from django.db import models

from billing.models.customer import Customer

EXPIRING_WITHIN_MONTHS = 1


class PaymentMethod(models.Model):
    """One saved payment method. Detached ones keep their row, with the time."""

    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="payment_methods")
    stripe_id = models.CharField(max_length=64, unique=True)
    type = models.CharField(max_length=32, default="card")
    brand = models.CharField(max_length=32, blank=True)
    last4 = models.CharField(max_length=4, blank=True)
    wallet = models.CharField(max_length=32, blank=True, help_text="e.g. apple_pay, where the card came from one")
    exp_month = models.PositiveSmallIntegerField(null=True, blank=True)
    exp_year = models.PositiveSmallIntegerField(null=True, blank=True)
    is_default = models.BooleanField(default=False)
    detached_at = models.DateTimeField(null=True, blank=True)
    mirrored_at = models.DateTimeField()
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ("-is_default", "-created_at")

    def __str__(self) -> str:
        return f"{(self.brand or self.type).capitalize()} •••• {self.last4}"

    def months_left(self, now: datetime) -> int | None:
        """Whole months until the card expires (0 in its last month, negative afterwards); None without an expiry."""
        if self.exp_month is None or self.exp_year is None:
            return None
        return (self.exp_year - now.year) * 12 + self.exp_month - now.month

    def is_expired(self, now: datetime) -> bool:
        """Whether its last month is over."""
        left = self.months_left(now)
        return left is not None and left < 0

    def is_expiring(self, now: datetime) -> bool:
        """Whether it expires this month or next, or already has."""
        left = self.months_left(now)
        return left is not None and left <= EXPIRING_WITHIN_MONTHS
