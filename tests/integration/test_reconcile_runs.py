"""Runs of reconcile: gone on with after a kill, one at a time, stopped by an outage, never faster than allowed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import pytest
from django.conf import settings as django_settings
from django.db import connection
from django.utils import timezone

from billing.models import Customer, ReconcileRun, Subscription
from billing.services import customers
from billing.services.reconcile import batch, runs, truth
from tests.integration.drift import Silent, cancel_at_stigg, counted_writes, reconcile
from tests.people import Person, person, subscribe
from tests.sandbox_process import STIGG_KEY, STRIPE_KEY, SandboxClient

PATIENCE_SECONDS = 60.0
# manage.py's command with small batches, and a lease that is soon over.
PROGRAM = """
import sys, django; django.setup()
from django.core.management import execute_from_command_line
from billing.services.reconcile import runs
runs.BATCH, runs.LEASE_SECONDS, runs.BEAT_SECONDS = 2, 3, 0.5
execute_from_command_line(["manage.py", "reconcile", *sys.argv[1:]])
"""
Start = Callable[..., "subprocess.Popen[str]"]
in_transactions = pytest.mark.django_db(transaction=True)


def people(count: int) -> list[Person]:
    """Known to Stigg and Stripe, and never read since."""
    found = [person(f"p{number}") for number in range(count)]
    for who in found:
        customers.provision(who.customer.pk)
    Customer.objects.update(stripe_id=None)  # so that each has something to be mended
    return found


@pytest.fixture
def start(sandbox: SandboxClient) -> Iterator[Start]:
    """Starts the command as a process of its own; whatever is left of them is killed."""
    started = []

    def start(*arguments: str) -> subprocess.Popen[str]:
        started.append(process_of(sandbox, *arguments))
        return started[-1]

    yield start
    for process in started:
        process.kill()
        process.communicate()


def process_of(sandbox: SandboxClient, *arguments: str) -> subprocess.Popen[str]:
    environment = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "checkout_site.settings",
        "DATABASE_URL": database_url(),
        "STIGG_API_URL": sandbox.stigg_url,
        "STIGG_API_KEY": STIGG_KEY,
        "STRIPE_API_URL": sandbox.stripe_url,
        "STRIPE_SECRET_KEY": STRIPE_KEY,
        "LOG_LEVEL": "ERROR",
    }
    return subprocess.Popen(
        [sys.executable, "-c", PROGRAM, *arguments],
        cwd=django_settings.BASE_DIR,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def database_url() -> str:
    name = str(connection.settings_dict["NAME"])
    if connection.vendor == "sqlite":
        return f"sqlite:///{name}"
    return urlunsplit(urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{name}"))


def wait_until(condition: Callable[[], object]) -> None:
    give_up_at = time.monotonic() + PATIENCE_SECONDS
    while not condition():
        assert time.monotonic() < give_up_at, "it did not come about"
        time.sleep(0.05)


@in_transactions
def test_a_killed_run_is_gone_on_with(start: Start) -> None:
    people(8)
    first = start("--limit-per-minute", "60")
    wait_until(lambda: ReconcileRun.objects.filter(customers_seen__gte=2).exists())
    first.kill()
    first.wait()
    run = ReconcileRun.objects.get()
    assert run.state == ReconcileRun.State.RUNNING
    assert 2 <= run.customers_seen < 8
    assert run.leased_until is not None
    ReconcileRun.objects.update(leased_until=timezone.now() + timedelta(seconds=60))
    at_once = reconcile()
    assert at_once.code == 2
    assert "is under way" in at_once.text
    ReconcileRun.objects.update(leased_until=timezone.now())
    second = start()
    said, _ = second.communicate(timeout=PATIENCE_SECONDS)
    assert second.returncode == 0, said
    assert f"going on with reconcile run {run.pk}" in said
    run = ReconcileRun.objects.get()
    assert (run.state, run.customers_seen) == (ReconcileRun.State.FINISHED, 8)
    assert run.drifts.filter(field="stripe_id", is_mended=True).count() == 8
    assert not Customer.objects.filter(stripe_id=None).exists()


@in_transactions
def test_a_run_that_is_told_to_stop_stops_at_once_and_says_so(start: Start) -> None:
    people(6)
    process = start("--limit-per-minute", "30")
    wait_until(lambda: ReconcileRun.objects.filter(customers_seen__gte=2).exists())
    told_at = time.monotonic()
    process.send_signal(signal.SIGTERM)
    said, _ = process.communicate(timeout=PATIENCE_SECONDS)
    assert time.monotonic() - told_at < 8  # at this pace two customers take longer
    assert process.returncode == 3, said
    assert "Start it again to go on" in said
    run = ReconcileRun.objects.get()
    assert (run.state, run.leased_until) == (ReconcileRun.State.STOPPED, None)


@in_transactions
@pytest.mark.usefixtures("sandbox")
def test_a_run_that_is_stopped_in_the_middle_of_a_statement_is_closed_on_a_new_connection() -> None:
    people(2)

    class Stops(Silent):
        """As a signal that comes while the database is being asked: no answer, and a connection of no use."""

        def progressed(self, run: ReconcileRun, read_in_batch: int) -> None:
            connection.connection.close()
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        runs.reconcile(runs.Options(), Stops())
    run = ReconcileRun.objects.get()
    assert (run.state, run.leased_until) == (ReconcileRun.State.STOPPED, None)


@pytest.mark.django_db
def test_an_outage_stops_the_run_and_the_next_start_goes_on(
    sandbox: SandboxClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    people(3)
    monkeypatch.setattr(runs, "RETRY_PAUSES_SECONDS", (0.0, 0.0))
    sandbox.fault("stigg", "down")
    said = reconcile("--limit-per-minute", "6000")
    assert said.code == 3
    run = ReconcileRun.objects.get()
    assert (run.state, run.customers_seen, run.cursor) == (ReconcileRun.State.STOPPED, 0, "")
    assert "OutOfReach" in run.error
    sandbox.calm()
    said = reconcile("--limit-per-minute", "6000")
    assert said.code == 0
    run = ReconcileRun.objects.get()
    assert (run.state, run.customers_seen, run.error) == (ReconcileRun.State.FINISHED, 3, "")


@pytest.mark.django_db
def test_a_passing_failure_is_tried_again(sandbox: SandboxClient, monkeypatch: pytest.MonkeyPatch) -> None:
    people(2)
    monkeypatch.setattr(runs, "RETRY_PAUSES_SECONDS", (0.0, 0.0))
    monkeypatch.setattr(truth, "PAUSE_AFTER_LIMIT_SECONDS", 0.05)
    sandbox.fault("stigg", "status", "getCustomerByRefId", status=429, times=1)
    sandbox.fault("stripe", "status", None, status=429, times=1)
    said = reconcile("--limit-per-minute", "6000")
    assert (said.code, said.run.customers_unread) == (0, 0)
    assert said.run.drifts.filter(field="stripe_id").count() == 2


@pytest.mark.django_db
def test_a_refused_key_stops_the_run(sandbox: SandboxClient, settings: Any) -> None:
    people(1)
    settings.TOLLGATE_STIGG_API_KEY = "server-wrong"
    said = reconcile()
    assert said.code == 3
    assert "billing_doctor" in said.text


@pytest.mark.django_db
def test_a_customer_whom_somebody_works_on_is_left_alone(
    sandbox: SandboxClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    [ada] = people(1)
    monkeypatch.setattr(batch, "WAIT_FOR_LEASE_SECONDS", 0.1)
    holder = Customer.take_lease(ada.customer.pk, seconds=60)
    with counted_writes() as writes:
        said = reconcile()
    assert said.code == 1
    assert said.run.customers_unread == 1
    assert "is being worked on" in said.text
    # Asking for the lease is an update that finds no row.
    assert not [sql for sql in writes.statements if "leased_until" not in sql]
    assert holder is not None
    holder.release_lease()
    assert reconcile().code == 0


@pytest.mark.django_db
@pytest.mark.usefixtures("price_list")
def test_a_webhook_in_between_wins(sandbox: SandboxClient, monkeypatch: pytest.MonkeyPatch) -> None:
    ada = person("ada")
    subscribe(ada, sandbox)
    customers.refresh(ada.customer.pk, cause="test", with_stripe=True)
    Subscription.objects.update(plan_name="Old name")  # so that the run's stale read has something to write
    compared = batch.findings.at_stigg

    def meanwhile(*arguments: Any) -> Any:
        """The world moves on, and a webhook brings it, between the run's read and its write."""
        monkeypatch.setattr(batch.findings, "at_stigg", compared)
        found = compared(*arguments)
        cancel_at_stigg(Subscription.objects.get().stigg_id)
        customers.refresh(ada.customer.pk, cause="webhook")
        return found

    monkeypatch.setattr(batch.findings, "at_stigg", meanwhile)
    said = reconcile()
    subscription = Subscription.objects.get()
    assert said.code == 0
    assert (subscription.status, subscription.plan_name) == ("CANCELED", "Pro")
    told = list(subscription.changes.filter(field="status").order_by("pk").values_list("new_value", "cause"))
    assert told[-1] == ("CANCELED", "webhook")
    assert said.run.drifts.count() == 0


@pytest.mark.django_db
def test_for_cron_a_run_is_due_once_a_day(sandbox: SandboxClient) -> None:
    people(1)
    assert "beginning" in reconcile("--every-hours", "24").text
    assert "nothing to do" in reconcile("--every-hours", "24").text
    ReconcileRun.objects.update(finished_at=timezone.now() - timedelta(hours=25))
    assert "beginning" in reconcile("--every-hours", "24").text
    assert ReconcileRun.objects.count() == 2


@pytest.mark.django_db
def test_a_run_may_be_given_up_for_a_new_one_and_old_reports_go(sandbox: SandboxClient) -> None:
    people(1)
    now = timezone.now()
    unfinished = ReconcileRun.objects.create(state="stopped", cursor="f" * 32, beat_at=now)
    old = ReconcileRun.objects.create(state="finished", beat_at=now, finished_at=now - timedelta(days=91))
    said = reconcile("--fresh")
    unfinished.refresh_from_db()
    assert unfinished.state == ReconcileRun.State.ABANDONED
    assert said.run.customers_seen == 1
    assert not ReconcileRun.objects.filter(pk=old.pk).exists()
    assert said.run.cursor


@pytest.mark.django_db
def test_time_is_up_after_a_batch(sandbox: SandboxClient, monkeypatch: pytest.MonkeyPatch) -> None:
    people(3)
    monkeypatch.setattr(runs, "BATCH", 1)
    run = runs.reconcile(runs.Options(max_seconds=0), Silent())
    assert (run.state, run.customers_seen) == (ReconcileRun.State.STOPPED, 1)
    run = runs.reconcile(runs.Options(), Silent())
    assert (run.state, run.customers_seen) == (ReconcileRun.State.FINISHED, 3)


@pytest.mark.parametrize(
    "arguments",
    [("--since", "tomorrow"), ("--since", "2999-01-01"), ("--limit-per-minute", "0"), ("--since", "2026-13-40")],
)
def test_a_wrong_command_line_is_refused(arguments: tuple[str, str]) -> None:
    assert reconcile(*arguments).code in (1, 2)
