"""`{% paywall %}`: the plan cards in any template of the host, without our page around them.

`{% load billing_paywall %} … {% paywall_styles %} … {% paywall period="MONTHLY" highlight="plan-pro" %}`.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from urllib.parse import urlencode

from django import template
from django.http import HttpRequest, QueryDict
from django.utils import timezone

from billing import conf
from billing.errors import GatewayError
from billing.services import catalog
from billing.services import paywall as service
from billing.services.paywall_address import country_seen
from billing.services.plan_cards import PlanCard
from billing.services.theme import current as designer

register = template.Library()


@register.inclusion_tag("billing/embed/styles.html")
def paywall_styles(*, product: str = "") -> dict[str, Any]:
    """The links of the stylesheets, for the head of the host's page. Every rule is below `.tollgate-paywall`.

    `product`: as in `paywall`, for the look that Stigg's designer gave it.
    """
    products = catalog.product_ids()
    product_id = product if product in products else products[0]
    try:
        theme = designer.of(catalog.current(product_id=product_id))
    except GatewayError:
        theme = None
    return {"theme": theme, "theme_query": f"?{urlencode({'product': product_id})}" if product in products[1:] else ""}


@register.inclusion_tag("billing/embed/paywall.html", takes_context=True)
def paywall(
    context: dict[str, Any],
    *,
    product: str = "",
    period: str = "",
    highlight: str = "",
    hide: str = "",
    heading_level: int = 2,
) -> dict[str, Any]:
    """Cards for the customer that the request's user pays for, or for anybody.

    `period`: MONTHLY or ANNUALLY (the visitor's `?period=` goes before it). `highlight`: a plan's id, instead of the
    site's setting; `hide`: ids of plans with commas between them, besides those of the setting. `heading_level`: of
    the plans' names.
    Its links and forms stay on the host's page, and keep that page's own parameters.
    """
    request: HttpRequest | None = context.get("request")
    given = request.GET.dict() if request else {}
    asked = service.Asked.of(
        {**given, "product": product or given.get("product", "")},
        country_seen=country_seen(request.META) if request else "",
    )
    options = conf.current()
    if highlight:
        options = replace(options, highlighted_plan_id=highlight)
    if hide:
        also = tuple(part.strip() for part in hide.split(","))
        options = replace(options, hidden_plan_ids=(*options.hidden_plan_ids, *also))
    wanted = given.get("period", "")
    wanted = wanted if wanted in service.PERIODS else period
    try:
        page = service.page(
            customer=_customer(request), wanted_period=wanted, now=timezone.now(), asked=asked, options=options
        )
    except GatewayError:
        # The host's page is not ours to break: before the first price list is stored there is nothing to show.
        page = None
    here = _staying(page, request.GET if request else QueryDict()) if page else None
    return {"page": here, "heading_level": min(max(heading_level, 1), 6), "request": request, "is_embedded": True}


def _staying(page: service.PaywallPage, given: QueryDict) -> service.PaywallPage:
    """With links and forms that lead to the page that they stand in, with everything that its address says."""
    periods = tuple(replace(option, url=_with_period(given, option.value)) for option in page.periods)
    return replace(page, periods=periods, cards=tuple(_keeping(card, given) for card in page.cards))


def _with_period(given: QueryDict, period: str) -> str:
    query = given.copy()
    query["period"] = period
    return f"?{query.urlencode()}"


def _keeping(card: PlanCard, given: QueryDict) -> PlanCard:
    own = {field.parameter for field in card.quantities} | dict(card.kept).keys()
    others = [(name, value) for name, values in given.lists() for value in values if name not in own]
    return replace(card, kept=(*others, *card.kept))


def _customer(request: HttpRequest | None) -> Any:
    """Read late, for tags stand beside the views that know it."""
    from billing.services.customers import find_customer

    user = getattr(request, "user", None)
    return find_customer(user) if user is not None and user.is_authenticated else None
