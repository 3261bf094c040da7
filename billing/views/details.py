"""Billing details: what stands on invoices, edited from the account or on the way through a checkout."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import get_language, gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from billing.forms import BillingDetailsForm
from billing.models import CheckoutSession
from billing.services import billing_details
from billing.views.access import checkout_of, paying_customer_of


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@login_required
def details(request: HttpRequest) -> HttpResponse:
    """Name, address, tax id and e-mail of the invoices. Kept at once; the worker tells Stigg and Stripe."""
    checkout = _checkout(request)
    customer = checkout.customer if checkout else paying_customer_of(request)
    way_back = reverse("billing:checkout", args=[checkout.pk]) if checkout else reverse("billing:account")
    form = BillingDetailsForm.of(customer, request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        billing_details.store(customer, {**form.cleaned_data, "language": get_language() or ""})
        messages.success(request, gettext("Your billing details are saved. They stand on your next invoice."))
        return redirect(way_back)
    context = {"form": form, "way_back": way_back, "is_checkout": checkout is not None}
    return render(request, "billing/details.html", context, status=422 if form.errors else 200)


def _checkout(request: HttpRequest) -> CheckoutSession | None:
    """The checkout that the person came from, whose customer may be another than the first that they pay for; None
    for one that is not theirs."""
    try:
        return checkout_of(request, UUID(request.GET.get("checkout", "")))
    except (ValueError, Http404):
        return None
