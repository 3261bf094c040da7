"""The Permissions-Policy header: payment for ourselves and Stripe's frames, where wallets live; nothing else.

Source: https://docs.stripe.com/security/guide and https://docs.stripe.com/elements/express-checkout-element
"""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from checkout_site import csp

REFUSED = ("camera", "geolocation", "microphone", "usb")


class PermissionsPolicy:
    """Puts the header on each answer."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        response.headers.setdefault("Permissions-Policy", policy(stripe_js_url=settings.TOLLGATE_STRIPE_JS_URL))
        return response


def policy(*, stripe_js_url: str) -> str:
    """The header's value."""
    payment = f'payment=(self "{csp.origin(stripe_js_url)}")'
    return ", ".join([payment, *(f"{name}=()" for name in REFUSED)])
