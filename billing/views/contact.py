"""The contact form: a question about a custom plan, from anybody."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from billing.errors import TooManyAttempts
from billing.forms import ContactForm
from billing.services import card_testing
from billing.services import contact as service
from billing.views.access import address_of, customer_of, signed_in_user


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def contact(request: HttpRequest) -> HttpResponse:
    """Name, address and need. `?plan=` says which plan it is about; who is signed in need not say who they are."""
    is_sent = request.method == "POST"
    form = ContactForm(request.POST if is_sent else None, plans=service.plans(), initial=_known(request))
    status = 200
    if is_sent and form.is_valid():
        try:
            digest = card_testing.digest_address(address_of(request))
            customer = customer_of(request)
            service.ask(form.question, customer=customer, address_digest=digest, now=timezone.now())
        except TooManyAttempts as error:
            form.add_error(None, gettext("You have written several times already. Please try again in an hour."))
            response = render(request, "billing/contact.html", {"form": form}, status=429)
            response.headers["Retry-After"] = str(error.retry_after_seconds)
            return response
        return redirect("billing:contact_thanks")
    if form.errors:
        status = 422
    return render(request, "billing/contact.html", {"form": form}, status=status)


@require_safe
def thanks(request: HttpRequest) -> HttpResponse:
    """The question is kept."""
    return render(request, "billing/contact_thanks.html")


def _known(request: HttpRequest) -> dict[str, str]:
    known = {"plan": request.GET.get("plan", "")}
    customer = customer_of(request)
    if customer is not None:
        email = getattr(signed_in_user(request), "email", "")
        known |= {"name": customer.name, "email": email or customer.email}
    return known
