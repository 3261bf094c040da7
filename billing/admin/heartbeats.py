"""Worker heartbeats: who works the inbox, and whether they live."""

from __future__ import annotations

from django.contrib import admin
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from billing.admin import words
from billing.admin.base import ReadOnlyAdmin
from billing.models import WorkerHeartbeat


@admin.register(WorkerHeartbeat)
class WorkerHeartbeatAdmin(ReadOnlyAdmin):
    """A handful of rows: one per worker of the last hour."""

    list_display = ("worker_id", "life", "last_beat")
    ordering = ("-beat_at",)
    sortable_by = ()
    customer_field = ""
    fields = ("worker_id", "life", "last_beat")

    @admin.display(description=_("state"))
    def life(self, heartbeat: WorkerHeartbeat) -> str:
        return f"✓ {_('alive')}" if heartbeat.is_alive(timezone.now()) else f"✗ {_('not heard of lately')}"

    @admin.display(description=_("last heard of"))
    def last_beat(self, heartbeat: WorkerHeartbeat) -> str:
        return words.moment(heartbeat.beat_at)
