"""Entitlement: what a customer may use of one feature, with the usage that Stigg last told us."""

from __future__ import annotations

from decimal import Decimal

from django.db import models

from billing.models.customer import Customer


class Entitlement(models.Model):
    """One feature of one customer. Limits and usage may have fractions, so they are decimals."""

    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="entitlements")
    feature_id = models.CharField(max_length=255)
    display_name = models.CharField(max_length=255)
    feature_type = models.CharField(max_length=10)
    meter_type = models.CharField(max_length=12, blank=True)
    units = models.CharField(max_length=60, blank=True)
    units_plural = models.CharField(max_length=60, blank=True)
    is_granted = models.BooleanField(default=False)
    denied_reason = models.CharField(max_length=40, blank=True)
    usage_limit = models.DecimalField(max_digits=24, decimal_places=6, null=True, blank=True)
    has_unlimited_usage = models.BooleanField(default=False)
    has_soft_limit = models.BooleanField(default=False)
    current_usage = models.DecimalField(max_digits=24, decimal_places=6, null=True, blank=True)
    enum_values = models.JSONField(default=list, blank=True)
    reset_period = models.CharField(max_length=8, blank=True)
    usage_period_ends_at = models.DateTimeField(null=True, blank=True)
    mirrored_at = models.DateTimeField()

    class Meta:
        ordering = ("display_name",)
        constraints = (models.UniqueConstraint(fields=["customer", "feature_id"], name="one_entitlement_per_feature"),)

    def __str__(self) -> str:
        return self.display_name

    @property
    def is_metered(self) -> bool:
        """Whether usage counts against a limit."""
        return self.meter_type in ("Fluctuating", "Incremental")

    @property
    def used_percent(self) -> int | None:
        """Usage as a percentage of the limit, at most 100; None when there is no limit to speak of."""
        if not self.is_metered or self.has_unlimited_usage or not self.usage_limit:
            return None
        return min(100, int((self.current_usage or Decimal(0)) * 100 / self.usage_limit))
