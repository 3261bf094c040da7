"""What every page may show."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest

from billing import conf
from billing.services import account
from billing.views import language
from billing.views.access import customer_of, may_pay_for


def site(request: HttpRequest) -> dict[str, Any]:
    """Name and contact of the site, and the banner for a customer whose payment failed."""
    options = conf.current()
    return {
        "site_name": options.site_name,
        "contact_email": options.contact_email,
        "languages": language.choices(request),
        "stripe_js_url": options.stripe_js_url,
        "billing_alert": _Lazy(request),
    }


class _Lazy:
    """The banner's alert, read from the database only by a template that shows it."""

    def __init__(self, request: HttpRequest) -> None:
        self._request = request

    def __call__(self) -> account.Alert | None:
        if not hasattr(self._request, "user"):
            return None
        customer = customer_of(self._request)
        alert = account.alert_for(customer) if customer else None
        return alert if alert and customer and may_pay_for(self._request, customer) else None
