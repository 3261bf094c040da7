"""What a paywall's address says: period, product, resource, country, quantities. Nothing else is kept of a visitor."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from django.http.request import HttpHeaders
from django.urls import reverse

from billing import conf

COUNTRY = re.compile(r"[A-Z]{2}")
IDENTIFIER = re.compile(r"[\w.:@-]{1,255}")
QUANTITY = re.compile(r"\d{1,9}", re.ASCII)
MAX_QUANTITIES = 20


@dataclass(frozen=True, slots=True)
class Asked:
    """The wishes of a visitor, checked for their form only."""

    product: str = ""
    resource: str = ""
    country: str | None = None
    """"" is the choice of the default prices, None no choice at all."""
    country_seen: str = ""
    """Where a proxy of ours saw the visitor."""
    quantities: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, parameters: Mapping[str, str], *, country_seen: str = "") -> Asked:
        """From a request's parameters; what does not look right is left out."""
        country = parameters.get("country")
        quantities = {
            name: value
            for name, value in parameters.items()
            if name.startswith("quantity-") and IDENTIFIER.fullmatch(name) and QUANTITY.fullmatch(value)
        }
        return cls(
            product=_matching(IDENTIFIER, parameters.get("product", "")),
            resource=_matching(IDENTIFIER, parameters.get("resource", "")),
            country=None if country is None else _matching(COUNTRY, country.upper()),
            country_seen=_matching(COUNTRY, country_seen.upper()),
            quantities=dict(list(quantities.items())[:MAX_QUANTITIES]),
        )

    def country_for(self, customer_country: str) -> str:
        """The customer's own, else the one chosen, else where they seem to be; "" is none of these."""
        if customer_country:
            return customer_country
        return self.country_seen if self.country is None else self.country


@dataclass(frozen=True, slots=True)
class Address:
    """A paywall's shareable address, and what its links and forms have to carry on."""

    period: str
    asked: Asked

    def parameters(self) -> dict[str, str]:
        """All of them, without those that say nothing."""
        asked = self.asked
        country = {} if asked.country is None else {"country": asked.country}
        told = {"period": self.period, "product": asked.product, "resource": asked.resource}
        return {name: value for name, value in told.items() if value} | country | dict(asked.quantities)

    def url(self, **changes: str) -> str:
        """The page with some of it changed."""
        return f"{reverse('billing:paywall')}?{urlencode(self.parameters() | changes)}"

    def product_url(self, product: str) -> str:
        """The page of another product: its plans and quantities are others."""
        asked = {"product": product, "resource": self.asked.resource}
        country = {} if self.asked.country is None else {"country": self.asked.country}
        query = {"period": self.period} | {name: value for name, value in asked.items() if value} | country
        return f"{reverse('billing:paywall')}?{urlencode(query)}"

    def kept(self, *without: str) -> tuple[tuple[str, str], ...]:
        """What a form on the page sends along, but for its own fields."""
        return tuple((name, value) for name, value in self.parameters().items() if name not in without)

    def checkout_url(self, plan_id: str, period: str, quantities: Mapping[str, int], *, country: str = "") -> str:
        """Where a plan is bought with these quantities (feature id → units), at the prices of the country shown.

        Without the product: the plan tells it.
        """
        told = {"resource": self.asked.resource, "country": country}
        units = {f"quantity-{feature_id}": str(count) for feature_id, count in quantities.items()}
        query = {"plan": plan_id, "period": period} | units | {key: value for key, value in told.items() if value}
        return f"{reverse('billing:checkout_start')}?{urlencode(query)}"


def country_seen(environ: Mapping[str, Any]) -> str:
    """What a CDN of ours says of the visitor's country, if the host has named its header; from a request's META."""
    header = conf.current().country_header
    return str(environ.get(HttpHeaders.to_wsgi_name(header), "")) if header else ""


def cancel_change_url(subscription_id: str) -> str:
    """Where a customer takes back a change that is agreed for later."""
    return reverse("billing:cancel_scheduled_change", args=[subscription_id])


def resource(given: str) -> str:
    """A resource's id, or "" for what does not look like one."""
    return _matching(IDENTIFIER, given)


def _matching(pattern: re.Pattern[str], value: str) -> str:
    return value if pattern.fullmatch(value) else ""
