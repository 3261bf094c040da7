"""Filters whose choices cost nothing: none of them reads a table to find out what it may offer."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from billing import conf
from billing.models import CatalogSnapshot
from billing.webhooks.dispatch import EFFECTS

if TYPE_CHECKING:
    from billing.models import Customer, Subscription, WebhookEvent


class ProvisionFilter(admin.SimpleListFilter):
    """Whether Stigg knows the customer."""

    title = _("at Stigg")
    parameter_name = "at_stigg"

    def lookups(self, _request: HttpRequest, _model_admin: Any) -> Iterable[tuple[str, Any]]:
        return (("yes", _("known")), ("waiting", _("not yet")), ("failing", _("not yet, tries fail")))

    def queryset(self, _request: HttpRequest, queryset: QuerySet[Customer]) -> QuerySet[Customer]:
        conditions = {
            "yes": Q(provisioned_at__isnull=False),
            "waiting": Q(provisioned_at=None),
            "failing": Q(provisioned_at=None, provision_attempts__gt=0),
        }
        return queryset.filter(conditions.get(self.value() or "", Q()))


class SyncFilter(admin.SimpleListFilter):
    """Whether the copy is known to be old."""

    title = _("copy")
    parameter_name = "copy"

    def lookups(self, _request: HttpRequest, _model_admin: Any) -> Iterable[tuple[str, Any]]:
        return (("due", _("to be renewed")), ("failing", _("to be renewed, tries fail")))

    def queryset(self, _request: HttpRequest, queryset: QuerySet[Customer]) -> QuerySet[Customer]:
        conditions = {
            "due": Q(refresh_due_at__isnull=False),
            "failing": Q(refresh_due_at__isnull=False, refresh_attempts__gt=0),
        }
        return queryset.filter(conditions.get(self.value() or "", Q()))


class PlanFilter(admin.SimpleListFilter):
    """By the plans of the stored price list; one small read instead of a DISTINCT over all subscriptions."""

    title = _("plan")
    parameter_name = "plan_id"

    def lookups(self, _request: HttpRequest, _model_admin: Any) -> Iterable[tuple[str, Any]]:
        stored = CatalogSnapshot.objects.filter(product_id=conf.current().product_id, country_code="")
        plans = stored.values_list("payload__plans", flat=True).first() or ()
        return [(plan["refId"], plan.get("displayName") or plan["refId"]) for plan in plans]

    def queryset(self, _request: HttpRequest, queryset: QuerySet[Subscription]) -> QuerySet[Subscription]:
        return queryset.filter(plan_id=self.value()) if self.value() else queryset


class DeadlineFilter(admin.SimpleListFilter):
    """Unpaid first invoices, by how long they can still be paid."""

    title = _("payment deadline")
    parameter_name = "deadline"

    def lookups(self, _request: HttpRequest, _model_admin: Any) -> Iterable[tuple[str, Any]]:
        return (("open", _("still open")), ("over", _("over")))

    def queryset(self, _request: HttpRequest, queryset: QuerySet[Subscription]) -> QuerySet[Subscription]:
        now = timezone.now()
        conditions = {"open": Q(payment_deadline_at__gt=now), "over": Q(payment_deadline_at__lte=now)}
        return queryset.filter(conditions.get(self.value() or "", Q()))


class EventTypeFilter(admin.SimpleListFilter):
    """The types that have a handler; others are found by the search box."""

    title = _("type")
    parameter_name = "event_type"

    def lookups(self, _request: HttpRequest, _model_admin: Any) -> Iterable[tuple[str, Any]]:
        types = {event_type for events in EFFECTS.values() for event_type in events}
        return [(event_type, event_type) for event_type in sorted(types)]

    def queryset(self, _request: HttpRequest, queryset: QuerySet[WebhookEvent]) -> QuerySet[WebhookEvent]:
        return queryset.filter(event_type=self.value()) if self.value() else queryset
