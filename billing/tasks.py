"""Work for a worker: one task, told which kind of due rows to look at. The rows are the record, not the task."""

from __future__ import annotations

from collections.abc import Callable

from django.core.cache import cache
from django.db import transaction
from django.utils import timezone
from django_tasks import task

from billing import wake
from billing.models import CheckoutSession, Customer, OutgoingEmail, WebhookEvent
from billing.services import catalog, checkout, customers, emails
from billing.webhooks import dispatch

COALESCE_SECONDS = 1
KINDS: dict[str, Callable[[], int]] = {
    "events": dispatch.drain,
    "checkouts": lambda: checkout.work_due(timezone.now()),
    "customers": lambda: customers.work_due(timezone.now()),
    "emails": lambda: emails.work_due(timezone.now()),
    "catalog": lambda: catalog.work_due(timezone.now()),
}


@task()
def work(kind: str) -> int:
    """Work the due rows of `kind`; how many."""
    cache.delete(_key(kind))
    return KINDS[kind]()


def due_kinds() -> list[str]:
    """Kinds that have due rows now: what the sweep looks at."""
    now = timezone.now()
    has_work = {
        "events": WebhookEvent.objects.due(now),
        "checkouts": CheckoutSession.objects.due(now) | CheckoutSession.objects.overdue(now),
        "customers": Customer.objects.to_provision(now)
        | Customer.objects.to_refresh(now)
        | Customer.objects.to_send_details(now),
        "emails": OutgoingEmail.objects.due(now),
    }
    kinds = [kind for kind, rows in has_work.items() if rows.exists()]
    if "checkouts" not in kinds and CheckoutSession.objects.to_tidy(now).exists():
        kinds.append("checkouts")
    return kinds


def wake_worker(kind: str) -> None:
    """Queue one task for a burst of calls, not a task per call."""
    if cache.add(_key(kind), True, COALESCE_SECONDS):
        with transaction.atomic():
            work.enqueue(kind)


def register() -> None:
    """Answer the wake-up calls of the services."""
    wake.register(wake_worker)


def _key(kind: str) -> str:
    return f"tollgate.wake.{kind}"
