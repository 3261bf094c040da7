"""The plan that an anonymous visitor picked before signing up: read from the address they are sent to afterwards."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import parse_qs, urlsplit

from django import template
from django.urls import reverse

from billing.errors import GatewayError
from billing.services import catalog, text

register = template.Library()


@dataclass(frozen=True, slots=True)
class ChosenPlan:
    """What the sign-up pages say about the choice."""

    name: str
    period_label: str
    period: str


@register.simple_tag
def chosen_plan(next_url: str | None) -> ChosenPlan | None:
    """The plan in `next_url` when that address starts a checkout; None when it does not or no such plan is sold."""
    address = urlsplit(next_url or "")
    if address.netloc or address.path != reverse("billing:checkout_start"):
        return None
    query = parse_qs(address.query)
    plan_id, period = query.get("plan", [""])[0], query.get("period", [""])[0]
    try:
        plan = catalog.selling(plan_id).paywall.find_plan(plan_id)
    except GatewayError:
        return None
    if plan is None:
        return None
    # A free plan has no period to speak of.
    label = text.period_name(period) if plan.pricing_type == "PAID" else ""
    return ChosenPlan(name=plan.display_name, period_label=label, period=period if label else "")
