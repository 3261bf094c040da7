"""`manage.py billing_doctor`: examines the installation and prints what it found; the checks are services/doctor."""

from __future__ import annotations

import json
import sys
from argparse import ArgumentParser
from collections.abc import Iterable
from dataclasses import asdict
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand
from django.urls import reverse
from django.utils import timezone

from billing import conf
from billing.services.doctor import Context, Finding, Status, examine
from billing.webhooks.handlers import stripe


class Command(BaseCommand):
    """Exit code 1 when there is a fault; warnings do not count."""

    help = "Tell whether keys, addresses and webhook secrets of Stripe and Stigg work, and what to do if not."
    requires_system_checks = ()
    """The doctor must be able to say what is wrong where the system checks only stop."""

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--json", action="store_true", help="print one JSON object")

    def handle(self, **options: Any) -> None:
        findings = examine(
            Context(
                options=conf.current(),
                now=timezone.now(),
                needed_stripe_events=stripe.worked_types(),
                stripe_hook_path=reverse("hooks_stripe"),
                allowed_hosts=settings.ALLOWED_HOSTS,
            )
        )
        found = self._print_json(findings) if options["json"] else self._print_lines(findings)
        if any(finding.status is Status.FAULT for finding in found):
            sys.exit(1)

    def _print_json(self, findings: Iterable[Finding]) -> list[Finding]:
        found = list(findings)
        is_ok = all(finding.status is not Status.FAULT for finding in found)
        self.stdout.write(json.dumps({"ok": is_ok, "checks": [asdict(finding) for finding in found]}, indent=2))
        return found

    def _print_lines(self, findings: Iterable[Finding]) -> list[Finding]:
        """Each line as soon as it is known: a check may wait for a time-out."""
        found = []
        for finding in findings:
            found.append(finding)
            self.stdout.write(self._line(finding))
            self.stdout.flush()
        faults = sum(finding.status is Status.FAULT for finding in found)
        self.stdout.write("")
        self.stdout.write(f"{faults} fault{'' if faults == 1 else 's'}." if faults else "No faults.")
        return found

    def _line(self, finding: Finding) -> str:
        styles = {Status.OK: self.style.SUCCESS, Status.WARNING: self.style.WARNING, Status.FAULT: self.style.ERROR}
        line = f"{styles[finding.status](f'{finding.status:<8}')}{finding.check}: {finding.message}"
        return f"{line} → {finding.fix}" if finding.fix else line
