"""The objects of both sides as rows, newest first, for the API and the pages."""

from collections.abc import Iterator, Mapping
from typing import Any

from sandbox.console.plain import plain
from sandbox.stripe.state import COLLECTIONS
from sandbox.world import World

Row = dict[str, Any]
# The order in which they are looked for; what the state has besides comes after them.
FIRST_OF_STRIPE = (
    "customers",
    "setup_intents",
    "payment_methods",
    "subscriptions",
    "invoices",
    "payment_intents",
    "charges",
    "refunds",
    "disputes",
    "products",
    "prices",
    "events",
)
STRIPE_COLLECTIONS = (*FIRST_OF_STRIPE, *(name for name in COLLECTIONS if name not in FIRST_OF_STRIPE))
STIGG_COLLECTIONS = ("customers", "subscriptions", "plans", "addons", "features", "coupons")
SIDES = {"stripe": STRIPE_COLLECTIONS, "stigg": STIGG_COLLECTIONS}


class UnknownCollection(LookupError):
    """A name that the side has no objects under."""


def collections_of(side: str) -> tuple[str, ...]:
    return SIDES.get(side, ())


def rows(world: World, side: str, collection: str, filters: Mapping[str, str] | None = None) -> list[Row]:
    """Rows whose top-level fields equal all filters. Raises UnknownCollection."""
    if collection not in collections_of(side):
        raise UnknownCollection(f"{side} has no {collection}; it has {', '.join(collections_of(side))}.")
    found = _stripe(world, collection) if side == "stripe" else _stigg(world, collection)
    return matching(found, filters or {})


def everything(world: World) -> Iterator[tuple[str, str, Row]]:
    """(side, collection, row) of all objects of both sides."""
    for side, names in SIDES.items():
        for collection in names:
            for row in rows(world, side, collection):
                yield side, collection, row


def row_of(world: World, side: str, collection: str, wanted: str) -> Row:
    """Raises UnknownCollection, or LookupError for an id that is not there."""
    for row in rows(world, side, collection):
        if id_of(row) == wanted:
            return row
    raise LookupError(f"{side} has no {wanted} among its {collection}.")


def id_of(row: Row) -> str:
    """The id that others name the object by; at Stigg its refId."""
    return str(row.get("ref_id") or row.get("id") or row.get("client_secret") or "")


def matching(found: list[Row], filters: Mapping[str, str]) -> list[Row]:
    return [row for row in found if all(_as_text(row.get(name)) == value for name, value in filters.items())]


def _stripe(world: World, collection: str) -> list[Row]:
    return [plain(row) for row in reversed(world.stripe.collection(collection).values())]


def _stigg(world: World, collection: str) -> list[Row]:
    if collection in {"customers", "subscriptions"}:
        held = getattr(world.stigg, collection)
        return [plain(row) for row in reversed(held.values())]
    catalog = getattr(world.stigg.catalog, collection)
    return [plain(row) for row in (catalog.values() if isinstance(catalog, dict) else catalog)]


def _as_text(value: Any) -> str:
    if value is None:
        return "null"
    return str(value).lower() if isinstance(value, bool) else str(value)
