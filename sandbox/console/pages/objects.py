"""The objects of one collection of a side: a line each, the whole object behind a click."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from sandbox.console.html import Child, Html, h
from sandbox.console.pages.layout import card, code, field, folded, page, pill, table
from sandbox.console.rows import Row, id_of, rows
from sandbox.world import World

SHOWN = 200
# The fields worth a column, by collection; a dotted name reaches inside.
COLUMNS: dict[str, tuple[str, ...]] = {
    "stripe/customers": ("id", "name", "email", "invoice_settings.default_payment_method", "created"),
    "stripe/setup_intents": ("id", "status", "customer", "payment_method", "created"),
    "stripe/payment_methods": ("id", "card.brand", "card.last4", "customer", "created"),
    "stripe/subscriptions": ("id", "status", "customer", "latest_invoice", "created"),
    "stripe/invoices": ("id", "status", "customer", "amount_due", "amount_paid", "currency", "created"),
    "stripe/payment_intents": ("id", "status", "customer", "amount", "currency", "created"),
    "stripe/charges": ("id", "status", "customer", "amount", "currency", "created"),
    "stripe/refunds": ("id", "status", "charge", "amount", "currency", "created"),
    "stripe/disputes": ("id", "status", "charge", "amount", "currency", "reason", "created"),
    "stripe/customer_sessions": ("client_secret", "customer", "created"),
    "stripe/products": ("id", "name", "active", "created"),
    "stripe/prices": ("id", "product", "unit_amount", "currency", "recurring.interval", "created"),
    "stripe/events": ("id", "type", "created"),
    "stigg/customers": ("ref_id", "name", "email", "billing_id", "payment_method.last4", "created_at"),
    "stigg/subscriptions": (
        "ref_id",
        "status",
        "customer_ref_id",
        "choice.plan_id",
        "payment_collection",
        "billing_id",
        "created_at",
    ),
    "stigg/plans": ("ref_id", "display_name", "pricing_type", "base_plan_id"),
    "stigg/coupons": ("ref_id", "name", "percent_off", "status"),
    "stigg/features": ("ref_id", "display_name", "feature_type", "meter_type"),
    "stigg/addons": ("ref_id", "display_name", "pricing_type"),
}
STATUS_FIELDS = {"status", "payment_collection"}


def objects_page(world: World, side: str, collection: str, query: Mapping[str, str]) -> Html:
    """Raises UnknownCollection."""
    text = query.get("q", "")
    found = [row for row in rows(world, side, collection) if text.lower() in str(row).lower()]
    columns = COLUMNS.get(f"{side}/{collection}", ("id", "created"))
    title = f"{side.title()}: {collection.replace('_', ' ')}"
    lines = [
        [_name(side, collection, row), *(_cell(row, column) for column in columns[1:]), _whole(row)]
        for row in found[:SHOWN]
    ]
    search = h(
        "form",
        field("Contains", h("input", type="search", name="q", value=text)),
        h("button", "Filter"),
        cls="filters",
    )
    headings = [column.split(".")[-1].replace("_", " ").capitalize() for column in columns]
    return page(
        world,
        f"/{side}/{collection}",
        title,
        search,
        card(f"{len(found)} found", table([*headings, ""], lines, "Nothing here yet."), live="objects"),
    )


def _name(side: str, collection: str, row: Row) -> Html:
    return h("a", code(id_of(row)), href=f"/{side}/{collection}/{id_of(row)}")


def _cell(row: Row, column: str) -> Child:
    value: Any = row
    for name in column.split("."):
        value = value.get(name) if isinstance(value, dict) else None
    if value is None or value == "":
        return h("span", "–", cls="quiet")
    if column in STATUS_FIELDS:
        return pill(str(value))
    if column == "created":
        return f"{datetime.fromtimestamp(value, UTC):%d %b %H:%M:%S}"
    if column == "created_at":
        return f"{datetime.fromisoformat(value):%d %b %H:%M:%S}"
    if "id" in column.split("_") or str(value)[:4].rstrip("_") in {"cus", "in", "pm", "sub", "seti", "pi"}:
        return code(str(value))
    return str(value)


def _whole(row: Row) -> Html:
    return folded("JSON", row, id_of(row))
