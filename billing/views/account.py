"""The customer's own pages: account, `me.json`, and the one click that mends a failed payment."""

from __future__ import annotations

from contextlib import suppress

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from billing.errors import GatewayError
from billing.models import CheckoutSession
from billing.services import account as service
from billing.services import card_entry, card_testing, checkout, customers
from billing.services import me as me_service
from billing.views.access import address_of, customer_of, may_pay_for, sign_in_first, signed_in_user, subscription_of


@require_safe
@never_cache
@login_required
def account(request: HttpRequest) -> HttpResponse:
    """What the customer has, pays and should mend."""
    customer = customers.get_or_create_customer(signed_in_user(request))
    page = service.page(customer, may_pay=may_pay_for(request, customer), now=timezone.now())
    return render(request, "billing/account.html", {"page": page})


@require_safe
@never_cache
def me(request: HttpRequest) -> HttpResponse:
    """Customer, subscriptions and entitlements as JSON; 401 for an anonymous visitor."""
    if not request.user.is_authenticated:
        return JsonResponse({"error": {"code": "not_signed_in"}}, status=401)
    return JsonResponse(me_service.document(customer_of(request)))


@require_POST
@never_cache
@sign_in_first("billing:account")
def recover(request: HttpRequest, stigg_id: str) -> HttpResponse:
    """Start paying an open invoice with another card."""
    subscription = subscription_of(request, stigg_id)
    session = checkout.begin_recovery(
        customer=subscription.customer, user=signed_in_user(request), subscription=subscription
    )
    if session.state == CheckoutSession.State.OPEN:
        with suppress(GatewayError):  # the card page says what is wrong, and offers to try again
            card_entry.prepare_card(session, address_digest=card_testing.digest_address(address_of(request)))
        return redirect("billing:checkout", session.pk)
    return redirect("billing:checkout_status", session.pk)
