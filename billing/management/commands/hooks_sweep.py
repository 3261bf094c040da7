"""`manage.py hooks_sweep`: works the webhook events that are due, here and now, without the queue."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from billing.models import WebhookEvent
from billing.webhooks import dispatch


class Command(BaseCommand):
    """Safe beside running workers: each event is leased to one of them."""

    help = "Work the webhook events that are due now."

    def handle(self, **_options: Any) -> None:
        worked = 0
        while batch := dispatch.drain():
            worked += batch
        waiting = WebhookEvent.objects.all().unfinished().count()
        self.stdout.write(f"worked {worked}, {waiting} wait for their next try")
