"""What all our admin pages share: read-only, quick on large tables, and searched by index only."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.contrib.admin.options import BaseModelAdmin
from django.contrib.admin.utils import flatten_fieldsets
from django.core.paginator import Paginator
from django.db.models import Model, Q, QuerySet
from django.http import HttpRequest
from django.utils.functional import cached_property

from billing.models import Customer

if TYPE_CHECKING:
    _BaseModelAdmin = BaseModelAdmin[Any]
    _ModelAdmin = admin.ModelAdmin[Any]
    _TabularInline = admin.TabularInline[Any, Any]
    _Paginator = Paginator[Any]
else:
    _BaseModelAdmin = BaseModelAdmin
    _ModelAdmin = admin.ModelAdmin
    _TabularInline = admin.TabularInline
    _Paginator = Paginator

MOST_ROWS_COUNTED = 10_000
MOST_CUSTOMERS_FOUND = 200


class CappedPaginator(_Paginator):
    """Counts ten thousand rows and no more: nobody turns two hundred pages, and a full count reads the whole table."""

    @cached_property
    def count(self) -> int:
        rows: QuerySet[Any] = self.object_list  # type: ignore[assignment]  # the admin gives querysets only
        return rows.order_by()[:MOST_ROWS_COUNTED].count()


class ReadOnly(_BaseModelAdmin):
    """Nobody adds, changes or deletes here: the truth is at Stigg and Stripe, and history is history.

    Subclasses name their `fields` or `fieldsets`; all of them are shown as text.
    """

    def get_readonly_fields(self, request: HttpRequest, obj: Model | None = None) -> tuple[Any, ...]:
        return tuple(flatten_fieldsets(self.get_fieldsets(request, obj)))

    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False


class ReadOnlyInline(ReadOnly, _TabularInline):
    """Rows of a parent, shown on its page."""

    extra = 0
    can_delete = False


class ReadOnlyAdmin(ReadOnly, _ModelAdmin):
    """A mirror or a record. Say in `search_by_*` what its search box finds; text is compared from its beginning.

    One kind of term asks one kind of index, so that a search never reads a large table.
    """

    list_per_page = 50
    list_max_show_all = 200
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER
    paginator = CappedPaginator
    actions_on_bottom = False

    search_by_text: tuple[str, ...] = ()
    search_by_uuid: tuple[str, ...] = ()
    customer_field = "customer"
    """Relation by which a customer's e-mail address or Stripe id finds rows; empty when there is none."""

    def get_search_fields(self, _request: HttpRequest) -> tuple[str, ...]:
        """Only tells Django whether to show the box; what it finds is below."""
        return (*self.search_by_text, *self.search_by_uuid, *filter(None, [self.customer_field]))

    def get_search_results(
        self, _request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        term = search_term.strip()
        return (queryset.filter(self._condition(term)) if term else queryset), False

    def _condition(self, term: str) -> Q:
        as_uuid = _uuid_of(term)
        if as_uuid is not None and self.search_by_uuid:
            # An id of ours that we gave to Stigg is text there.
            return _any_of(self.search_by_uuid, "", as_uuid) | _any_of(self.search_by_text, "", term)
        if self.customer_field and ("@" in term or term.startswith("cus_")):
            found = list(customers_like(term).values_list("pk", flat=True)[:MOST_CUSTOMERS_FOUND])
            return Q(**{f"{self.customer_field}__in": found})
        return _any_of(self.search_by_text, "__startswith", term) if self.search_by_text else Q(pk__in=())


def customers_like(term: str) -> QuerySet[Customer]:
    """By the beginning of the e-mail address, or by the whole Stripe id."""
    if "@" in term:
        return Customer.objects.filter(Q(email__startswith=term) | Q(email__startswith=term.lower()))
    return Customer.objects.filter(stripe_id=term)


def _any_of(fields: tuple[str, ...], lookup: str, value: object) -> Q:
    return Q.create([(f"{field}{lookup}", value) for field in fields], connector=Q.OR)


def _uuid_of(term: str) -> uuid.UUID | None:
    try:
        return uuid.UUID(term)
    except ValueError:
        return None
