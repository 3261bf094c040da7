"""CatalogSnapshot: the price list as Stigg published it, stored so that it survives restarts and outages."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import models


class CatalogSnapshot(models.Model):
    """The newest `paywall` answer for one country ("" is the default); parsed by the gateway, never into tables."""

    product_id = models.CharField(max_length=255, blank=True)
    country_code = models.CharField(max_length=2, blank=True)
    payload = models.JSONField()
    fetched_at = models.DateTimeField()
    checked_at = models.DateTimeField(help_text="when somebody last set out to renew it")
    version = models.CharField(max_length=64, help_text="hash of the payload")
    default_version = models.CharField(
        max_length=64, blank=True, help_text="of a country's list: the version of the default list when it was read"
    )

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["product_id", "country_code"], name="one_snapshot_per_product_and_country"),
        )

    def __str__(self) -> str:
        return f"{self.product_id or 'catalog'} {self.country_code or 'default'} {self.fetched_at:%Y-%m-%d %H:%M}"

    def is_stale(self, now: datetime, *, max_age_seconds: int) -> bool:
        """Whether it is time to renew it."""
        return self.checked_at + timedelta(seconds=max_age_seconds) <= now
