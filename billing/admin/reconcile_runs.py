"""Runs of reconcile and what they found: a list of runs, and the differences of each."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from billing.admin import links, words
from billing.admin.base import ReadOnlyAdmin
from billing.models import ReconcileDrift, ReconcileRun

MARKS: dict[str, str] = {
    ReconcileRun.State.FINISHED: "✓",
    ReconcileRun.State.RUNNING: "…",
    ReconcileRun.State.STOPPED: "!",
    ReconcileRun.State.ABANDONED: "–",
}


@admin.register(ReconcileRun)
class ReconcileRunAdmin(ReadOnlyAdmin):
    """The list begins with the newest."""

    list_display = ("__str__", "fate", "what", "customers_seen", "found", "rows_written", "customers_unread", "started")
    list_filter = ("state", "is_dry_run")
    ordering = ("-pk",)
    sortable_by = ()
    customer_field = ""
    fields = (
        *("fate", "what", "since", "total", "customers_seen", "customers_unread", "found", "rows_written"),
        *("error", "cursor", "started", "last_beat", "finished"),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).select_related("customer")

    @admin.display(description=_("state"))
    def fate(self, run: ReconcileRun) -> str:
        return f"{MARKS.get(run.state, '?')} {run.get_state_display()}"

    @admin.display(description=_("what"))
    def what(self, run: ReconcileRun) -> str:
        whom = str(run.customer) if run.customer else str(_("all customers"))
        return f"{whom}, {_('mending nothing')}" if run.is_dry_run else whom

    @admin.display(description=_("differences"))
    def found(self, run: ReconcileRun) -> SafeString | str:
        if not run.drifts_found:
            return "0"
        return links.to_list(ReconcileDrift, f"{run.drifts_found:,}", run__id__exact=str(run.pk))

    @admin.display(description=_("started"))
    def started(self, run: ReconcileRun) -> str:
        return words.moment(run.started_at)

    @admin.display(description=_("last sign of life"))
    def last_beat(self, run: ReconcileRun) -> str:
        return words.moment(run.beat_at)

    @admin.display(description=_("finished"))
    def finished(self, run: ReconcileRun) -> str:
        return words.moment(run.finished_at)


@admin.register(ReconcileDrift)
class ReconcileDriftAdmin(ReadOnlyAdmin):
    """Narrowed to a run by the link on it, to a customer by the search box."""

    list_display = ("run", "kind", "object_id", "field", "ours", "theirs", "cause", "fate", "customer_link")
    list_filter = ("kind", "cause", "is_mended")
    list_select_related = ("run", "customer")
    ordering = ("-pk",)
    sortable_by = ()
    search_by_uuid = ("customer_id",)
    search_help_text = _("Customer id, cus_…, or beginning of the e-mail address")
    fields = (
        *("run", "customer", "kind", "object_id", "field", "ours", "theirs", "fate"),
        *("cause", "cause_detail", "event_link", "found_moment"),
    )

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest | None = None) -> bool:
        """The run's own link asks for this."""
        return lookup == "run__id__exact" or super().lookup_allowed(lookup, value, request)  # type: ignore[arg-type]  # the stubs know no older signature

    @admin.display(description=_("mended"))
    def fate(self, drift: ReconcileDrift) -> str:
        return f"✓ {_('mended')}" if drift.is_mended else f"✗ {_('not mended')}"

    @admin.display(description=_("customer"))
    def customer_link(self, drift: ReconcileDrift) -> SafeString | str:
        return links.to_record(drift.customer)

    @admin.display(description=_("event"))
    def event_link(self, drift: ReconcileDrift) -> SafeString | str:
        return links.to_record(drift.event)

    @admin.display(description=_("found"))
    def found_moment(self, drift: ReconcileDrift) -> str:
        return words.moment(drift.found_at)
