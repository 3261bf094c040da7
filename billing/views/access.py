"""Who may see what: every object is looked up through the signed-in user's customer, so a stranger gets a 404."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from ipaddress import ip_address, ip_network
from typing import Any
from uuid import UUID

from django.contrib.auth.models import AbstractBaseUser
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.urls import reverse

from billing import conf
from billing.models import CheckoutSession, Customer, Membership, Subscription
from billing.services import customers

View = Callable[..., HttpResponse]


def sign_in_first(page: str, *names: str) -> Callable[[View], View]:
    """As `login_required`, but whoever signs in then lands on `page`, with those arguments of the view.

    The address of the view itself may take POSTs only, or be a fragment: htmx would put the sign-in page into it.
    """

    def decorate(view: View) -> View:
        @wraps(view)
        def checked(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if request.user.is_authenticated:
                return view(request, *args, **kwargs)
            url = reverse(page, kwargs={name: kwargs[name] for name in names})
            if request.headers.get("HX-Request"):
                return HttpResponse(headers={"HX-Redirect": url})
            sign_in = redirect_to_login(url)
            if not request.accepts("text/html"):
                # A script stays on its page, with all that was typed, and offers a link.
                return JsonResponse({"error": {"code": "not_signed_in"}, "sign_in": sign_in.url}, status=401)
            return sign_in

        return checked

    return decorate


def sign_up_first(view: View) -> View:
    """A stranger signs up, and comes back to this address. htmx would put that page into its fragment: it goes there
    as a whole."""

    @wraps(view)
    def checked(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.user.is_authenticated:
            return view(request, *args, **kwargs)
        address = request.get_full_path()
        if request.headers.get("HX-Request"):
            return HttpResponse(headers={"HX-Redirect": address})
        return redirect_to_login(address, reverse("account_signup"))

    return checked


def signed_in_user(request: HttpRequest) -> AbstractBaseUser:
    """The user of a view behind `login_required`."""
    if isinstance(request.user, AbstractBaseUser):
        return request.user
    raise Http404


def customer_of(request: HttpRequest) -> Customer | None:
    """The signed-in user's customer, looked up once per request; None for an anonymous visitor."""
    if not request.user.is_authenticated:
        return None
    kept = vars(request)
    if "tollgate_customer" not in kept:
        kept["tollgate_customer"] = customers.find_customer(signed_in_user(request))
    found: Customer | None = kept["tollgate_customer"]
    return found


def paying_customer_of(request: HttpRequest) -> Customer:
    """The customer that the user pays for, made now if there is none; raises PermissionDenied for a mere member."""
    user = signed_in_user(request)
    customer = customers.get_or_create_customer(user)
    if not may_pay_for(request, customer):
        raise PermissionDenied
    return customer


def may_pay_for(request: HttpRequest, customer: Customer) -> bool:
    """Whether the signed-in user's role lets them touch the customer's billing."""
    user = signed_in_user(request)
    return Membership.objects.may_pay().filter(user_id=user.pk, customer=customer).exists()


def checkout_of(request: HttpRequest, checkout_id: UUID) -> CheckoutSession:
    """A checkout of a customer that the user may pay for; raises Http404."""
    checkout = (
        CheckoutSession.objects.filter(pk=checkout_id, customer__in=_payable(request))
        .select_related("customer", "subscription")
        .first()
    )
    if checkout is None:
        raise Http404
    return checkout


def subscription_of(request: HttpRequest, stigg_id: str) -> Subscription:
    """A subscription of a customer that the user may pay for; raises Http404."""
    row = (
        Subscription.objects.filter(stigg_id=stigg_id, customer__in=_payable(request))
        .select_related("customer")
        .first()
    )
    if row is None:
        raise Http404
    return row


def own_subscription_of(request: HttpRequest, stigg_id: str) -> Subscription:
    """As `subscription_of`, but whoever belongs to the customer and may not pay is told so.

    Raises: Http404 for a stranger, PermissionDenied for a mere member.
    """
    user = signed_in_user(request)
    rows = Subscription.objects.filter(stigg_id=stigg_id, customer__memberships__user_id=user.pk)
    row = rows.select_related("customer").first()
    if row is None:
        raise Http404
    if not may_pay_for(request, row.customer):
        raise PermissionDenied
    return row


def _payable(request: HttpRequest) -> Any:
    return Membership.objects.may_pay().filter(user_id=signed_in_user(request).pk).values("customer_id")


def address_of(request: HttpRequest) -> str:
    """The visitor's network address: a whole /64 for IPv6, of which one visitor may have every address.

    Behind a proxy it is the last entry of X-Forwarded-For, which the proxy itself wrote; elsewhere that
    header is anybody's word and is ignored.
    """
    address = str(request.META.get("REMOTE_ADDR", ""))
    if conf.current().behind_proxy:
        address = str(request.META.get("HTTP_X_FORWARDED_FOR", "")).rpartition(",")[2].strip() or address
    try:
        parsed = ip_address(address)
    except ValueError:
        return address
    return str(ip_network((parsed, 64), strict=False)) if parsed.version == 6 else str(parsed)
