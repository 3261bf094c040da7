"""`manage.py hooks_prune`: deletes old webhook events that are done or ignored; dead ones stay until looked at."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from billing import conf
from billing.webhooks import inbox


class Command(BaseCommand):
    """The worker does this every hour; for installations that run it from cron."""

    help = "Delete webhook events that came to their end long ago."

    def handle(self, **_options: Any) -> None:
        count = inbox.prune(now=timezone.now())
        self.stdout.write(f"deleted {count} events older than {conf.current().hooks_keep_days} days")
