"""Reconcile beside live work: three runs while the truth moves and webhooks bring it; nothing goes backwards."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection

from billing.errors import Busy
from billing.gateways import stigg
from billing.gateways.stigg.types import SubscriptionChoice
from billing.models import Subscription
from billing.services import customers
from billing.services.reconcile import runs
from tests.integration.drift import Silent, reconcile
from tests.people import Person, person, subscribe
from tests.sandbox_process import SandboxClient

SEED = 20261123
CHANGES = 6


def in_threads(*works: Callable[[], None]) -> None:
    """All at once; what one of them raises is raised here."""
    problems: list[BaseException] = []

    def guarded(work: Callable[[], None]) -> None:
        try:
            work()
        except BaseException as error:
            problems.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=guarded, args=(work,)) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if problems:
        raise problems[0]


def heard_of(who: Person, number: int) -> None:
    """What a webhook sets off, tried again as the inbox would."""
    while True:
        try:
            customers.refresh(who.customer.pk, cause=f"webhook {number}", with_stripe=True)
        except Busy:
            time.sleep(0.05)
        else:
            return


def changes_of(who: Person, order: random.Random) -> Callable[[], None]:
    """The plan goes to and fro; each change is followed by its webhook."""

    def work() -> None:
        for number in range(CHANGES):
            plan = ("plan-starter", "plan-pro")[number % 2]
            stigg.current().provision_subscription(
                customer_id=who.customer.stigg_id,
                choice=SubscriptionChoice(plan_id=plan, billing_period="MONTHLY"),
                subscription_id=f"subscription-{who.customer.pk}-{number}",
                metadata={},
            )
            time.sleep(order.uniform(0, 0.2))
            heard_of(who, number)

    return work


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("price_list")
def test_three_runs_beside_live_webhooks(
    sandbox: SandboxClient, monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    settings.TOLLGATE_MAX_CONCURRENT_CALLS = 20
    monkeypatch.setattr(runs, "BATCH", 2)
    everybody = [person(name) for name in ("ada", "bob", "eve")]
    for who in everybody:
        subscribe(who, sandbox)
    stop = threading.Event()

    def run_again_and_again() -> None:
        while not stop.is_set():
            for who in everybody:
                # By customer, so that the three runs are not each other's continuation.
                runs.reconcile(runs.Options(customer_id=who.customer.pk, calls_per_minute=60_000), Silent())

    def live() -> None:
        order = random.Random(SEED)  # noqa: S311 - an order, no secret
        try:
            in_threads(*(changes_of(who, order) for who in everybody))
        finally:
            stop.set()

    in_threads(live, run_again_and_again, run_again_and_again, run_again_and_again)
    said = reconcile("--dry-run", "--limit-per-minute", "60000")
    assert [str(drift) for drift in said.run.drifts.all()] == []
    assert said.code == 0
    for row in Subscription.objects.all():
        told = list(row.changes.filter(field="status").order_by("happened_at", "pk"))
        olds, news = [c.old_value for c in told[1:]], [c.new_value for c in told[:-1]]
        assert olds == news, "history tells of each transition once, and in order"
