"""Which customers a run looks at, batch by batch in the order of their keys, and what we know of each beforehand."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet

from billing.models import Customer, Invoice, Subscription, WebhookEvent

WORKED = (WebhookEvent.State.DONE, WebhookEvent.State.IGNORED)
MOST_UNWORKED = 1000
UNPAID = (Invoice.Status.DRAFT, Invoice.Status.OPEN)


@dataclass(slots=True)
class Target:
    """A customer before the read. The lease's token tells afterwards whether somebody else was at it meanwhile."""

    pk: UUID
    stripe_id: str
    lease_token: int
    is_leased: bool
    subscriptions: dict[str, str] = field(default_factory=dict)
    """Stigg's id → the status that we show."""
    unpaid_invoices: list[str] = field(default_factory=list)

    @property
    def stigg_id(self) -> str:
        """The customer id at Stigg."""
        return str(self.pk)


def select(*, customer_id: UUID | None, since: datetime | None) -> QuerySet[Customer]:
    """All customers, one, or those about whom something may have changed since then.

    That is: new ones, those that we read or heard of, and those with a subscription that may move by itself.
    """
    customers = Customer.objects.order_by("pk")
    if customer_id is not None:
        return customers.filter(pk=customer_id)
    if since is None:
        return customers
    running = Subscription.objects.filter(customer=OuterRef("pk")).exclude(status__in=Subscription.FINISHED)
    lately = WebhookEvent.objects.filter(received_at__gte=since)
    heard = lately.filter(source=WebhookEvent.Source.STRIPE, customer_ref=OuterRef("stripe_id"))
    # Stigg's events name a customer by our key, which each database writes in its own way.
    unworked = lately.filter(source=WebhookEvent.Source.STIGG).exclude(state__in=WORKED).order_by()
    refs = unworked.values_list("customer_ref", flat=True).distinct()[:MOST_UNWORKED]
    return customers.filter(
        Q(created_at__gte=since)
        | Q(mirrored_at__gte=since)
        | Q(Exists(running))
        | Q(Exists(heard))
        | Q(pk__in=mentioned(refs))
    )


def after(customers: QuerySet[Customer], cursor: str, *, size: int) -> list[UUID]:
    """The next keys behind `cursor`."""
    rows = customers.filter(pk__gt=UUID(cursor)) if cursor else customers
    return list(rows.values_list("pk", flat=True)[:size])


def load(pks: Iterable[UUID], *, now: datetime) -> list[Target]:
    """The customers as they are now, in the order of their keys."""
    rows = Customer.objects.filter(pk__in=pks).order_by("pk")
    targets = {
        pk: Target(pk, stripe_id or "", token, leased_until is not None and leased_until > now)
        for pk, stripe_id, token, leased_until in rows.values_list("pk", "stripe_id", "lease_token", "leased_until")
    }
    known = Subscription.objects.filter(customer_id__in=targets).order_by()
    for customer_id, stigg_id, status in known.values_list("customer_id", "stigg_id", "status"):
        targets[customer_id].subscriptions[stigg_id] = status
    unpaid = Invoice.objects.filter(customer_id__in=targets, status__in=UNPAID).order_by("pk")
    for customer_id, stripe_id in unpaid.values_list("customer_id", "stripe_id"):
        targets[customer_id].unpaid_invoices.append(stripe_id)
    return list(targets.values())


def mentioned(customer_ids: Iterable[str]) -> list[UUID]:
    """Those of Stigg's customer ids that are ours."""
    keys = set()
    for text in customer_ids:
        try:
            keys.add(UUID(text))
        except ValueError:
            continue
    return sorted(Customer.objects.filter(pk__in=keys).values_list("pk", flat=True))
