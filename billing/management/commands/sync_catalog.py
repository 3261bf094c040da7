"""`manage.py sync_catalog`: reads the price list from Stigg now, instead of when the stored one is old."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from billing.errors import BillingError
from billing.models import CatalogSnapshot
from billing.services import catalog


class Command(BaseCommand):
    """Of every product: the default price list, and that of every country with prices of its own."""

    help = "Renew the stored price list from Stigg."

    def handle(self, **_options: Any) -> None:
        products = catalog.product_ids()
        for product_id in products:
            self._renew(product_id, "")
        stored = CatalogSnapshot.objects.filter(product_id__in=products).exclude(country_code="")
        for product_id, country_code in sorted({*stored.values_list("product_id", "country_code"), *catalog.missing()}):
            self._renew(product_id, country_code)

    def _renew(self, product_id: str, country_code: str) -> None:
        try:
            row = catalog.renew(country_code=country_code, product_id=product_id)
        except BillingError as error:
            raise CommandError(f"{error}\nRun `python manage.py billing_doctor` to see what is wrong.") from error
        plans = [str(plan.get("refId")) for plan in row.payload.get("plans", ())]
        name = " ".join(filter(None, [product_id, country_code or "default"]))
        self.stdout.write(f"{name}: {', '.join(plans) or 'no plans'} (version {row.version})")
