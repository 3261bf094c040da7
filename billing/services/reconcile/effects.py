"""What follows from mended rows, as if a webhook had brought them: checkouts move along, the host is told."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from billing.mirror import entitlements, mend
from billing.mirror.compare import Change, Kind, Remedy
from billing.mirror.subscriptions import UpsertResult
from billing.models import CheckoutSession, Customer, Subscription
from billing.services.customers import announce
from billing.services.settlement import settle


def follow(written: Iterable[Change], cause: str) -> None:
    """Call inside the transaction that wrote the changes."""
    moved = {change.pk: mend.transitions(change) for change in written if change.kind == Kind.SUBSCRIPTION}
    moved = {pk: told for pk, told in moved.items() if told}
    rows = Subscription.objects.select_related("customer").in_bulk(
        [pk for pk, told in moved.items() if _is_news(UpsertResult(Subscription(), told))]
    )
    announce([UpsertResult(row, moved[pk]) for pk, row in rows.items()], entitlements_of=None)
    touched = {change.customer_id for change in written if change.kind == Kind.SUBSCRIPTION}
    waiting = CheckoutSession.objects.live().filter(customer_id__in=touched, subscription__isnull=False)
    for customer in Customer.objects.filter(pk__in=waiting.values("customer_id")):
        settle(customer)
    for customer in Customer.objects.filter(pk__in=_with_other_access(written)):
        announce([], entitlements_of=customer)


def _is_news(result: UpsertResult) -> bool:
    return result.is_activation or result.is_payment_failure


def _with_other_access(written: Iterable[Change]) -> set[UUID]:
    found: set[UUID] = set()
    for change in written:
        if change.kind == Kind.ENTITLEMENT:
            if change.remedy != Remedy.UPDATE or change.told.keys() & set(entitlements.COMPARED):
                found.add(change.customer_id)
        elif change.kind == Kind.CUSTOMER and "entitlements_denied_reason" in change.told:
            found.add(change.customer_id)
    return found
