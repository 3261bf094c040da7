"""Stripe's lists: newest first, by cursor."""

from collections.abc import Iterable

from sandbox.stripe.call import Call
from sandbox.stripe.errors import invalid, missing_object
from sandbox.stripe.params import Params
from sandbox.stripe.state import Obj

MOST_PER_PAGE = 100


def list_object(data: list[Obj], url: str, *, has_more: bool = False) -> Obj:
    return {"object": "list", "data": data, "has_more": has_more, "url": url}


def page(call: Call, objects: Iterable[Obj], url: str) -> Obj:
    """One page of `objects`, which come oldest first.

    Source: https://docs.stripe.com/api/pagination
    """
    params = call.params
    limit = params.integer("limit")
    limit = 10 if limit is None else limit
    if not 1 <= limit <= MOST_PER_PAGE:
        raise invalid(f"Invalid integer: limit must be between 1 and {MOST_PER_PAGE}", "limit")
    rows = [each for each in reversed(list(objects)) if _created_matches(each, params)]
    if after := params.text("starting_after"):
        rows = rows[_position(rows, after, "starting_after") + 1 :]
    elif before := params.text("ending_before"):
        ahead = rows[: _position(rows, before, "ending_before")]
        return list_object(ahead[-limit:], url, has_more=len(ahead) > limit)
    return list_object(rows[:limit], url, has_more=len(rows) > limit)


def matching(objects: Iterable[Obj], params: Params, *fields: str) -> list[Obj]:
    """Keep what equals each given text parameter of the same name."""
    wanted = {field: value for field in fields if (value := params.text(field)) is not None}
    return [each for each in objects if all(each.get(field) == value for field, value in wanted.items())]


def _position(rows: list[Obj], object_id: str, param: str) -> int:
    for index, row in enumerate(rows):
        if row["id"] == object_id:
            return index
    raise missing_object("object", object_id, param)


def _created_matches(row: Obj, params: Params) -> bool:
    if "created" not in params:
        return True
    created: int = row["created"]
    if not isinstance(params.tree["created"], dict):
        return created == params.integer("created")
    bounds = params.group("created").only(["gt", "gte", "lt", "lte"])
    checks = {
        "gt": lambda bound: created > bound,
        "gte": lambda bound: created >= bound,
        "lt": lambda bound: created < bound,
        "lte": lambda bound: created <= bound,
    }
    return all(checks[name](bounds.integer(name) or 0) for name in bounds.names())
