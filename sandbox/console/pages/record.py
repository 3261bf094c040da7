"""One object: its JSON with every id in it a link, what refers to it, and what can be done to it."""

import json
import re

from sandbox.console.html import Child, Html, h, joined
from sandbox.console.pages.layout import button, card, field, page, pill
from sandbox.console.pages.search import hits_table
from sandbox.console.rows import Row, row_of
from sandbox.console.search import known_ids, mentions
from sandbox.world import World

FIRST = ("id", "ref_id", "object", "status")
_QUOTED = re.compile(r'"((?:[^"\\]|\\.)*)"')


def record_page(world: World, side: str, collection: str, wanted: str) -> Html:
    """Raises LookupError."""
    row = row_of(world, side, collection, wanted)
    word = collection.removesuffix("s").replace("_", " ")
    return page(
        world,
        f"/{side}/{collection}",
        f"{side.title()} {word}",
        h("p", _facts(side, collection, wanted, row), cls="line", id="facts", data_live=True),
        _deeds(collection, wanted, row) if side == "stripe" else None,
        card("JSON", h("pre", linked(world, row, wanted), cls="whole", tabindex="0"), live="whole"),
        card("Named by", hits_table(mentions(world, wanted), "No other object names it."), live="mentions"),
    )


def linked(world: World, row: Row, own_id: str = "") -> Html:
    """Pretty JSON; a string that is another object's id leads there."""
    known = known_ids(world)
    first = {name: row[name] for name in FIRST if name in row}
    text = json.dumps(first | row, indent=2, ensure_ascii=False)
    parts: list[Child] = []
    last = 0
    for match in _QUOTED.finditer(text):
        held = match.group(1)
        if held in known and held != own_id:
            parts += [text[last : match.start(1)], h("a", held, href=known[held])]
            last = match.end(1)
    return joined(*parts, text[last:])


def _facts(side: str, collection: str, wanted: str, row: Row) -> list[Child]:
    facts: list[Child] = [h("code", wanted)]
    if row.get("status"):
        facts.append(pill(str(row["status"])))
    customer = wanted if collection == "customers" else row.get("customer") or row.get("customer_ref_id")
    if isinstance(customer, str):
        facts.append(h("a", "The customer’s timeline", href=f"/customers/{customer}"))
    if side == "stripe" and row.get("hosted_invoice_url"):
        facts.append(h("a", "Hosted page", href=str(row["hosted_invoice_url"])))
    return facts


def _deeds(collection: str, wanted: str, row: Row) -> Html | None:
    if collection == "charges" and row.get("paid"):
        return card("Take money back", _refund(wanted, row), _dispute(wanted, row))
    if collection == "disputes" and row.get("status") not in {"won", "lost"}:
        outcomes = [
            button(f"/api/disputes/{wanted}/decide", f"The bank decides: {word}", ("outcome", word))
            for word in ("won", "lost")
        ]
        return card("Decide", h("div", outcomes, cls="presets"))
    return None


def _refund(wanted: str, row: Row) -> Html | None:
    left = row["amount_captured"] - row["amount_refunded"]
    if left <= 0:
        return None
    return h(
        "form",
        field(f"Amount, at most {left}", h("input", type="number", name="amount", min=1, max=left, value=left)),
        h("button", "Refund"),
        method="post",
        action=f"/api/charges/{wanted}/refund",
        cls="filters",
    )


def _dispute(wanted: str, row: Row) -> Html | None:
    return None if row.get("disputed") else button(f"/api/charges/{wanted}/dispute", "Dispute it", cls="danger")
