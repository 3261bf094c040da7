"""Which price list is stored, asked so cheaply that every visitor of the paywall may ask.

A process looks at the row, without its payload, at most once a second; whoever stores another price
list in the same process is noticed at once.
"""

from __future__ import annotations

import time
from typing import Any

from django.db.models.signals import post_save
from django.dispatch import receiver
from django.utils import timezone

from billing import conf, wake
from billing.models import CatalogSnapshot

KEPT_SECONDS = 1.0
MAX_KEPT = 512
_kept: dict[tuple[str, str], tuple[float, str]] = {}


def current(*, product_id: str = "", country_code: str = "") -> str:
    """The version of the stored price list, not older than a second; "" when none is stored."""
    key = (product_id, country_code)
    until, version = _kept.get(key, (0.0, ""))
    if time.monotonic() < until:
        return version
    version = stored(product_id=product_id, country_code=country_code)
    if len(_kept) >= MAX_KEPT:
        _kept.clear()
    if version:
        _kept[key] = (time.monotonic() + KEPT_SECONDS, version)
    return version


def stored(*, product_id: str = "", country_code: str = "") -> str:
    """The version in the database this moment, of the default list and the country's own.

    Has the price list renewed behind the visitor's back when that is due.
    """
    rows = list(
        CatalogSnapshot.objects.filter(product_id=product_id, country_code__in={"", country_code})
        .order_by("country_code")
        .only("country_code", "version", "checked_at")
    )
    if not rows or rows[0].country_code:
        return ""
    now, max_age = timezone.now(), conf.current().catalog_max_age_seconds
    if any(row.is_stale(now, max_age_seconds=max_age) for row in rows):
        wake.up("catalog")
    return "+".join(row.version for row in rows)


@receiver(post_save, sender=CatalogSnapshot)
def forget(**_kwargs: Any) -> None:
    """Look again at the next visit."""
    _kept.clear()
