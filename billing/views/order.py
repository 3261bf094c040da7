"""The review page: set what a plan allows, see what it costs while typing, and buy it or begin the checkout."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from billing.errors import Busy, GatewayError, GatewayUnavailable, PlanNotOffered, TooManyAttempts
from billing.forms import OrderForm, countries
from billing.gateways.stigg.types import PaywallSnapshot, PlanSnapshot
from billing.models import CheckoutSession, Customer, PaymentMethod, Subscription
from billing.services import (
    account,
    card_entry,
    card_testing,
    catalog,
    completion,
    current,
    customers,
    paywall_address,
    plan_cards,
    plan_prices,
    price_check,
    summary,
    text,
)
from billing.services import checkout as service
from billing.services import review as review_service
from billing.services.summary import OrderSummary
from billing.views import way
from billing.views.access import address_of, paying_customer_of, sign_up_first, signed_in_user

State = CheckoutSession.State
NOT_FOR_FORM = frozenset({"csrfmiddlewaretoken", "step", "shown", "card", "card_on_file"})


@dataclass(frozen=True, slots=True)
class Offer:
    """What is looked at: a plan in a period, at a country's prices, by somebody who may have something already."""

    paywall: PaywallSnapshot
    plan: PlanSnapshot
    period: str
    held: Subscription | None
    resource_id: str
    country: str
    """Whose prices count; empty: the default ones."""


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@sign_up_first
def start(request: HttpRequest) -> HttpResponse:
    """Review the choice; a POST buys it with the card on file, or begins the checkout. Who is new signs up first.

    htmx asks for the order summary alone while the form is being filled in. A POST with a `step` changes the form
    and shows it again: take an add-on that is missing, take the code off, work the total out without JavaScript.
    """
    customer = paying_customer_of(request)
    sent = request.POST if request.method == "POST" else request.GET
    offer = _offer(request, customer, sent)
    form = OrderForm(
        _form_data(customer, offer, sent),
        plan=offer.plan,
        period=offer.period,
        held=offer.held,
        is_change=current.is_paid(offer.held),
    )
    is_order = request.method == "POST" and "step" not in sent
    if is_order and not customer.is_provisioned:
        with suppress(Busy, GatewayError):  # what is bought is priced by Stigg where it answers, coupon included
            customer = customers.provision(customer.pk)
    order, notice = _price(customer, offer, form, is_final=is_order)
    if not is_order or order is None or form.errors:
        return _page(request, customer, offer, form, order, notice)
    terms = review_service.terms_of(offer.plan, order)
    card = _named_card(request, customer) if terms.needs_card else None
    # By the price list alone, without taxes, nothing is charged at once: the card page, or a later try, says the price.
    changed = (card and notice) or _what_changed(request, order, charges_at_once=card is not None)
    if changed or order.choice is None:
        return _page(request, customer, offer, form, order, changed)
    if "country" in form.cleaned_data:
        details = {name: form.cleaned_data[name] for name in ("name", "country")}
        customer = customers.update_details(customer, **details)
    checkout = service.begin(customer=customer, user=signed_in_user(request), choice=order.choice, terms=terms)
    if card is not None:  # charged by this button; the card page's button says its own price
        price_check.note_shown(checkout, terms.due_now)
    return _enter(request, checkout, card)


def _named_card(request: HttpRequest, customer: Customer) -> PaymentMethod | None:
    """The card on file that the button named, which is charged at once. Another one may have become the default, or the
    first one come, since the page was shown: then the card page is next."""
    if request.GET.get("card") == "new":
        return None
    card = current.card_on_file(customer, timezone.now())
    return card if card is not None and card.stripe_id == request.POST.get("card_on_file") else None


def _offer(request: HttpRequest, customer: Customer, sent: Any) -> Offer:
    """The plan, in the period asked for, or else the one that the customer has, or its first.

    Raises: PlanNotOffered.
    """
    plan_id = sent.get("plan") or request.GET.get("plan", "")
    listed = catalog.selling(plan_id)
    plan = listed.paywall.find_plan(plan_id)
    resource_id = paywall_address.resource(sent.get("resource") or request.GET.get("resource", ""))
    held = current.subscription_of(customer, plan.product_id, resource_id) if plan else None
    country = _country(customer, sent, held)
    listed = catalog.selling(plan_id, country_code=country)
    plan = listed.paywall.find_plan(plan_id)
    wanted = sent.get("period") or request.GET.get("period", "")
    if plan is not None and wanted not in plan.periods:
        kept = held.billing_period if held else ""
        wanted = kept if kept in plan.periods else "".join(plan.periods[:1])
    plan = listed.require_plan(plan_id, wanted)
    if plan.pricing_type not in ("FREE", "PAID"):
        raise PlanNotOffered(f"plan {plan_id!r} is sold by talking to us")
    return Offer(listed.paywall, plan, wanted, held, resource_id, country)


def _country(customer: Customer, sent: Any, held: Subscription | None) -> str:
    """The country whose prices count: the one chosen in the form, or the customer's. A change keeps the currency,
    which a running subscription cannot leave, wherever the customer has moved since.

    Source: https://docs.stripe.com/billing/customer#currency
    """
    if held is not None and current.is_paid(held):
        return catalog.country_for(held.plan_id, held.currency, preferred=customer.country)
    chosen = sent.get("country", customer.country)
    return chosen if chosen in {code for code, _name in countries()} else ""


def _form_data(customer: Customer, offer: Offer, sent: Any) -> dict[str, str]:
    """What was sent, over what the customer has, with the step that was asked for taken."""
    details = {"name": customer.name, "country": customer.country}
    data = details | current.starting_values(offer.held, offer.plan, offer.period)
    data |= {key: value for key, value in sent.items() if key not in NOT_FOR_FORM}
    data["resource"] = offer.resource_id
    action, _, value = sent.get("step", "").partition(":")
    if action == "take":
        data[f"addon-{value}"] = "1"
    elif action == "remove-code":
        data["coupon"] = ""
    return data


def _price(customer: Customer, offer: Offer, form: OrderForm, *, is_final: bool) -> tuple[OrderSummary | None, str]:
    """What the form's choice costs; nothing while the form has faults. Coupon tries are counted."""
    if not form.is_valid():
        return None, gettext("Something in the form needs your attention; the total follows then.")
    choice = form.choice(country_code=form.cleaned_data.get("country", offer.country))
    choice = current.with_kept_addons(offer.held, offer.plan, choice)
    if offer.held and current.is_same(offer.held, choice):
        if choice.code:
            form.add_error("coupon", gettext("A code can be used together with a change. Change something else, too."))
        return None, gettext("This is what you have now. Change something to see what it costs.")
    if choice.code:
        try:
            card_testing.refuse_after_coupons(customer, now=timezone.now())
        except TooManyAttempts as error:
            form.add_error("coupon", str(error.public_message))
            return None, ""
    order, notice = summary.for_choice(customer, choice, is_final=is_final)
    if order and order.coupon_error:
        card_testing.count_coupon(customer, choice.code, now=timezone.now())
        form.add_error("coupon", order.coupon_error)
    elif is_final and order and order.is_estimate and choice.code:  # a code that nobody knows yet is not ordered
        form.add_error("coupon", str(GatewayUnavailable.public_message))
    return order, notice


def _what_changed(request: HttpRequest, order: OrderSummary, *, charges_at_once: bool) -> str:
    """A sentence when the price is more than the customer was shown. Less needs no asking: what is left of
    a period shrinks by the second, and with it the price of a change. Nothing is charged at once unseen."""
    shown = request.POST.get("shown", "")
    if order.is_covered_by(shown) and (shown or not charges_at_once):
        return ""
    return text.look_again(order.due_now, was_shown=bool(shown))


def _page(
    request: HttpRequest,
    customer: Customer,
    offer: Offer,
    form: OrderForm,
    order: OrderSummary | None,
    notice: str,
) -> HttpResponse:
    plan = offer.plan
    is_fragment = bool(request.headers.get("HX-Request"))
    context = {
        "summary": order,
        "summary_notice": notice,
        "form": form,
        "offer": {
            "plan_id": plan.plan_id,
            "plan_name": plan.display_name,
            "description": plan.description,
            "price": plan_prices.price_text(offer.paywall, plan, offer.period),
            "rows": plan_cards.entitlement_rows(plan),
            "back": urlencode(_back(offer)),
        },
        "review": review_service.review(customer, plan, order, held=offer.held, now=timezone.now()),
        "is_fragment": is_fragment,
    }
    template = "billing/partials/order_live.html" if is_fragment else "billing/checkout_start.html"
    return render(request, template, context)


def _back(offer: Offer) -> dict[str, str]:
    """The paywall as the customer left it: its period, its product and what it is bought for."""
    told = {"period": offer.period, "resource": offer.resource_id}
    if offer.plan.product_id in catalog.product_ids()[1:]:
        told["product"] = offer.plan.product_id
    return {name: value for name, value in told.items() if value}


def _enter(request: HttpRequest, checkout: CheckoutSession, card: PaymentMethod | None) -> HttpResponse:
    """Complete what needs no card step, or go on to the card page of a checkout that was just begun or resumed."""
    is_other_bill = checkout.purpose == CheckoutSession.Purpose.RECOVER  # not what the button named: it only asks
    if is_other_bill and (alert := account.alert_for(checkout.customer)):
        messages.warning(request, alert.title)
    if checkout.state == State.OPEN and card is not None and not is_other_bill:
        card_entry.use_saved_card(checkout, card.stripe_id)
    if checkout.state == State.CONFIRMED:
        checkout = completion.complete(checkout.pk, cause="checkout page", wait_seconds=way.PATIENCE_SECONDS)
    elif checkout.state == State.OPEN:
        try:
            card_entry.prepare_card(checkout, address_digest=card_testing.digest_address(address_of(request)))
        except (GatewayError, Busy):
            return redirect("billing:checkout", checkout.pk)  # says what is wrong, and keeps the choice
    return redirect(way.url_of(checkout))
