"""What the customer may use, for templates of the host application.

{% load billing_gate %}
{% entitlement "feature-projects" requested=1 as projects %}
{% if projects %}<a href="…">New project</a>{% else %}{{ projects.usage }} of {{ projects.limit }} used{% endif %}
"""

from __future__ import annotations

from django import template
from django.http import HttpRequest
from django.template.context import RequestContext

from billing.models import Customer
from billing.services import customers, entitlements
from billing.services.entitlements import Decision, Requested

register = template.Library()


@register.simple_tag(takes_context=True)
def entitlement(context: RequestContext, feature_id: str, requested: Requested = None) -> Decision:
    """The decision about the signed-in user's customer: true in an `if` when granted. Visitors are refused."""
    return entitlements.check(_customer(context), feature_id, requested=requested)


def _customer(context: RequestContext) -> Customer | None:
    """Looked up once for each rendered template."""
    request: HttpRequest = context["request"]
    kept = context.render_context
    if "tollgate_customer" not in kept:
        kept["tollgate_customer"] = customers.find_customer(request.user) if request.user.is_authenticated else None
    found: Customer | None = kept["tollgate_customer"]
    return found
