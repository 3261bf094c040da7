"""For the tests of reconcile: what a run said and wrote, and the world moving on without a webhook."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from io import StringIO
from typing import Any

import requests
from django.core.management import CommandError, call_command
from django.db import connection

from billing.gateways import stigg
from billing.models import ReconcileDrift, ReconcileRun
from tests.sandbox_process import STRIPE_KEY, SandboxClient

OWN_TABLES = ("billing_reconcilerun", "billing_reconciledrift")


@dataclass
class Said:
    """A finished command."""

    code: int
    text: str

    @property
    def run(self) -> ReconcileRun:
        return ReconcileRun.objects.latest("pk")

    @property
    def drifts(self) -> dict[tuple[str, str], ReconcileDrift]:
        return {(drift.kind, drift.field): drift for drift in self.run.drifts.all()}


def reconcile(*arguments: str) -> Said:
    """`manage.py reconcile`."""
    out, code = StringIO(), 0
    try:
        call_command("reconcile", *arguments, stdout=out, stderr=StringIO())
    except SystemExit as end:
        code = int(end.code or 0)
    except CommandError as error:
        return Said(error.returncode, str(error))
    return Said(code, out.getvalue())


@dataclass
class Writes:
    """Statements that changed rows other than the run's own."""

    statements: list[str] = field(default_factory=list)

    def __call__(self, execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        verb = sql.lstrip().split(" ", 1)[0].upper()
        if verb in {"INSERT", "UPDATE", "DELETE"} and not any(f'"{table}"' in sql for table in OWN_TABLES):
            self.statements.append(sql)
        return execute(sql, params, many, context)


@contextmanager
def counted_writes() -> Iterator[Writes]:
    writes = Writes()
    with connection.execute_wrapper(writes):
        yield writes


def cancel_at_stigg(subscription_id: str) -> None:
    """By somebody in Stigg's app; we are not told."""
    stigg.current().cancel_subscription(subscription_id=subscription_id, when="IMMEDIATE")


def detach_at_stripe(sandbox: SandboxClient, payment_method_id: str) -> None:
    """By somebody in Stripe's dashboard; we are not told."""
    answer = requests.post(
        f"{sandbox.stripe_url}/v1/payment_methods/{payment_method_id}/detach", auth=(STRIPE_KEY, ""), timeout=10
    )
    answer.raise_for_status()


class Silent:
    """Nobody looks on."""

    def begun(self, run: ReconcileRun, *, is_resumed: bool) -> None: ...
    def progressed(self, run: ReconcileRun, read_in_batch: int) -> None: ...
    def found(self, drifts: Any) -> None: ...
    def unread(self, customer_id: Any, reason: str) -> None: ...
