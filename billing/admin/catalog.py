"""Stored price lists, as Stigg published them."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from billing.admin import links, words
from billing.admin.base import ReadOnlyAdmin
from billing.models import CatalogSnapshot


@admin.register(CatalogSnapshot)
class CatalogSnapshotAdmin(ReadOnlyAdmin):
    """A handful of rows: one per country that was asked for."""

    list_display = ("__str__", "product_id", "country_code", "fetched", "checked", "version")
    ordering = ("product_id", "country_code")
    sortable_by = ()
    customer_field = ""
    fields = ("product_id", "country_code", "version", "fetched", "checked", "plans", "price_list")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Without the payload: the list does not show it, and the page fetches it when it does."""
        return super().get_queryset(request).defer("payload")

    @admin.display(description=_("fetched"))
    def fetched(self, snapshot: CatalogSnapshot) -> str:
        return words.moment(snapshot.fetched_at)

    @admin.display(description=_("last tried"))
    def checked(self, snapshot: CatalogSnapshot) -> str:
        return words.moment(snapshot.checked_at)

    @admin.display(description=_("plans"))
    def plans(self, snapshot: CatalogSnapshot) -> str:
        named = (str(plan.get("displayName") or plan.get("refId")) for plan in snapshot.payload.get("plans", ()))
        return ", ".join(named) or links.NOTHING

    @admin.display(description=_("as it came"))
    def price_list(self, snapshot: CatalogSnapshot) -> SafeString:
        return words.pretty_json(snapshot.payload, is_open=False)
