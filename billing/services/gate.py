"""What a customer reads where an entitlement is refused: why, what would grant it, what that costs, and who can buy it.

Rows and the stored price list only; without a price list it still says why, and leads to the plans.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from urllib.parse import urlencode

from babel.lists import format_list
from django.contrib.auth.models import AbstractBaseUser
from django.urls import reverse
from django.utils.translation import gettext

from billing import conf
from billing.errors import GatewayError
from billing.gateways.stigg.types import PaywallSnapshot
from billing.models import Customer, Membership, Subscription
from billing.services import catalog, current, gate_words, plan_prices, text, upgrades
from billing.services.entitlements import Decision
from billing.services.plan_prices import PriceText
from billing.services.upgrades import Holding, Offer

Status = Subscription.Status
LOOKED_AT = (*Subscription.GRANTING, Status.PAYMENT_PENDING)


@dataclass(frozen=True, slots=True)
class Prompt:
    """The paywall in place, ready to print. `action_url` is empty for a member who may not pay."""

    refusal: Decision
    feature_name: str
    title: str
    sentences: tuple[str, ...]
    offer: Offer | None = None
    offer_name: str = ""
    price: PriceText | None = None
    action_label: str = ""
    action_url: str = ""
    payers: tuple[str, ...] = field(default=())


def prompt_for(refusal: Decision, *, customer: Customer | None, may_pay: bool) -> Prompt:
    """What to show for a refusal. Asks Stigg only where no price list was ever stored."""
    rows = list(customer.subscriptions.filter(status__in=LOOKED_AT)) if customer else []
    paywall, rows = _product(refusal.feature_id, rows, country_code=customer.country if customer else "")
    held = _held(rows)
    unpaid = _unpaid(rows, held)
    name = refusal.name or _feature_name(paywall, refusal.feature_id) or gettext("This feature")
    title = gate_words.why(refusal, name=name, plan_name=held.plan_name if held else "")
    payers = () if may_pay or customer is None else _payers(customer)
    holding, offer = _holding(held), None
    if unpaid is not None:
        sentences: tuple[str, ...] = (gate_words.unpaid(unpaid.plan_name),)
        label, url = gettext("Go to your payment"), reverse("billing:account")
    else:
        offer = _offer(paywall, refusal, holding)
        sentences = gate_words.help_sentences(refusal, offer)
        label, url = gate_words.action_label(offer, has_plan=held is not None), _url(offer, refusal, holding)
    return Prompt(
        refusal,
        feature_name=name,
        title=title,
        sentences=(*sentences, *_ask(payers)),
        offer=offer,
        offer_name=_offer_name(offer),
        price=_price(paywall, offer),
        action_label="" if payers else label,
        action_url="" if payers else url,
        payers=payers,
    )


def _product(
    feature_id: str, rows: list[Subscription], *, country_code: str
) -> tuple[PaywallSnapshot | None, list[Subscription]]:
    """The price list that knows the feature, of a product that the customer has before others, and what they have
    of that product."""
    products = catalog.product_ids()
    had = {row.product_id for row in rows}
    first: PaywallSnapshot | None = None
    for product_id in sorted(products, key=lambda product: product not in had):
        of_product = rows if len(products) == 1 else [row for row in rows if row.product_id == product_id]
        try:
            country = _country(_held(of_product), preferred=country_code)
            paywall = catalog.current(country_code=country, product_id=product_id).paywall
        except GatewayError:
            continue
        if len(products) == 1 or _feature_name(paywall, feature_id):
            return paywall, of_product
        first = first or paywall
    return first, rows


def _country(held: Subscription | None, *, preferred: str) -> str:
    """Whose prices count, as in an order: a running paid subscription keeps its currency."""
    if held is None or not current.is_paid(held):
        return preferred
    return catalog.country_for(held.plan_id, held.currency, preferred=preferred)


def _held(rows: list[Subscription]) -> Subscription | None:
    """What gives access now. Entitlements are read without a resource, so the subscription that is for none goes
    before those of a workspace or site; then a trial before others."""
    granting = (row for row in rows if row.grants_access)
    return min(granting, key=lambda row: (row.resource_id != "", row.status != Status.IN_TRIAL), default=None)


def _unpaid(rows: list[Subscription], held: Subscription | None) -> Subscription | None:
    """A subscription that only waits for its first payment, beside no more than a free plan or a trial of the same
    resource: to sell another one would be wrong."""
    if current.is_paid(held):
        return None
    pending = (row for row in rows if row.status == Status.PAYMENT_PENDING)
    return next((row for row in pending if held is None or row.resource_id == held.resource_id), None)


def _feature_name(paywall: PaywallSnapshot | None, feature_id: str) -> str:
    for plan in paywall.plans if paywall else ():
        addons = [item for addon in plan.compatible_addons for item in addon.entitlements]
        for item in (*plan.entitlements, *plan.inherited_entitlements, *addons):
            if item.feature.feature_id == feature_id:
                return item.feature.display_name
    return ""


def _payers(customer: Customer) -> tuple[str, ...]:
    rows = Membership.objects.may_pay().filter(customer=customer).select_related("user")
    return tuple(_name(row.user) for row in rows)


def _name(user: AbstractBaseUser) -> str:
    """A full name where the host's user model has them: Django asks that of none."""
    full_name: str = user.get_full_name() if hasattr(user, "get_full_name") else ""
    return full_name or str(user)


def _ask(payers: tuple[str, ...]) -> tuple[str, ...]:
    if not payers:
        return ()
    people = format_list(payers, style="or", locale=text.locale())
    return (gettext("Please ask %(people)s: they can change the plan.") % {"people": people},)


def _holding(held: Subscription | None) -> Holding:
    if held is None:
        return Holding()
    return Holding(held.plan_id, held.billing_period, held.addon_quantities, held.resource_id)


def _offer(paywall: PaywallSnapshot | None, refusal: Decision, holding: Holding) -> Offer | None:
    if paywall is None:
        return None
    options = conf.current()
    period = plan_prices.default_period(paywall, preferred=options.preferred_billing_period)
    period = holding.period or period
    return upgrades.cheapest_offer(paywall, refusal, holding, period=period, hidden=options.hidden_plan_ids)


def _offer_name(offer: Offer | None) -> str:
    if offer is None:
        return ""
    return offer.addon.display_name if offer.addon else offer.plan.display_name


def _price(paywall: PaywallSnapshot | None, offer: Offer | None) -> PriceText | None:
    if paywall is None or offer is None or offer.kind == "contact":
        return None
    if offer.kind == "plan":
        return plan_prices.price_text(paywall, offer.plan, offer.period)
    if offer.price is None:
        return None
    return PriceText(text=text.money(offer.price), unit=text.period_unit(offer.period))


def _url(offer: Offer | None, refusal: Decision, holding: Holding) -> str:
    """Where to buy it; the address of the review page carries the whole choice."""
    if offer is None or offer.kind == "contact":
        about = f"?{urlencode({'plan': offer.plan.plan_id})}" if offer else ""
        return reverse("billing:contact") + about
    query = {"plan": offer.plan.plan_id, "period": offer.period}
    if offer.units:
        query[f"quantity-{refusal.feature_id}"] = str(offer.units)
    if offer.plan.plan_id == holding.plan_id:
        query |= {f"addon-{addon_id}": str(quantity) for addon_id, quantity in holding.addons.items()}
    if offer.addon:
        query[f"addon-{offer.addon.addon_id}"] = str(offer.addon_quantity)
    if holding.resource_id:
        query["resource"] = holding.resource_id
    return f"{reverse('billing:checkout_start')}?{urlencode(query)}"
