"""Checkout pages: review a choice, enter a card, come back from the bank, see how it stands."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language, gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from billing import conf
from billing.errors import GatewayError
from billing.gateways.stripe.types import SetupIntentSnapshot
from billing.models import CheckoutSession
from billing.money import Money
from billing.services import (
    billing_details,
    card_entry,
    completion,
    declines,
    outcome_pages,
    payments,
    price_check,
    saved_methods,
    summary,
    text,
)
from billing.services.provisioning import choice_of
from billing.views import way
from billing.views.access import checkout_of, sign_in_first

State = CheckoutSession.State
TEMPLATES = {State.SUCCEEDED: "success", State.PAYMENT_FAILED: "failed", State.ACTION_REQUIRED: "action"}


@require_safe
@never_cache
@login_required
def card(request: HttpRequest, checkout_id: UUID) -> HttpResponse:
    """The card page. One call to Stripe, for the client_secret, which is never stored."""
    checkout = checkout_of(request, checkout_id)
    if not checkout.takes_card:
        return redirect("billing:checkout_status", checkout.pk)
    if checkout.awaits_consent:
        return render(request, "billing/checkout.html", _card_context(request, checkout, None))
    try:
        intent = card_entry.fetch_setup_intent(checkout)
    except GatewayError as error:
        return render(request, "billing/checkout_trouble.html", {"checkout": checkout, "error": error}, status=503)
    if checkout.state != State.OPEN and intent is None:
        return redirect("billing:checkout_status", checkout.pk)
    if intent is None or intent.status == "canceled":
        return render(request, "billing/checkout_trouble.html", {"checkout": checkout})
    return render(request, "billing/checkout.html", _card_context(request, checkout, intent))


def _card_context(
    request: HttpRequest, checkout: CheckoutSession, intent: SetupIntentSnapshot | None
) -> dict[str, Any]:
    """`intent` is None when the card is saved, and the price has still to be agreed to."""
    is_retry = checkout.state != State.OPEN or checkout.purpose == CheckoutSession.Purpose.RECOVER
    order, notice = summary.for_checkout(checkout, choice_of(checkout))
    total = order.total if order and not order.is_estimate else None
    usable = intent if intent is not None and intent.is_reusable else None
    return {
        "checkout": checkout,
        "billing_alert": None,
        "plan_name": checkout.plan_name,
        "invoice_to": billing_details.one_line(checkout.customer),
        "summary": order,
        "summary_notice": notice,
        "shown": order.shown if order and total is not None else "",
        "look_again": text.look_again(text.money(total), was_shown=checkout.price_rose)
        if intent is None and total
        else "",
        "is_spent": usable is None,
        "elements_config": _elements_config(request, checkout, usable, order.total if order else None)
        | {"agreed": price_check.agreement(checkout, total)}
        if usable is not None
        else {},
        "is_processing": intent is not None and intent.status == "processing",
        "saved_cards": saved_methods.saved_methods(checkout, now=timezone.now()),
        "refusal": _refusal(intent) if intent is not None else "",
        "retry": is_retry,
        "failure": outcome_pages.failure_for(checkout, now=timezone.now()) if checkout.failure_code else None,
        "pay_label": _pay_label(total, checkout, is_retry=is_retry),
    }


def _pay_label(total: Money | None, checkout: CheckoutSession, *, is_retry: bool) -> str:
    """What the button does; with no amount while nothing is due, or while Stigg cannot say what is."""
    if not total:
        if checkout.kind == CheckoutSession.Kind.TRIAL:
            return gettext("Save card and start the trial")
        has_plan = checkout.customer.subscriptions.all().granting_access().exists()
        return gettext("Confirm the change") if has_plan else gettext("Save card and subscribe")
    label = gettext("Pay %(amount)s") if is_retry else gettext("Pay %(amount)s and subscribe")
    return label % {"amount": text.money(total)}


def _refusal(intent: SetupIntentSnapshot) -> str:
    """Why the last card was refused, for whoever comes back from the bank's page, or to this one."""
    code = intent.error_decline_code or intent.error_code
    return str(declines.explain_set_up(code)) if code and intent.is_reusable else ""


def _elements_config(
    request: HttpRequest, checkout: CheckoutSession, intent: SetupIntentSnapshot, total: Money | None
) -> dict[str, Any]:
    """What the page's script needs; the secret goes to the page of its own customer, uncached, and nowhere else."""
    customer = checkout.customer
    return {
        **_addresses(request, checkout),
        "agreeUrl": reverse("billing:checkout_agree", args=[checkout.pk]),
        "clientSecret": intent.client_secret,
        "name": customer.name,
        "email": customer.invoice_email or customer.email,
        "currency": (total.currency if total else checkout.currency).lower(),
        "address": {
            "line1": customer.address_line1,
            "line2": customer.address_line2,
            "city": customer.city,
            "state": customer.address_state,
            "postal_code": customer.postal_code,
            "country": customer.country,
        },
    }


def _addresses(request: HttpRequest, checkout: CheckoutSession) -> dict[str, Any]:
    return {
        "publishableKey": conf.current().stripe_publishable_key,
        "locale": get_language() or "auto",
        "returnUrl": request.build_absolute_uri(reverse("billing:checkout_return", args=[checkout.pk])),
        "completeUrl": reverse("billing:checkout_complete", args=[checkout.pk]),
        "statusUrl": reverse("billing:checkout_status", args=[checkout.pk]),
        "reasons": declines.for_page(),
    }


@require_safe
@never_cache
@sign_in_first("billing:checkout_return", "checkout_id")
def returned(request: HttpRequest, checkout_id: UUID) -> HttpResponse:
    """Back from the bank. Stripe adds the secret to the address: it is left behind at once, with a redirect, and by
    whoever has to sign in again, too."""
    checkout = checkout_of(request, checkout_id)
    if checkout.is_live:
        checkout = completion.complete(checkout.pk, cause="return page", wait_seconds=way.PATIENCE_SECONDS)
    response = HttpResponseRedirect(way.url_of(checkout))
    response.status_code = 303
    return response


@require_safe
@never_cache
@sign_in_first("billing:checkout_status", "checkout_id")
def status(request: HttpRequest, checkout_id: UUID) -> HttpResponse:
    """How the checkout stands; while it waits, the page asks again by itself. Reads our own row only."""
    checkout = checkout_of(request, checkout_id)
    if checkout.state == State.OPEN and not way.is_waiting(checkout):
        return _leave(request, reverse("billing:checkout", args=[checkout.pk]))
    is_waiting = way.is_waiting(checkout)
    if request.headers.get("HX-Request"):
        if is_waiting:
            return render(request, "billing/partials/checkout_wait.html", _wait_context(checkout))
        return _leave(request, request.path)
    if is_waiting:
        return render(request, "billing/checkout_wait.html", _wait_context(checkout))
    return _ended(request, checkout)


def _leave(request: HttpRequest, url: str) -> HttpResponse:
    """To another page; htmx is told by a header, because it would follow a redirect into the fragment."""
    if request.headers.get("HX-Request"):
        return HttpResponse(headers={"HX-Redirect": url})
    return redirect(url)


def _wait_context(checkout: CheckoutSession) -> dict[str, Any]:
    return {"checkout": checkout, "wait": outcome_pages.wait_for(checkout), "billing_alert": None}


def _ended(request: HttpRequest, checkout: CheckoutSession) -> HttpResponse:
    context: dict[str, Any] = {"checkout": checkout}
    if checkout.is_live:
        context["billing_alert"] = None  # the page itself says it
    if checkout.state == State.SUCCEEDED:
        context["success"] = outcome_pages.success_for(checkout)
    elif checkout.state == State.PAYMENT_FAILED:
        payments.learn_why(checkout)
        context["failure"] = outcome_pages.failure_for(checkout, now=timezone.now())
    elif checkout.state == State.ACTION_REQUIRED:
        secret = card_entry.fetch_payment_secret(checkout)
        context["action_config"] = {**_addresses(request, checkout), "clientSecret": secret, "kind": "payment"}
    else:
        context["closed"] = outcome_pages.closed_for(checkout)
    return render(request, f"billing/checkout_{TEMPLATES.get(State(checkout.state), 'closed')}.html", context)
