"""The paywall: what this visitor may buy, and what they have. Served from the stored price list."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext

from billing import conf, wording
from billing.models import Customer
from billing.services import catalog, catalog_version, plan_cards, plan_prices, text
from billing.services.comparison import Comparison, comparison
from billing.services.paywall_address import Address, Asked, cancel_change_url
from billing.services.paywall_visitor import Looker, looker, visitor_for
from billing.services.plan_cards import PlanCard
from billing.services.plan_visitor import Visitor

__all__ = ["Asked", "Looker", "Option", "PaywallPage", "PeriodOption", "country_for", "looker", "page", "visitor_for"]


@dataclass(frozen=True, slots=True)
class Option:
    """One of several that can be chosen, with the address that chooses it."""

    value: str
    label: str
    url: str
    is_current: bool


PeriodOption = Option
PERIODS = ("MONTHLY", "ANNUALLY")


@dataclass(frozen=True, slots=True)
class PaywallPage:
    """Everything that the paywall shows, and the price list that it is made from."""

    prices: catalog.Catalog
    cards: tuple[PlanCard, ...]
    period: str
    periods: tuple[Option, ...]
    saving_label: str
    is_signed_in: bool
    comparison: Comparison | None
    notice: str = ""
    products: tuple[Option, ...] = ()
    countries: tuple[Option, ...] = ()
    country_kept: tuple[tuple[str, str], ...] = ()
    """What the form of countries has to send along."""
    country_code: str = ""
    """Whose prices these are; "" are the default ones."""
    product_id: str = ""

    @property
    def has_units(self) -> bool:
        """Whether a number of units can be set on any card."""
        return any(card.quantities for card in self.cards)


def page(
    *,
    customer: Customer | None,
    wanted_period: str,
    now: datetime,
    asked: Asked | None = None,
    options: conf.BillingConf | None = None,
) -> PaywallPage:
    """The paywall for a customer, or for anybody; with other options than the site's where `options` says so.

    Raises: GatewayError, only when no price list was ever stored and Stigg does not answer.
    """
    options, asked = options or conf.current(), asked or Asked()
    products = catalog.product_ids()
    product_id = asked.product if asked.product in products else products[0]
    asked = replace(asked, product=product_id if len(products) > 1 and product_id != products[0] else "")
    visitor = visitor_for(
        customer, now=now, product_id=product_id if len(products) > 1 else "", resource_id=asked.resource
    )
    own_country = customer.country if customer else ""
    country = country_for(asked, Looker(visitor, own_country), product_id=product_id)
    listed = catalog.current(country_code=country, product_id=product_id, now=now)
    paywall = listed.paywall
    hidden = frozenset(options.hidden_plan_ids)
    on_show = plan_cards.on_show(paywall, visitor=visitor, hidden=hidden, only_eligible=options.only_eligible_plans)
    available = plan_prices.periods(on_show)
    period = (
        wanted_period
        if wanted_period in available
        else plan_prices.default_period(
            on_show, preferred=options.preferred_billing_period, current=visitor.current_period
        )
    )
    cards = plan_cards.plan_cards(
        paywall,
        period=period,
        visitor=visitor,
        highlighted_plan_id=options.highlighted_plan_id,
        hidden=hidden,
        only_eligible=options.only_eligible_plans,
        asked=asked.quantities,
    )
    address = Address(period, asked)
    percent = plan_prices.saving_percent(on_show) if len(available) > 1 else 0
    has_choice = not own_country and not visitor.currency
    return PaywallPage(
        prices=listed,
        cards=tuple(_addressed(card, address, visitor, country=country if has_choice else "") for card in cards),
        period=period,
        periods=_period_options(available, address),
        saving_label=gettext("Save up to %(percent)s%%") % {"percent": percent} if percent > 0 else "",
        is_signed_in=visitor.is_signed_in,
        comparison=comparison(paywall, cards),
        notice="" if cards else wording.say("paywall_empty"),
        products=_product_options(products, product_id, address),
        countries=_country_options(listed, country, address) if has_choice else (),
        country_kept=address.kept("country"),
        country_code=country if country in dict(listed.price_countries) else "",
        product_id=product_id,
    )


def country_for(asked: Asked, looker: Looker | None, *, product_id: str) -> str:
    """Whose prices are shown: those of an order. A paid subscription keeps its currency, wherever one has moved."""
    visitor = looker.visitor if looker else Visitor()
    own = looker.country if looker else ""
    if visitor.currency:
        version = catalog_version.current(product_id=product_id)
        return _country_with(version, visitor.current_plan_id, visitor.currency, own)
    return asked.country_for(own)


@lru_cache(maxsize=256)
def _country_with(_version: str, plan_id: str, currency: str, preferred: str) -> str:
    """Once for each price list: it is asked for on each visit, also of a page that is kept."""
    return catalog.country_for(plan_id, currency, preferred=preferred)


def _addressed(card: PlanCard, address: Address, visitor: Visitor, *, country: str) -> PlanCard:
    """With links, so that the public page needs no form but those that read, and can be cached whole."""
    action, change = card.action, card.next_change
    if action.intent == "checkout":
        quantities = {field.feature_id: field.value for field in card.quantities}
        action = replace(action, url=address.checkout_url(card.plan_id, address.period, quantities, country=country))
    elif action.intent == "contact":
        action = replace(action, url=f"{reverse('billing:contact')}?{urlencode({'plan': card.plan_id})}")
    if change is not None:
        change = replace(change, cancel_url=cancel_change_url(visitor.subscription_id))
    kept = address.kept(*(field.parameter for field in card.quantities))
    return replace(card, action=action, next_change=change, kept=kept)


def _period_options(available: tuple[str, ...], address: Address) -> tuple[Option, ...]:
    if len(available) < 2:
        return ()
    return tuple(
        Option(period, text.period_name(period), address.url(period=period), is_current=period == address.period)
        for period in available
    )


def _product_options(products: tuple[str, ...], current: str, address: Address) -> tuple[Option, ...]:
    if len(products) < 2:
        return ()
    return tuple(
        Option(product, catalog.stored_product_name(product), address.product_url(product), product == current)
        for product in products
    )


def _country_options(listed: catalog.Catalog, current: str, address: Address) -> tuple[Option, ...]:
    """Countries with prices of their own, and all others; nothing to choose while there is one currency."""
    default = listed.default_currency
    if not {currency for _country, currency in listed.price_countries} - {default}:
        return ()
    names = text.country_names()
    found = [(code, f"{names.get(code, code)} ({currency})") for code, currency in listed.price_countries]
    options = [("", gettext("Other countries (%(currency)s)") % {"currency": default})]
    options += sorted(found, key=lambda pair: pair[1])
    chosen = current if current in dict(listed.price_countries) else ""
    return tuple(Option(code, label, address.url(country=code), code == chosen) for code, label in options)
