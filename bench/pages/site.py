"""The site with two views more, behind the same middleware: a constant answer, and the paywall without its shelves."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.utils import timezone

from billing.services import paywall
from billing.views.access import customer_of
from checkout_site.urls import urlpatterns as site_urls


def constant(request: HttpRequest) -> HttpResponse:
    return HttpResponse(b"constant")


def plain(request: HttpRequest) -> HttpResponse:
    """What one would write first: rules and template anew for everybody."""
    page = paywall.page(customer=customer_of(request), wanted_period="MONTHLY", now=timezone.now())
    return render(request, "billing/paywall.html", {"page": page})


urlpatterns = [path("constant/", constant), path("plain/", plain), *site_urls]
