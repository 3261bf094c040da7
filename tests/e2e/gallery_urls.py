"""The site's addresses, and one that reads the price list anew."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.urls import include, path

from billing.services import catalog


def renew(_request: HttpRequest) -> HttpResponse:
    catalog.renew()
    return HttpResponse("renewed")


urlpatterns = [path("renew/", renew), path("", include("checkout_site.urls"))]
