"""Webhook events as they lie in the inbox; their type has no handler, so that working them needs no network."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Any

from django.utils import timezone

from billing.models import CatalogSnapshot, WebhookEvent


def event(**values: Any) -> WebhookEvent:
    """Received and due."""
    now = timezone.now()
    given = {
        "source": "stripe",
        "external_id": f"evt_{uuid.uuid4().hex}",
        "event_type": "thing.happened",
        "payload": {},
        "received_at": now,
        "due_at": now,
    }
    return WebhookEvent.objects.create(**(given | values))


def snapshot(*, seconds_old: float = 0, **values: Any) -> CatalogSnapshot:
    """A stored price list."""
    then = timezone.now() - timedelta(seconds=seconds_old)
    given = {"payload": {"plans": []}, "fetched_at": then, "checked_at": then, "version": uuid.uuid4().hex}
    return CatalogSnapshot.objects.create(**(given | values))
