"""/healthz/: is this process alive; is the whole ready (database, a living worker, no event that waits too long)."""

from __future__ import annotations

from datetime import timedelta

from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from billing.models import WebhookEvent, WorkerHeartbeat

OLDEST_WAITING = timedelta(minutes=5)


@require_safe
@never_cache
def live(_request: HttpRequest) -> HttpResponse:
    """This process answers."""
    return JsonResponse({"status": "ok"})


@require_safe
@never_cache
def ready(_request: HttpRequest) -> HttpResponse:
    """200 when all is well, else 503 and what is not."""
    now = timezone.now()
    try:
        beat = WorkerHeartbeat.objects.order_by("-beat_at").first()
        oldest = WebhookEvent.objects.unfinished().order_by("received_at").first()
    except DatabaseError:
        return JsonResponse({"status": "unavailable", "database": "down"}, status=503)
    worker_alive = beat is not None and beat.is_alive(now)
    age = (now - oldest.received_at).total_seconds() if oldest else 0.0
    healthy = worker_alive and age <= OLDEST_WAITING.total_seconds()
    return JsonResponse(
        {
            "status": "ok" if healthy else "degraded",
            "database": "ok",
            "worker": "ok" if worker_alive else "missing",
            "oldest_waiting_event_seconds": round(age, 1),
        },
        status=200 if healthy else 503,
    )
