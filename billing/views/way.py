"""The way through the checkout: which page shows a checkout as it stands."""

from __future__ import annotations

from django.urls import reverse
from django.utils import timezone

from billing.models import CheckoutSession

State = CheckoutSession.State
PATIENCE_SECONDS = 15.0
"""How long a page waits for somebody else (a worker, another tab) who is completing the same checkout."""


def url_of(checkout: CheckoutSession) -> str:
    """The card page while a card is to be entered, else the page that says how it stands."""
    takes_card = checkout.state == State.OPEN and not checkout.is_being_completed(timezone.now())
    return reverse("billing:checkout" if takes_card else "billing:checkout_status", args=[checkout.pk])


def is_waiting(checkout: CheckoutSession) -> bool:
    """Whether the customer has nothing to do but wait."""
    return checkout.state in (State.CONFIRMED, State.PROCESSING) or checkout.is_being_completed(timezone.now())
