"""The one place where an error of the tree becomes a page."""

from __future__ import annotations

from collections.abc import Callable

import structlog
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext

from billing.errors import BillingError, Busy, GatewayUnavailable, TooManyAttempts

log = structlog.get_logger(__name__)

RETRY_AFTER_SECONDS = 10


class BillingErrorMiddleware:
    """Answers a `BillingError` that a view let through, with a sentence for the person and a line for the log."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """Django calls this for an exception from a view."""
        if not isinstance(exception, BillingError):
            return None
        log.warning("request.billing_error", code=exception.code, error=str(exception))
        return error_response(request, exception)


def error_response(request: HttpRequest, error: BillingError) -> HttpResponse:
    """JSON for scripts, a page for people; `Retry-After` where trying again makes sense."""
    message = str(error.public_message)
    if request.accepts("text/html"):
        context = {
            "title": _title(error),
            "text": message,
            "action_label": gettext("Try again"),
            "action_url": request.get_full_path() if request.method == "GET" else reverse("billing:account"),
        }
        response = render(request, "billing/error.html", context, status=error.http_status)
    else:
        response = JsonResponse({"error": {"code": error.code, "message": message}}, status=error.http_status)
    if isinstance(error, TooManyAttempts):
        response["Retry-After"] = str(error.retry_after_seconds)
    elif isinstance(error, GatewayUnavailable | Busy):
        response["Retry-After"] = str(RETRY_AFTER_SECONDS)
    response["Cache-Control"] = "no-store"
    return response


def _title(error: BillingError) -> str:
    if isinstance(error, GatewayUnavailable | Busy):
        return gettext("We will be right back")
    if isinstance(error, TooManyAttempts):
        return gettext("Please take a short break")
    return gettext("That did not work")
