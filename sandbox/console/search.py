"""One box over all objects of both sides: by id, by name or e-mail, by anything that stands in them."""

import json
from dataclasses import dataclass

from sandbox.console.rows import Row, everything, id_of
from sandbox.world import World

MOST_HITS = 100
NAMING_FIELDS = ("name", "email", "display_name", "description", "number", "type")


@dataclass(frozen=True, slots=True)
class Hit:
    side: str
    collection: str
    id: str
    label: str
    row: Row


def search(world: World, text: str, most: int = MOST_HITS) -> list[Hit]:
    """Best first: the id itself, then names, then mentions; events come last, as they repeat other objects."""
    wanted = text.strip().lower()
    if not wanted:
        return []
    found = [
        (rank, Hit(side, collection, id_of(row), _label(row), row))
        for side, collection, row in everything(world)
        if (rank := _rank(row, collection, wanted)) is not None
    ]
    found.sort(key=lambda ranked: ranked[0])
    return [hit for _rank_of_it, hit in found[:most]]


def mentions(world: World, object_id: str) -> list[Hit]:
    """The objects that name this one, events left out."""
    quoted = json.dumps(object_id)
    return [
        Hit(side, collection, id_of(row), _label(row), row)
        for side, collection, row in everything(world)
        if collection != "events" and id_of(row) != object_id and quoted in json.dumps(row)
    ]


def known_ids(world: World) -> dict[str, str]:
    """The address of each object's page, by id."""
    return {id_of(row): f"/{side}/{collection}/{id_of(row)}" for side, collection, row in everything(world)}


def _rank(row: Row, collection: str, wanted: str) -> int | None:
    identity = id_of(row).lower()
    if identity == wanted:
        return 0
    late = 10 if collection == "events" else 0
    if identity.startswith(wanted):
        return 1 + late
    if any(wanted in str(row.get(name) or "").lower() for name in NAMING_FIELDS):
        return 2 + late
    return 3 + late if wanted in json.dumps(row, ensure_ascii=False).lower() else None


def _label(row: Row) -> str:
    card = row.get("card")
    if isinstance(card, dict) and "last4" in card:
        return f"{card.get('brand')} •••• {card['last4']}"
    return next((str(row[name]) for name in NAMING_FIELDS if row.get(name)), "")
