"""For views of the host application: let in whoever is entitled, and show everybody else the paywall in place.

    @requires_entitlement("feature-sso")
    def single_sign_on(request): ...

    class NewProject(EntitlementRequiredMixin, CreateView):
        required_entitlement = "feature-projects"
        requested_usage = 1

Who is refused is answered in kind: a script with JSON, htmx with a dialog over the page it is on, a browser with
a page. How each looks from outside: docs/gate.md.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from inspect import iscoroutinefunction
from typing import Any
from urllib.parse import urlencode, urlsplit, urlunsplit

from asgiref.sync import sync_to_async
from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render, resolve_url
from django.template.loader import render_to_string
from django.utils.cache import add_never_cache_headers, patch_vary_headers
from django.utils.http import url_has_allowed_host_and_scheme

from billing.services import entitlements, text
from billing.services import gate as service
from billing.services.entitlements import Decision, Requested
from billing.services.gate import Prompt
from billing.views.access import customer_of, may_pay_for

Asked = Requested | Callable[[HttpRequest], Requested]
PAYMENT_REQUIRED = 402


def requires_entitlement(feature_id: str, *, requested: Asked = None) -> Callable[[Any], Any]:
    """Decorator for views, sync or async. `requested`: what this request would use, or a function of the request."""

    def decorate(view: Any) -> Any:
        if iscoroutinefunction(view):

            @wraps(view)
            async def checked_async(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
                refusal = await sync_to_async(answer_unless_entitled)(request, feature_id, requested=requested)
                return refusal or await view(request, *args, **kwargs)

            return checked_async

        @wraps(view)
        def checked(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            return answer_unless_entitled(request, feature_id, requested=requested) or view(request, *args, **kwargs)

        return checked

    return decorate


class EntitlementRequiredMixin:
    """The same for class-based views; stands before the view class. Override `get_requested` to look at the request."""

    required_entitlement: str
    requested_usage: Requested = None
    view_is_async: bool

    def get_requested(self, request: HttpRequest) -> Requested:
        """What this request would use."""
        return self.requested_usage

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        """Before any handler runs."""
        view = super().dispatch  # type: ignore[misc]
        if not self.view_is_async:
            return self._refusal(request) or view(request, *args, **kwargs)

        async def checked() -> Any:
            return await sync_to_async(self._refusal)(request) or await view(request, *args, **kwargs)

        return checked()

    def _refusal(self, request: HttpRequest) -> HttpResponse | None:
        return answer_unless_entitled(request, self.required_entitlement, requested=self.get_requested)


def answer_unless_entitled(request: HttpRequest, feature_id: str, *, requested: Asked = None) -> HttpResponse | None:
    """None for who may go on; else the answer: sign-in for a visitor, the paywall in place for a customer."""
    if not request.user.is_authenticated:
        return _sign_in(request)
    amount = requested(request) if callable(requested) else requested
    decision = entitlements.check(customer_of(request), feature_id, requested=amount)
    return None if decision else refuse(request, decision)


def refuse(request: HttpRequest, decision: Decision) -> HttpResponse:
    """The paywall in place, for a decision that the view asked for itself.

    402 for pages and JSON, so that neither a cache, a crawler nor a script takes the refusal for the thing itself;
    browsers show its page all the same. 200 for the dialog: htmx swaps nothing in from a 4xx.
    """
    customer = customer_of(request)
    may_pay = customer is None or may_pay_for(request, customer)
    prompt = service.prompt_for(decision, customer=customer, may_pay=may_pay)
    response: HttpResponse
    if _is_fragment(request):
        html = render_to_string("billing/partials/upgrade_dialog.html", {"prompt": prompt}, request)
        response = HttpResponse(html, headers=IN_PLACE)
    elif _wants_json(request):
        response = JsonResponse(_document(request, prompt), status=PAYMENT_REQUIRED)
    else:
        response = render(request, "billing/upgrade.html", {"prompt": prompt}, status=PAYMENT_REQUIRED)
    return _kept_by_nobody(response)


IN_PLACE = {
    "HX-Retarget": "body",
    "HX-Reswap": "beforeend",
    "HX-Reselect": "tollgate-upgrade",
    "HX-Push-Url": "false",
}
"""Whatever the element that asked would have done with the answer: the dialog goes to the end of the page."""


def _is_fragment(request: HttpRequest) -> bool:
    """Asked for by htmx for a part of a page; a boosted link or a restored page wants a whole one."""
    headers = request.headers
    whole = headers.get("HX-Boosted") or headers.get("HX-History-Restore-Request")
    return bool(headers.get("HX-Request")) and not whole


def _wants_json(request: HttpRequest) -> bool:
    preferred = request.get_preferred_type(["text/html", "application/json"])
    return preferred == "application/json" or request.content_type == "application/json"


def _kept_by_nobody(response: HttpResponse) -> HttpResponse:
    add_never_cache_headers(response)
    patch_vary_headers(response, ("Accept", "HX-Request", "Cookie"))
    return response


def _document(request: HttpRequest, prompt: Prompt) -> dict[str, Any]:
    """Amounts in minor units with their currency; usage and limits as strings, for they may have fractions."""
    refusal, offer = prompt.refusal, prompt.offer
    price = offer.price if offer else None
    plan = offer and {
        "id": offer.plan.plan_id,
        "name": offer.plan.display_name,
        "billing_period": offer.period or None,
        "addon": {"id": offer.addon.addon_id, "quantity": offer.addon_quantity} if offer.addon else None,
        "units": offer.units or None,
        "price_minor": price.amount_minor if price else None,
        "currency": price.currency if price else None,
    }
    error = {
        "code": "upgrade_required",
        "feature": refusal.feature_id,
        "reason": refusal.reason,
        "message": text.sentences(prompt.title, *prompt.sentences),
        "usage": str(refusal.usage) if refusal.is_metered else None,
        "limit": None if refusal.limit is None else str(refusal.limit),
        "plan": plan,
        "url": _absolute(request, prompt.action_url),
    }
    return {"error": error}


def _absolute(request: HttpRequest, url: str) -> str | None:
    return request.build_absolute_uri(url) if url else None


# Visitors


def _sign_in(request: HttpRequest) -> HttpResponse:
    """To the sign-in page (which also leads to sign-up), and from there back to where they were."""
    url = f"{resolve_url(settings.LOGIN_URL)}?{urlencode({'next': _way_back(request)})}"
    response: HttpResponse
    if _is_fragment(request):
        response = HttpResponse(headers={"HX-Redirect": url})
    elif _wants_json(request):
        error = {"code": "not_signed_in", "url": request.build_absolute_uri(url)}
        response = JsonResponse({"error": error}, status=401)
    else:
        response = redirect(url)
    return _kept_by_nobody(response)


def _way_back(request: HttpRequest) -> str:
    """This address where it can be visited; else the page that the request came from, if it is one of this site's."""
    if request.method in ("GET", "HEAD") and not _is_fragment(request):
        return request.get_full_path()
    came_from = request.headers.get("HX-Current-URL") or request.headers.get("Referer") or ""
    if url_has_allowed_host_and_scheme(came_from, {request.get_host()}, require_https=request.is_secure()):
        parts = urlsplit(came_from)
        return urlunsplit(("", "", parts.path, parts.query, ""))
    return resolve_url(settings.LOGIN_REDIRECT_URL)
