"""Public pages: home and paywall. The paywall is rendered once for all who would see the same."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from typing import Any
from urllib.parse import urlencode

from django.contrib.messages import get_messages
from django.core.signals import setting_changed
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.template.loader import render_to_string
from django.templatetags.static import static
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import patch_cache_control
from django.utils.translation import get_language
from django.views.decorators.http import require_safe

from billing import conf
from billing.services import catalog, catalog_version, structured_data
from billing.services import paywall as service
from billing.services.paywall_address import Address, country_seen
from billing.services.theme import current as designer
from billing.views import kept_pages, language
from billing.views.access import customer_of, signed_in_user

TEMPLATE = "billing/paywall.html"
PREVIEW_IMAGE = "billing/preview.png"
# Two shelves, so that whoever plays with the address cannot push out what everybody asks for.
_usual = kept_pages.KeptPages(256)
_odd = kept_pages.KeptPages(128)


@dataclass(frozen=True)
class Wanted:
    """Everything in the paywall's address that changes what it shows; other parameters are nobody's business."""

    period: str
    plan_id: str
    asked: service.Asked
    product_id: str

    @classmethod
    @lru_cache(maxsize=128)
    def of(cls, query: str, country_seen: str) -> Wanted:
        """From the part behind the question mark. A period or a product that there is not counts as none."""
        given = QueryDict(query[:2000]).dict()
        asked = service.Asked.of(given, country_seen=country_seen)
        period, products = given.get("period", ""), catalog.product_ids()
        return cls(
            period=period if period in service.PERIODS else "",
            plan_id=given.get("plan", "")[:255],
            asked=asked,
            product_id=asked.product if asked.product in products else products[0],
        )

    @cached_property
    def key(self) -> Hashable:
        """The same for all addresses that show the same to the same visitor."""
        asked = self.asked
        places = (self.product_id, asked.resource, asked.country, asked.country_seen if asked.country is None else "")
        return (self.period, self.plan_id, *places, *asked.quantities.items())

    @cached_property
    def query(self) -> dict[str, str]:
        """The address again, without what is nobody's business: the page is kept, and others read its links."""
        asked = self.asked if self.asked.product == self.product_id else replace(self.asked, product="")
        return Address(self.period, asked).parameters() | ({"plan": self.plan_id} if self.plan_id else {})

    @cached_property
    def is_usual(self) -> bool:
        """Whether there are but a few addresses like it."""
        asked = self.asked
        return not (self.plan_id or asked.resource or asked.country or asked.quantities)


setting_changed.connect(lambda **_changed: Wanted.of.cache_clear(), weak=False)


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """The front page."""
    return render(request, "billing/home.html")


@require_safe
def paywall(request: HttpRequest) -> HttpResponse:
    """Plans and prices. `?period=` and `?plan=` make an address that shows one plan in one period."""
    wanted = Wanted.of(request.META.get("QUERY_STRING", ""), country_seen(request.META))
    if not request.user.is_authenticated:
        return _kept(request, wanted, looker=None)
    looker = _looker(request, wanted)
    if looker.has_payment_trouble or getattr(request.user, "is_staff", False) or len(get_messages(request)):
        return _personal(_body(request, wanted))
    return _kept(request, wanted, looker=looker)


@require_safe
def theme(request: HttpRequest, version: str) -> HttpResponse:
    """The designer's stylesheet. Its address changes with it; an old address gets the new one, not to be kept.

    `?product=` where it is not the usual product's.
    """
    product_id = request.GET.get("product", "")
    found = designer.of(catalog.current(product_id=product_id if product_id in catalog.product_ids() else None))
    if found is None:
        raise Http404
    response = HttpResponse(found.css, content_type="text/css; charset=utf-8")
    is_new = found.version == version
    response.headers["Cache-Control"] = "public, max-age=31536000, immutable" if is_new else "no-store"
    return response


def _looker(request: HttpRequest, wanted: Wanted) -> service.Looker:
    product_id = wanted.product_id if len(catalog.product_ids()) > 1 else ""
    return service.looker(
        signed_in_user(request), now=timezone.now(), product_id=product_id, resource_id=wanted.asked.resource
    )


def _kept(request: HttpRequest, wanted: Wanted, *, looker: service.Looker | None) -> HttpResponse:
    """The page for all who look alike; `looker` is None for everybody who is not signed in."""
    shelf = _usual if wanted.is_usual else _odd
    place = (get_language(), request.scheme, request.get_host(), wanted.key, looker and looker.likeness)
    country = service.country_for(wanted.asked, looker, product_id=wanted.product_id)
    version = catalog_version.current(product_id=wanted.product_id, country_code=country)
    page = shelf.find((version, *place)) if version else None
    if page is None:
        before = catalog_version.stored(product_id=wanted.product_id, country_code=country)
        body = _body(request, wanted)
        # A webhook may have changed the customer since: then the page is not that of those who look as they did.
        if kept_pages.holds_a_token(request) or (looker and _looker(request, wanted) != looker):
            return _personal(body)
        page = kept_pages.KeptPage.of(body)
        # Unless the price list changed meanwhile: then nobody knows which of the two is in the page.
        if before and before == catalog_version.stored(product_id=wanted.product_id, country_code=country):
            shelf.keep((before, *place), page)
    return kept_pages.answer(request, page, is_private=looker is not None)


def _personal(body: bytes) -> HttpResponse:
    """A page for one person alone."""
    response = HttpResponse(body)
    patch_cache_control(response, private=True, no_cache=True)
    return response


def _body(request: HttpRequest, wanted: Wanted) -> bytes:
    page = service.page(
        customer=customer_of(request), wanted_period=wanted.period, now=timezone.now(), asked=wanted.asked
    )
    prices = page.prices
    url = request.build_absolute_uri(reverse("billing:paywall"))
    own = {"product": wanted.product_id} if wanted.product_id != catalog.product_ids()[0] else {}
    own |= {"period": wanted.period} if wanted.period == page.period else {}
    own |= {"country": page.country_code} if page.country_code and page.country_code == wanted.asked.country else {}
    context: dict[str, Any] = {
        "page": page,
        "asked": wanted,
        "languages": language.choices(request, query=wanted.query),
        "canonical_url": language.canonical(url, own),
        "alternates": language.alternates(url, own),
        "preview_image_url": request.build_absolute_uri(static(PREVIEW_IMAGE)),
        "structured_data": structured_data.json_ld(
            prices.paywall,
            page.cards,
            page_url=url,
            brand=conf.current().site_name,
            where={name: value for name, value in own.items() if name != "period"},
        ),
        "theme": designer.of(prices),
        "theme_query": f"?{urlencode({'product': own['product']})}" if "product" in own else "",
        "prices_of": prices.fetched_at if getattr(request.user, "is_staff", False) else None,
    }
    return render_to_string(TEMPLATE, context, request).encode()
