"""Questions about custom plans: kept first, then told to staff by e-mail, so that none is lost while mail is down."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import get_language

from billing import conf
from billing.errors import GatewayError, TooManyAttempts
from billing.models import ContactRequest, Customer
from billing.services import catalog, emails

log = structlog.get_logger(__name__)

WINDOW = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Question:
    """What somebody wrote; `plan_id` is "" where they do not know which plan it is to be."""

    name: str
    email: str
    message: str
    plan_id: str = ""
    seats: int | None = None


def plans() -> tuple[tuple[str, str], ...]:
    """Id and name of the plans of all products that one may ask about; none where there is no price list to be had."""
    try:
        listed = [catalog.current(product_id=product_id).paywall for product_id in catalog.product_ids()]
    except GatewayError:
        return ()
    hidden = conf.current().hidden_plan_ids
    plans = [plan for paywall in listed for plan in paywall.plans]
    return tuple((plan.plan_id, plan.display_name) for plan in plans if plan.plan_id not in hidden)


def ask(question: Question, *, customer: Customer | None, address_digest: str, now: datetime) -> ContactRequest:
    """Keep the question and have the worker tell staff.

    Raises: TooManyAttempts, and then nothing is kept.
    """
    with transaction.atomic():
        _refuse_flood(address_digest, now=now)
        request = ContactRequest.objects.create(
            name=question.name,
            email=question.email,
            message=question.message,
            plan_id=question.plan_id,
            plan_name=dict(plans()).get(question.plan_id, ""),
            seats=question.seats,
            customer=customer,
            language=get_language() or "",
            address_digest=address_digest,
        )
        emails.queue_contact(request)
    log.info("contact.asked", contact_request=request.pk, plan_id=request.plan_id)
    return request


def _refuse_flood(address_digest: str, *, now: datetime) -> None:
    limit = conf.current().contact_requests_per_address_per_hour
    recent = ContactRequest.objects.filter(address_digest=address_digest, created_at__gt=now - WINDOW)
    times = list(recent.order_by("-created_at").values_list("created_at", flat=True)[:limit])
    if address_digest and len(times) >= limit:
        wait = int((times[-1] + WINDOW - now).total_seconds()) + 1
        raise TooManyAttempts(f"{limit} contact requests in {WINDOW}", retry_after_seconds=wait)


def mark_handled(requests: QuerySet[ContactRequest]) -> int:
    """Staff have answered these; how many were still waiting."""
    return requests.filter(handled_at=None).update(handled_at=timezone.now())
