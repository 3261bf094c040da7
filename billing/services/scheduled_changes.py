"""Taking back what has not happened yet: a change that waits for its day or its payment, or a trial."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import structlog
from django.utils.translation import gettext

from billing.errors import Busy, GatewayError, GatewayRejected
from billing.gateways import stigg
from billing.models import Subscription
from billing.services import customers, default_card, provisioning, text

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Waiting:
    """A change that is still to come; `is_unpaid` waits for money instead of a day."""

    title: str
    sentence: str
    is_unpaid: bool = False


def waiting_for(row: Subscription) -> Waiting | None:
    """What waits on the subscription, in words; the unpaid one first, for it is the more pressing."""
    if row.pending_updates:
        words = {"change": _what(row, row.pending_updates[0]), "plan": row.plan_name}
        return Waiting(
            gettext("A change is not paid for yet"),
            gettext("%(change)s, as soon as it is paid. Until then you keep %(plan)s as it is.") % words,
            is_unpaid=True,
        )
    if row.scheduled_updates:
        update = row.scheduled_updates[0]
        words = {"change": _what(row, update), "date": text.date(datetime.fromisoformat(update["scheduled_at"]))}
        return Waiting(gettext("A change is set"), gettext("%(change)s on %(date)s. Nothing changes before.") % words)
    return None


def cancel(row: Subscription) -> bool:
    """Drop what waits on the subscription; False when nothing did, any more. Harmless when repeated.

    Raises: GatewayError; then the change still stands.
    """
    if not row.pending_updates and not row.scheduled_updates:
        return False
    is_dropped = provisioning.drop_pending_update(row) if row.pending_updates else drop_scheduled(row)
    _look(row, cause="change taken back")
    default_card.try_to_restore_for(row)
    return is_dropped


def drop_scheduled(row: Subscription) -> bool:
    """Drop a change that waits for its day; False when there was none any more.

    Raises: GatewayError.
    """
    try:
        stigg.current().cancel_schedule(subscription_id=row.stigg_id)
    except GatewayRejected as error:
        if error.upstream_code != "FutureUpdateNotFound":
            raise
        return False
    return True


def cancel_trial(row: Subscription) -> bool:
    """End the trial at once; False when it is none any more, by what Stigg says now: a paid plan must not be ended so.

    Raises: Busy, GatewayError; then the trial goes on.
    """
    customers.refresh(row.customer_id, cause="trial to be canceled", subscription_ids=[row.stigg_id])
    row.refresh_from_db()
    if row.status != Subscription.Status.IN_TRIAL:
        return False
    stigg.current().cancel_subscription(subscription_id=row.stigg_id, when="IMMEDIATE")
    _look(row, cause="trial canceled")
    return True


def _look(row: Subscription, *, cause: str) -> None:
    """It is done; when the rows cannot be renewed now, a worker does it."""
    try:
        customers.refresh(row.customer_id, cause=cause, subscription_ids=[row.stigg_id])
    except (Busy, GatewayError) as error:
        log.warning("subscription.refresh_postponed", subscription_id=row.stigg_id, error=str(error))
        customers.refresh_soon(row.customer_id)


def _what(row: Subscription, update: dict[str, Any]) -> str:
    """The change in a few words."""
    if update["target_id"] and update["target_id"] != row.plan_id:
        return gettext("%(old)s becomes %(new)s") % {"old": row.plan_name, "new": update["target_name"]}
    if update["billing_period"] and update["billing_period"] != row.billing_period:
        words = {"plan": row.plan_name, "period": text.period_unit(update["billing_period"])}
        return gettext("%(plan)s is billed %(period)s") % words
    if update.get("quantity") and update["type"] == "UnitAmount":
        words = {"plan": row.plan_name, "count": text.number(update["quantity"])}
        return gettext("%(plan)s goes on with a quantity of %(count)s") % words
    return gettext("%(plan)s goes on with other quantities or add-ons") % {"plan": row.plan_name}
