"""`manage.py hooks_replay`: has webhook events worked once more, picked by id, state, type or source."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from billing.models import WebhookEvent
from billing.webhooks import inbox


class Command(BaseCommand):
    """Replaying is harmless: handlers re-read the truth. Events that are being worked at this moment are left alone."""

    help = "Have webhook events worked once more."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("ids", nargs="*", help="the senders' ids (evt_…, Stigg's messageId)")
        parser.add_argument("--state", choices=WebhookEvent.State.values)
        parser.add_argument("--type", dest="event_type", help="for instance invoice.paid")
        parser.add_argument("--source", choices=WebhookEvent.Source.values)
        parser.add_argument("--dry-run", action="store_true", help="only say how many")

    def handle(self, **options: Any) -> None:
        given = {
            "external_id__in": options["ids"],
            "state": options["state"],
            "event_type": options["event_type"],
            "source": options["source"],
        }
        wanted = {lookup: value for lookup, value in given.items() if value}
        if not wanted:
            raise CommandError("Say which: ids, --state, --type or --source (for instance --state dead).")
        events = WebhookEvent.objects.filter(**wanted)
        if options["dry_run"]:
            count = events.exclude(state=WebhookEvent.State.PROCESSING).count()
            self.stdout.write(f"would replay {count}")
            return
        unknown = set(options["ids"]) - set(events.values_list("external_id", flat=True)) if options["ids"] else set()
        self.stdout.write(f"replaying {inbox.replay(events)}")
        if unknown:
            raise CommandError(f"Not found: {', '.join(sorted(unknown))}.")
