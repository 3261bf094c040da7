"""The receipt of a finished checkout: Stripe's page of the invoice, or its PDF."""

from __future__ import annotations

from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from billing.services import receipts
from billing.views.access import checkout_of


@require_safe
@never_cache
@login_required
def receipt(request: HttpRequest, checkout_id: UUID, *, as_pdf: bool = False) -> HttpResponse:
    """On to Stripe, which keeps the invoice. Right after the purchase our copy may lack it: then it is read."""
    checkout = checkout_of(request, checkout_id)
    invoice = receipts.fetch_invoice(checkout)
    url = invoice.invoice_pdf if as_pdf else invoice.hosted_invoice_url
    return redirect(url or "billing:account")
