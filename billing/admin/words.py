"""How values read in lists: marks that do without colour, moments with their distance, JSON without secrets."""

from __future__ import annotations

import json
import re
from datetime import datetime
from typing import Any

from django.contrib.humanize.templatetags.humanize import naturaltime
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from billing.admin.links import NOTHING
from billing.models import CheckoutSession, Subscription, WebhookEvent
from billing.money import Money

HIDDEN = "(hidden)"
SECRET_KEYS = re.compile(r"secret|password|api_?key|token", re.IGNORECASE)
SECRET_VALUES = re.compile(r"\b(?:sk|rk|whsec)_\w+|\b\w+_secret_\w+")

PAYMENT_MARKS: dict[str, str] = {
    Subscription.PaymentCollection.NOT_REQUIRED: "✓",
    Subscription.PaymentCollection.PROCESSING: "…",
    Subscription.PaymentCollection.ACTION_REQUIRED: "?",
    Subscription.PaymentCollection.FAILED: "✗",
}
CHECKOUT_MARKS: dict[str, str] = {
    CheckoutSession.State.SUCCEEDED: "✓",
    CheckoutSession.State.PAYMENT_FAILED: "✗",
    CheckoutSession.State.ACTION_REQUIRED: "?",
    CheckoutSession.State.OPEN: "○",
    CheckoutSession.State.CONFIRMED: "…",
    CheckoutSession.State.PROCESSING: "…",
}
EVENT_MARKS: dict[str, str] = {
    WebhookEvent.State.DONE: "✓",
    WebhookEvent.State.IGNORED: "–",
    WebhookEvent.State.RECEIVED: "○",
    WebhookEvent.State.PROCESSING: "…",
    WebhookEvent.State.FAILED: "!",
    WebhookEvent.State.DEAD: "✗",
}


def payment_state(subscription: Subscription) -> str:
    """Mark and words; access is said where it is not what one would think."""
    words = f"{PAYMENT_MARKS.get(subscription.payment_collection, '?')} {subscription.get_payment_collection_display()}"
    if subscription.has_payment_trouble and subscription.grants_access:
        return _("%(state)s, access stays") % {"state": words}
    return words


def checkout_state(checkout: CheckoutSession) -> str:
    """Mark and words."""
    words = _("price to be confirmed") if checkout.awaits_consent else checkout.get_state_display()
    return f"{CHECKOUT_MARKS.get(checkout.state, '–')} {words}"


def event_state(event: WebhookEvent) -> str:
    """Mark and words."""
    return f"{EVENT_MARKS.get(event.state, '?')} {event.get_state_display()}"


def moment(value: datetime | None) -> str:
    """To the minute, in UTC, with the distance from now."""
    if value is None:
        return NOTHING
    return f"{value:%Y-%m-%d %H:%M} UTC ({naturaltime(value)})"


def deadline(value: datetime | None) -> str:
    """As `moment`, saying so when it is over."""
    if value is not None and value <= timezone.now():
        return _("over since %(moment)s") % {"moment": moment(value)}
    return moment(value)


def money(value: Money | None) -> str:
    """For staff: plain, with the currency's code, the same in every language."""
    return NOTHING if value is None else f"{value.decimal} {value.currency}"


def pretty_json(value: Any, *, is_open: bool = True) -> SafeString:
    """Indented, escaped, and without anything that looks like a secret (Stripe's events carry client secrets)."""
    text = json.dumps(without_secrets(value), indent=2, ensure_ascii=False, sort_keys=True, default=str)
    template = "<details open>{}</details>" if is_open else "<details>{}</details>"
    return format_html(template, format_html("<summary>JSON</summary><pre>{}</pre>", text))


def without_secrets(value: Any) -> Any:
    """The same value with what is secret by name or by form replaced."""
    if isinstance(value, dict):
        return {
            key: HIDDEN if item and isinstance(item, str) and SECRET_KEYS.search(str(key)) else without_secrets(item)
            for key, item in value.items()
        }
    if isinstance(value, list):
        return [without_secrets(item) for item in value]
    return SECRET_VALUES.sub(HIDDEN, value) if isinstance(value, str) else value
