"""From Stripe's objects, as plain data, to snapshots.

Events and objects made under older API versions keep some fields elsewhere; we read our own
re-fetched objects only, so one place per field is enough.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from billing.gateways.stripe.types import (
    AccountSnapshot,
    AddressSnapshot,
    InvoiceSnapshot,
    PaymentIntentSnapshot,
    PaymentMethodSnapshot,
    SetupIntentSnapshot,
    WebhookEndpointSnapshot,
)
from billing.money import Money

Json = dict[str, Any]


def setup_intent(raw: Json) -> SetupIntentSnapshot:
    failure = raw.get("last_setup_error") or {}
    return SetupIntentSnapshot(
        setup_intent_id=raw["id"],
        status=raw["status"],
        customer_id=id_of(raw.get("customer")),
        payment_method_id=id_of(raw.get("payment_method")),
        client_secret=raw.get("client_secret"),
        metadata=dict(raw.get("metadata") or {}),
        error_code=failure.get("code") or "",
        error_decline_code=failure.get("decline_code") or "",
        error_message=failure.get("message") or "",
        payment_method=payment_method(raw["payment_method"]) if isinstance(raw.get("payment_method"), dict) else None,
    )


def payment_method(raw: Json) -> PaymentMethodSnapshot:
    """Cards, and what other types have in common with them (`last4`, a bank's name)."""
    details = raw.get(raw["type"]) or {}
    return PaymentMethodSnapshot(
        payment_method_id=raw["id"],
        customer_id=id_of(raw.get("customer")),
        type=raw["type"],
        brand=details.get("brand") or details.get("bank_name") or "",
        last4=details.get("last4") or "",
        exp_month=details.get("exp_month"),
        exp_year=details.get("exp_year"),
        wallet=(details.get("wallet") or {}).get("type") or "",
        created_at=_moment(raw.get("created")),
        address=_address(raw.get("billing_details")),
    )


def payment_intent(raw: Json) -> PaymentIntentSnapshot:
    failure = raw.get("last_payment_error") or {}
    return PaymentIntentSnapshot(
        payment_intent_id=raw["id"],
        status=raw["status"],
        amount=Money.from_stripe(raw["amount"], raw["currency"]),
        customer_id=id_of(raw.get("customer")),
        client_secret=raw.get("client_secret"),
        decline_code=failure.get("decline_code") or "",
        error_code=failure.get("code") or "",
        error_message=failure.get("message") or "",
    )


def invoice(raw: Json) -> InvoiceSnapshot:
    currency = raw["currency"]
    started_at, ends_at = _period(raw)
    return InvoiceSnapshot(
        invoice_id=raw["id"],
        customer_id=id_of(raw.get("customer")),
        subscription_id=_subscription_id(raw),
        status=raw["status"] or "draft",
        currency=currency.upper(),
        total=Money.from_stripe(raw["total"], currency),
        amount_due=Money.from_stripe(raw["amount_due"], currency),
        amount_remaining=Money.from_stripe(raw["amount_remaining"], currency),
        number=raw.get("number") or "",
        created_at=_moment(raw.get("created")),
        due_at=_moment(raw.get("due_date")),
        period_started_at=started_at,
        period_ends_at=ends_at,
        attempt_count=raw.get("attempt_count") or 0,
        hosted_invoice_url=raw.get("hosted_invoice_url") or "",
        invoice_pdf=raw.get("invoice_pdf") or "",
        billing_reason=raw.get("billing_reason") or "",
        tax_on_top=Money.from_stripe(_sum(raw, "total_taxes", tax_behavior="exclusive"), currency),
        discount=Money.from_stripe(_sum(raw, "total_discount_amounts"), currency),
        payment_intent=_default_payment_intent(raw),
    )


def account(raw: Json, *, is_live: bool) -> AccountSnapshot:
    """`is_live` comes from the key: an account does not say."""
    dashboard = (raw.get("settings") or {}).get("dashboard") or {}
    profile = raw.get("business_profile") or {}
    name = dashboard.get("display_name") or profile.get("name") or raw.get("email") or ""
    return AccountSnapshot(account_id=raw["id"], livemode=is_live, display_name=name)


def webhook_endpoint(raw: Json) -> WebhookEndpointSnapshot:
    return WebhookEndpointSnapshot(
        endpoint_id=raw["id"],
        url=raw["url"],
        status=raw["status"],
        api_version=raw.get("api_version") or "",
        enabled_events=tuple(raw.get("enabled_events") or ()),
    )


def id_of(value: Any) -> str | None:
    """The id behind a field that holds an id, an expanded object or null."""
    if isinstance(value, dict):
        return str(value["id"])
    return str(value) if value else None


def _address(billing_details: Json | None) -> AddressSnapshot | None:
    """None when nothing of it was entered."""
    given = (billing_details or {}).get("address") or {}
    names = ("line1", "line2", "city", "state", "postal_code", "country")
    found = AddressSnapshot(**{name: given.get(name) or "" for name in names})
    return None if found == AddressSnapshot() else found


def _sum(raw: Json, name: str, **only: str) -> int:
    """Of the amounts listed under `name`, those whose fields are as in `only`."""
    rows = raw.get(name) or ()
    return sum(row["amount"] for row in rows if all(row.get(key) == value for key, value in only.items()))


def _subscription_id(raw: Json) -> str | None:
    """Since API version basil the subscription stands under `parent`."""
    parent = raw.get("parent") or {}
    return id_of((parent.get("subscription_details") or {}).get("subscription"))


def _period(raw: Json) -> tuple[datetime | None, datetime | None]:
    """What the invoice pays for. Its own `period_*` tell when its items were added, which is another thing.

    Source: https://docs.stripe.com/api/invoices/object#invoice_object-period_start
    """
    periods = [line["period"] for line in (raw.get("lines") or {}).get("data") or () if line.get("period")]
    starts = [period["start"] for period in periods] or [raw.get("period_start")]
    ends = [period["end"] for period in periods] or [raw.get("period_end")]
    return _moment(min(starts)), _moment(max(ends))


def _default_payment_intent(raw: Json) -> PaymentIntentSnapshot | None:
    """The PaymentIntent of the default payment, when `payments` were expanded down to it."""
    payments = (raw.get("payments") or {}).get("data") or []
    for row in sorted(payments, key=lambda row: not row.get("is_default")):
        found = (row.get("payment") or {}).get("payment_intent")
        if isinstance(found, dict):
            return payment_intent(found)
    return None


def _moment(seconds: int | None) -> datetime | None:
    return None if seconds is None else datetime.fromtimestamp(seconds, tz=UTC)
