"""What search engines read of the price list: schema.org Products with their Offers, as JSON-LD. Pure.

Source: https://schema.org/Offer and https://schema.org/UnitPriceSpecification
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from billing.gateways.stigg.types import PaywallSnapshot, PlanSnapshot
from billing.money import Money
from billing.services.plan_cards import PlanCard
from billing.services.plan_prices import charged

# UN/CEFACT Common Codes of a month and a year, as schema.org's unitCode takes them, and the same in ISO 8601.
UNITS = {"MONTHLY": ("MON", "P1M"), "ANNUALLY": ("ANN", "P1Y")}
# Characters that could end the script element, or mean something to an XML parser.
ESCAPES = {ord("<"): "\\u003C", ord(">"): "\\u003E", ord("&"): "\\u0026"}


def json_ld(
    paywall: PaywallSnapshot,
    cards: tuple[PlanCard, ...],
    *,
    page_url: str,
    brand: str,
    where: Mapping[str, str] | None = None,
) -> str:
    """A JSON-LD document, safe inside a script element; one Product for each plan on show that has a price.

    `where`: what the page has to be told to show these prices, as its product and its country.
    """
    shown = [plan for card in cards if (plan := paywall.find_plan(card.plan_id)) is not None]
    address = f"{page_url}?{urlencode(where or {})}"
    products = [_product(paywall, plan, address, brand) for plan in shown]
    document = {"@context": "https://schema.org", "@graph": [found for found in products if found]}
    return json.dumps(document, ensure_ascii=False, separators=(",", ":")).translate(ESCAPES)


def _product(paywall: PaywallSnapshot, plan: PlanSnapshot, page_url: str, brand: str) -> dict[str, Any] | None:
    if plan.pricing_type == "FREE":
        offers = [_offer(Money(0, paywall.currency), url=_url(page_url, plan.plan_id, ""))]
    else:
        offers = [
            _offer(amount, url=_url(page_url, plan.plan_id, period), period=period, is_least=_is_least(plan, period))
            for period in plan.periods
            if plan.pricing_type == "PAID" and not plan.is_by_usage_alone(period)
            if (amount := charged(paywall, plan, period)) is not None
        ]
    if not offers:
        return None
    product = {"@type": "Product", "name": plan.display_name, "brand": {"@type": "Brand", "name": brand}}
    return product | ({"description": plan.description} if plan.description else {}) | {"offers": offers}


def _offer(amount: Money, *, url: str, period: str = "", is_least: bool = False) -> dict[str, Any]:
    """`is_least`: other charges come on top, so the price is where the plan starts."""
    price = {"price": f"{amount.decimal:f}", "priceCurrency": amount.currency}
    offer = {"@type": "Offer", **price, "url": url, "availability": "https://schema.org/InStock"}
    if not period:
        return offer
    unit, duration = UNITS[period]
    terms = {"@type": "UnitPriceSpecification", **price, "unitCode": unit, "billingDuration": duration}
    if is_least:
        terms["minPrice"] = terms.pop("price")
    return offer | {"priceSpecification": terms}


def _is_least(plan: PlanSnapshot, period: str) -> bool:
    return len(plan.prices_in(period)) > 1


def _url(page_url: str, plan_id: str, period: str) -> str:
    """Where a browser finds this plan in this period."""
    more = urlencode({"plan": plan_id} | ({"period": period} if period else {}))
    return f"{page_url}{more}" if page_url.endswith("?") else f"{page_url}&{more}"
