"""Who stands before a guarded view: what they have, what is granted to them, and what they read there."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

from django.http import HttpResponse
from django.utils import timezone

from billing.models import Entitlement, Subscription
from tests.people import Person


def on_plan(who: Person, plan_id: str, name: str, **fields: Any) -> Subscription:
    given = {
        "status": "ACTIVE",
        "pricing_type": "PAID",
        "billing_period": "MONTHLY",
        "product_id": "product-tollgate",
    } | fields
    return Subscription.objects.create(
        customer=who.customer,
        stigg_id=f"subscription-{plan_id}",
        plan_id=plan_id,
        plan_name=name,
        mirrored_at=timezone.now(),
        **given,
    )


def projects(who: Person, *, used: int, limit: int, **fields: Any) -> None:
    Entitlement.objects.create(
        customer=who.customer,
        feature_id="feature-projects",
        display_name="Projects",
        feature_type="NUMBER",
        meter_type="Fluctuating",
        units="project",
        units_plural="projects",
        is_granted=True,
        usage_limit=Decimal(limit),
        current_usage=Decimal(used),
        mirrored_at=timezone.now(),
        **fields,
    )


def grant(who: Person, feature_id: str, **fields: Any) -> None:
    given = {"display_name": feature_id, "feature_type": "BOOLEAN", "is_granted": True} | fields
    Entitlement.objects.create(customer=who.customer, feature_id=feature_id, mirrored_at=timezone.now(), **given)


def text_of(answer: HttpResponse) -> str:
    without_tags = re.sub(r"<[^>]+>", " ", answer.content.decode())
    return " ".join(without_tags.replace("&#x27;", "'").split())
