"""`manage.py reconcile`: compares the mirror with Stigg and Stripe, mends what differs and says why it did.

Exit code: 0 the mirror is as the truth now; 1 something still differs or could not be read; 2 another process
is at it, or the command line is wrong; 3 stopped before the end (time, outage, signal): the next start goes on.
"""

from __future__ import annotations

import signal
import sys
from argparse import ArgumentParser, ArgumentTypeError
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from django.core.management.base import BaseCommand, CommandError
from django.db import Error as AnyDatabaseError
from django.db.models import Count, Q
from django.utils import timezone
from django.utils.dateparse import parse_date, parse_datetime

from billing import conf
from billing.errors import BillingError, Busy, ConfigurationError, GatewayUnauthorized
from billing.management.commands._progress import Progress
from billing.models import Customer, LeaseLost, ReconcileDrift, ReconcileRun
from billing.services.reconcile import Options, OutOfReach, reconcile, reconcile_due

ALL_WELL, DIFFERS, REFUSED, STOPPED = 0, 1, 2, 3


class Command(BaseCommand):
    """Safe beside live webhooks, checkouts and workers; start it again after a kill and it goes on."""

    help = "Compare every customer's mirror with Stigg and Stripe, mend what differs, and report it."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="report only, mend nothing")
        parser.add_argument("--customer", help="only this one: our id, cus_…, or the e-mail address")
        parser.add_argument(
            "--since",
            type=_moment,
            help="only customers about whom something may have changed since (2026-11-20, or 2026-11-20T08:00Z)",
        )
        parser.add_argument(
            "--limit-per-minute",
            type=_positive,
            help=f"calls to each of Stigg and Stripe (default: {conf.current().reconcile_calls_per_minute})",
        )
        parser.add_argument(
            "--fresh", action="store_true", help="begin anew instead of going on with an unfinished run"
        )
        parser.add_argument("--for-minutes", type=_positive, help="stop after this time; the next start goes on")
        parser.add_argument(
            "--every-hours", type=_positive, help="for cron: do nothing when a full run was finished within this time"
        )

    def handle(self, **options: Any) -> None:
        before = signal.signal(signal.SIGTERM, _stop)
        try:
            run = self._work(options)
        finally:
            signal.signal(signal.SIGTERM, before)
        if run is None:
            self.stdout.write(f"A full run was finished within {options['every_hours']} h: nothing to do.")
        else:
            self._sum_up(run)

    def _work(self, options: dict[str, Any]) -> ReconcileRun | None:
        wanted = self._options(options)
        watcher = _Terminal(self)
        try:
            if options["every_hours"]:
                every = timedelta(hours=options["every_hours"])
                return reconcile_due(every=every, options=wanted, watcher=watcher)
            return reconcile(wanted, watcher)
        except Busy as error:
            raise CommandError(f"{error}.", returncode=REFUSED) from error
        except (GatewayUnauthorized, ConfigurationError) as error:
            hint = "Run `python manage.py billing_doctor` to see what is wrong."
            raise CommandError(f"{error}\n{hint}", returncode=STOPPED) from error
        except (OutOfReach, LeaseLost, BillingError, AnyDatabaseError, KeyboardInterrupt) as error:
            reason = str(error).strip() or "interrupted"
            raise CommandError(f"Stopped: {reason}. Start it again to go on.", returncode=STOPPED) from error
        finally:
            watcher.progress.clear()

    def _options(self, options: dict[str, Any]) -> Options:
        return Options(
            is_dry_run=options["dry_run"],
            customer_id=_customer(options["customer"]) if options["customer"] else None,
            since=options["since"],
            calls_per_minute=options["limit_per_minute"],
            is_fresh=options["fresh"],
            max_seconds=options["for_minutes"] * 60 if options["for_minutes"] else None,
        )

    def _sum_up(self, run: ReconcileRun) -> None:
        kinds = run.drifts.order_by().values("kind")
        counts = kinds.annotate(found=Count("pk"), mended=Count("pk", filter=Q(is_mended=True))).order_by("kind")
        for row in counts:
            kind = ReconcileDrift.Kind(row["kind"]).label
            self.stdout.write(f"  {kind:<16}{row['found']:>8,} differences, {row['mended']:,} mended")
        left = sum(row["found"] - row["mended"] for row in counts)
        found = sum(row["found"] for row in counts)
        unread = f", {run.customers_unread:,} could not be read" if run.customers_unread else ""
        outcome = "as at Stigg and Stripe" if not found else f"{found:,} differences, {left:,} left"
        self.stdout.write(f"{str(run).capitalize()}: {run.customers_seen:,} customers, {outcome}{unread}.")
        if not run.is_finished:
            self.stdout.write("Its time is over before the end: start it again to go on.")
            sys.exit(STOPPED)
        if left or run.customers_unread:
            sys.exit(DIFFERS)


class _Terminal:
    """Prints what the run tells: the report to stdout, the bar to stderr."""

    def __init__(self, command: Command) -> None:
        self._command = command
        self._found = 0
        self.progress = Progress(command.stderr, noun="customers")  # type: ignore[arg-type]  # Django's OutputWrapper is a stream in all that is used

    def begun(self, run: ReconcileRun, *, is_resumed: bool) -> None:
        word = "going on with" if is_resumed else "beginning"
        how = ", mending nothing" if run.is_dry_run else ""
        self._command.stdout.write(f"{word} {run}: {run.total:,} customers{how}")

    def progressed(self, run: ReconcileRun, read_in_batch: int) -> None:
        done = run.customers_seen + read_in_batch
        note = f"{self._found:,} differences" if self._found else ""
        self.progress.update(done, max(run.total, done), note)

    def found(self, drifts: Sequence[ReconcileDrift]) -> None:
        self._found += len(drifts)
        for drift in drifts:
            self._say(_line(drift))

    def unread(self, customer_id: UUID, reason: str) -> None:
        self._say(f"customer {customer_id} could not be compared: {reason}")

    def _say(self, line: str) -> None:
        self.progress.clear()
        self._command.stdout.write(line)


def _line(drift: ReconcileDrift) -> str:
    what = f"{drift.get_kind_display()} {drift.object_id}"
    owner = "" if drift.kind == ReconcileDrift.Kind.CUSTOMER else f" of customer {drift.customer_id}"
    fate = "mended" if drift.is_mended else "not mended"
    detail = f" ({drift.cause_detail})" if drift.cause_detail else ""
    values = f"{drift.field}: ours {drift.ours or '–'}, theirs {drift.theirs or '–'}"
    return f"{what}{owner}: {values}; {fate}; {drift.get_cause_display()}{detail}"


def _customer(text: str) -> UUID:
    try:
        condition = Q(pk=UUID(text))
    except ValueError:
        condition = Q(stripe_id=text) | Q(email__iexact=text)
    found = list(Customer.objects.filter(condition).values_list("pk", flat=True)[:2])
    if len(found) != 1:
        problem = "No customer is" if not found else "More than one customer is"
        raise CommandError(f"{problem} called {text!r}.", returncode=REFUSED)
    return found[0]


def _moment(text: str) -> datetime:
    """A date means its beginning in UTC."""
    try:
        day = parse_date(text)
        moment = datetime(day.year, day.month, day.day) if day else parse_datetime(text)
    except ValueError:
        moment = None
    if moment is None:
        raise ArgumentTypeError(f"{text!r} is no date and no date with a time")
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    if aware > timezone.now():
        raise ArgumentTypeError(f"{text!r} is in the future")
    return aware


def _positive(text: str) -> int:
    if not text.isdigit() or int(text) == 0:
        raise ArgumentTypeError(f"{text!r} is not a whole number above 0")
    return int(text)


def _stop(_number: int, _frame: object) -> None:
    raise KeyboardInterrupt
