"""The checkout's POSTs: agree, complete, another card, pay again, give up. All but the first answer with the page to go
to."""

from __future__ import annotations

from uuid import UUID

from django.core.signing import BadSignature
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import redirect
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from billing.errors import GatewayError
from billing.models import CheckoutSession
from billing.services import card_entry, card_testing, completion, price_check, summary
from billing.services import checkout as service
from billing.views import way
from billing.views.access import address_of, checkout_of, sign_in_first

State = CheckoutSession.State


@csrf_exempt
@require_POST
@never_cache
def agree(request: HttpRequest, checkout_id: UUID) -> HttpResponse:
    """The card form's button was pressed, and Stripe is about to have the card. The price that its page has shown comes
    back with our signature, so that no session is needed, which may have ended by then."""
    try:
        price_check.agree(checkout_id, request.POST.get("agreed", ""))
    except BadSignature as error:
        raise Http404 from error
    return HttpResponse(status=204)


@require_POST
@never_cache
@sign_in_first("billing:checkout", "checkout_id")
def complete(request: HttpRequest, checkout_id: UUID) -> HttpResponse:
    """The card was confirmed in the browser, or a saved card was chosen. Stripe is asked whether it is true."""
    checkout = checkout_of(request, checkout_id)
    if "shown" in request.POST:  # told by the page's button; otherwise the row says what the page has shown
        price_check.note_shown(checkout, summary.read_shown(request.POST["shown"]))
    saved_card = request.POST.get("payment_method", "")
    if saved_card and checkout.takes_card:
        card_entry.use_saved_card(checkout, saved_card)
    elif checkout.awaits_consent:
        price_check.confirm(checkout)
    return _next(request, completion.complete(checkout.pk, cause="checkout page", wait_seconds=way.PATIENCE_SECONDS))


@require_POST
@never_cache
@sign_in_first("billing:checkout", "checkout_id")
def another_card(request: HttpRequest, checkout_id: UUID) -> HttpResponse:
    """Have a card form: after a failed payment, or after an outage kept the first one from being made."""
    checkout = checkout_of(request, checkout_id)
    if not checkout.takes_card:
        return redirect("billing:checkout_status", checkout.pk)
    try:
        card_entry.prepare_card(checkout, address_digest=card_testing.digest_address(address_of(request)))
    except GatewayError:
        if checkout.state != State.OPEN:
            raise
    return redirect("billing:checkout", checkout.pk)


@require_POST
@never_cache
@sign_in_first("billing:checkout", "checkout_id")
def pay_again(request: HttpRequest, checkout_id: UUID) -> HttpResponse:
    """Try the same card once more."""
    checkout = checkout_of(request, checkout_id)
    if checkout.state == State.PAYMENT_FAILED:
        card_entry.pay_again(checkout)
        checkout = completion.complete(checkout.pk, cause="checkout page", wait_seconds=way.PATIENCE_SECONDS)
    return _next(request, checkout)


@require_POST
@never_cache
@sign_in_first("billing:checkout", "checkout_id")
def give_up(request: HttpRequest, checkout_id: UUID) -> HttpResponse:
    """Cancel the order."""
    checkout = checkout_of(request, checkout_id)
    service.give_up(checkout)
    return redirect("billing:checkout_status", checkout.pk)


def _next(request: HttpRequest, checkout: CheckoutSession) -> HttpResponse:
    url = way.url_of(checkout)
    if request.accepts("text/html"):
        response = HttpResponseRedirect(url)
        response.status_code = 303
        return response
    return JsonResponse({"redirect": url, "state": checkout.state})
