"""`python -m bench.reconcile [--rows N]`: compare and write, against the plain ways to do either, in one run.

The truth stands ready in memory: what Stigg and Stripe take to answer is the same for everybody. On the database
of DATABASE_URL (a test database of its own is made and dropped), SQLite with synchronous=FULL by default.
"""

from __future__ import annotations

import argparse
import os
import resource
import statistics
import sys
import tempfile
import time
import uuid
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Any

import django

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
BATCH = 1000
LARGE_BATCH = 5000


def main() -> None:
    options = _parse()
    os.environ.setdefault("DATABASE_URL", f"sqlite:///{tempfile.gettempdir()}/tollgate-bench.sqlite3")
    os.environ.setdefault("SECRET_KEY", "bench-only-" + "x" * 50)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "checkout_site.settings")
    django.setup()
    from django.db import connection

    name = f"tollgate_bench_{os.getpid()}"
    if connection.vendor == "sqlite":
        name = os.path.join(tempfile.gettempdir(), f"{name}.sqlite3")
    connection.settings_dict["TEST"]["NAME"] = name
    connection.creation.create_test_db(verbosity=0)
    try:
        Bench(options.rows).run(rounds=options.rounds)
    finally:
        connection.creation.destroy_test_db(name, verbosity=0)


def _parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench.reconcile", description=__doc__)
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=3)
    return parser.parse_args()


class Bench:
    """Subscriptions, the widest of the mirrored rows: one for each customer."""

    def __init__(self, count: int) -> None:
        self._count = count
        self._read_at = NOON
        self._truth: list[tuple[uuid.UUID, Any]] = []

    def run(self, *, rounds: int) -> None:
        self._fill()
        before = _peak_megabytes()
        figures: dict[str, list[float]] = {}
        for _ in range(rounds):
            for label, work in self._works():
                figures.setdefault(label, []).append(self._count / _seconds(work))
        self._print({label: statistics.median(rates) for label, rates in figures.items()})
        sys.stdout.write(f"Peak memory while it ran: {before:.0f} MB before, {_peak_megabytes():.0f} MB after.\n")

    def _works(self) -> Iterator[tuple[str, Callable[[], None]]]:
        """Each finds the rows as the one before left them, and the truth moved on where it is to write."""
        yield "a. read all and compare, writing nothing", self._diff_only
        yield "b. reconcile, nothing differs", self._reconcile_without_drift
        self._move("current_period_ends_at")
        yield f"c. bulk_create(update_conflicts), every row differs, batches of {BATCH}", lambda: self._upsert(BATCH)
        self._move("current_period_ends_at")
        yield f"d. the same, batches of {LARGE_BATCH}", lambda: self._upsert(LARGE_BATCH)
        self._move("current_period_ends_at")
        yield "e. reconcile, every row differs in one field", self._reconcile
        self._move("cancellation_at")
        yield "f. reconcile, every row differs and gets a line of history", self._reconcile
        self._move("current_period_ends_at", every=20)
        yield "g. reconcile, every twentieth row differs", self._reconcile

    def _print(self, rates: dict[str, float]) -> None:
        from django.db import connection

        by_letter = {label[0]: rate for label, rate in rates.items()}
        sys.stdout.write(f"{self._count:,} rows, {connection.vendor}, median\n")
        for label, rate in rates.items():
            against = {"b": "a", "g": "a", "e": "c", "f": "c", "d": "c"}.get(label[0])
            ratio = f"{rate / by_letter[against]:5.2f} x {against}" if against else ""
            sys.stdout.write(f"  {label:<72}{rate:>9,.0f} rows/s  {ratio}\n")

    def _fill(self) -> None:
        from billing.mirror.subscriptions import values_of
        from billing.models import Customer, Subscription

        keys = [uuid.uuid4() for _ in range(self._count)]
        keys.sort()
        people = (Customer(id=key, name="Customer", email=f"{key}@example.com", mirrored_at=NOON) for key in keys)
        for chunk in _chunks(people, LARGE_BATCH):
            Customer.objects.bulk_create(chunk)
        self._truth = [(key, _snapshot(key)) for key in keys]
        rows = (
            Subscription(customer_id=key, stigg_id=item.subscription_id, mirrored_at=NOON, **values_of(item))
            for key, item in self._truth
        )
        for chunk in _chunks(rows, LARGE_BATCH):
            Subscription.objects.bulk_create(chunk)

    def _move(self, name: str, *, every: int = 1) -> None:
        """The truth moves on, and a later read begins."""
        self._read_at += timedelta(minutes=1)
        self._truth = [
            (key, replace(item, **{name: self._read_at}) if number % every == 0 else item)
            for number, (key, item) in enumerate(self._truth)
        ]

    # Ours, as services.reconcile.batch does it for a batch that has been read

    def _reconcile_without_drift(self) -> None:
        self._read_at += timedelta(minutes=1)
        self._reconcile()

    def _reconcile(self) -> None:
        from django.db import transaction

        from billing.mirror import compare, mend
        from billing.models import Customer

        for chunk in _chunks(iter(self._truth), BATCH):
            rows = compare.load(compare.SUBSCRIPTIONS, [key for key, _item in chunk])
            changes = compare.compare_subscriptions(rows, chunk, self._read_at)
            if not changes:
                continue
            with transaction.atomic():
                keys = [change.customer_id for change in changes]
                list(
                    Customer.objects.filter(pk__in=keys)
                    .order_by("pk")
                    .select_for_update()
                    .values_list("pk", "lease_token")
                )
                mend.write(changes, read_at=self._read_at, cause="bench")

    # The plain ways

    def _diff_only(self) -> None:
        from billing.mirror.subscriptions import values_of
        from billing.models import Subscription

        different = 0
        for chunk in _chunks(iter(self._truth), BATCH):
            wanted = {item.subscription_id: values_of(item) for _key, item in chunk}
            keys = [key for key, _item in chunk]
            for row in Subscription.objects.filter(customer_id__in=keys).order_by("pk"):
                values = wanted[row.stigg_id]
                different += any(getattr(row, name) != value for name, value in values.items())
        if different:
            raise SystemExit(f"{different} rows differ before the first round: the rows were not filled as meant")

    def _upsert(self, size: int) -> None:
        from billing.mirror.subscriptions import values_of
        from billing.models import Subscription

        names: list[str] = []
        for chunk in _chunks(iter(self._truth), size):
            rows = []
            for key, item in chunk:
                values = values_of(item)
                names = names or [*values]
                rows.append(
                    Subscription(customer_id=key, stigg_id=item.subscription_id, mirrored_at=self._read_at, **values)
                )
            Subscription.objects.bulk_create(
                rows, update_conflicts=True, unique_fields=["stigg_id"], update_fields=[*names, "mirrored_at"]
            )


def _snapshot(key: uuid.UUID) -> Any:
    from billing.gateways.stigg.types import SubscriptionAddonSnapshot, SubscriptionSnapshot
    from billing.money import Money

    return SubscriptionSnapshot(
        subscription_id=f"subscription-{key}",
        customer_id=str(key),
        status="ACTIVE",
        payment_collection="NOT_REQUIRED",
        plan_id="plan-pro",
        plan_name="Pro",
        product_id="product-tollgate",
        pricing_type="PAID",
        billing_id=f"sub_{key.hex}",
        billing_period="MONTHLY",
        started_at=NOON,
        current_period_started_at=NOON,
        current_period_ends_at=NOON + timedelta(days=30),
        created_at=NOON,
        total=Money(4900, "USD"),
        unit_quantity=5,
        addons=(SubscriptionAddonSnapshot("addon-seats", "More seats", 2),),
    )


def _chunks(items: Iterator[Any], size: int) -> Iterator[list[Any]]:
    while chunk := list(islice(items, size)):
        yield chunk


def _seconds(work: Callable[[], None]) -> float:
    began_at = time.perf_counter()
    work()
    return time.perf_counter() - began_at


def _peak_megabytes() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    main()
