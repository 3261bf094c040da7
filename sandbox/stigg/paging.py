"""Cursor paging and the filters and sortings of list queries, over plain rows."""

import base64
import binascii
from collections.abc import Callable, Sequence
from fnmatch import fnmatchcase
from typing import Any

from sandbox.stigg.errors import StiggError

Given = dict[str, Any]
Row = dict[str, Any]

LARGEST_PAGE = 1000


def matches(row: Row, wanted: Given | None) -> bool:
    """`and`/`or` combine; a field compares with all of its operators. The environment is always this one."""
    for name, value in (wanted or {}).items():
        if name == "and":
            fits = all(matches(row, each) for each in value)
        elif name == "or":
            fits = any(matches(row, each) for each in value)
        elif name == "environmentId":
            fits = True
        else:
            fits = all(OPERATORS[operator](row.get(name), operand) for operator, operand in value.items())
        if not fits:
            return False
    return True


def ordered(rows: list[Row], sorting: Sequence[Given] | None) -> list[Row]:
    for rule in reversed(sorting or []):
        name, descending = rule["field"], rule["direction"] == "DESC"
        there = [row for row in rows if row.get(name) is not None]
        missing = [row for row in rows if row.get(name) is None]
        there.sort(key=lambda row: row[name], reverse=descending)
        first = rule.get("nulls") == "NULLS_FIRST"
        rows = missing + there if first else there + missing
    return rows


def connection(nodes: Sequence[Any], paging: Given | None, default_size: int) -> dict[str, Any]:
    given = paging or {}
    start = _index(given["after"]) + 1 if given.get("after") else 0
    end = _index(given["before"]) if given.get("before") else len(nodes)
    if given.get("last") is not None:
        start = max(start, end - _size(given["last"]))
    else:
        end = min(end, start + _size(given.get("first") or default_size))
    page = list(enumerate(nodes))[start:end]
    return {
        "edges": [{"node": node, "cursor": _cursor(index)} for index, node in page],
        "pageInfo": {
            "startCursor": _cursor(page[0][0]) if page else None,
            "endCursor": _cursor(page[-1][0]) if page else None,
            "hasNextPage": end < len(nodes),
            "hasPreviousPage": start > 0,
        },
    }


def _between(value: Any, bounds: Given) -> bool:
    return value is not None and bool(bounds["lower"] <= value <= bounds["upper"])


def _ordered(compare: Callable[[Any, Any], bool]) -> Callable[[Any, Any], bool]:
    return lambda value, operand: value is not None and compare(value, operand)


def _like(value: Any, pattern: str) -> bool:
    return value is not None and fnmatchcase(str(value), pattern.replace("%", "*").replace("_", "?"))


def _ilike(value: Any, pattern: str) -> bool:
    return value is not None and _like(str(value).lower(), pattern.lower())


OPERATORS: dict[str, Callable[[Any, Any], bool]] = {
    # `is` and `isNot` carry a boolean or null, and ask for presence.
    "is": lambda value, operand: (value is None) if operand is None else value == operand,
    "isNot": lambda value, operand: (value is not None) if operand is None else value != operand,
    "eq": lambda value, operand: bool(value == operand),
    "neq": lambda value, operand: bool(value != operand),
    "in": lambda value, operand: value in operand,
    "notIn": lambda value, operand: value not in operand,
    "gt": _ordered(lambda value, operand: value > operand),
    "gte": _ordered(lambda value, operand: value >= operand),
    "lt": _ordered(lambda value, operand: value < operand),
    "lte": _ordered(lambda value, operand: value <= operand),
    "between": _between,
    "notBetween": lambda value, operand: not _between(value, operand),
    "like": _like,
    "notLike": lambda value, operand: not _like(value, operand),
    "iLike": _ilike,
    "notILike": lambda value, operand: not _ilike(value, operand),
}


def _size(given: int) -> int:
    if not 0 < given <= LARGEST_PAGE:
        raise StiggError("BadUserInput", f"A page holds from 1 to {LARGEST_PAGE} entries")
    return given


def _cursor(index: int) -> str:
    return base64.b64encode(f"arrayconnection:{index}".encode()).decode()


def _index(cursor: str) -> int:
    try:
        return int(base64.b64decode(cursor, validate=True).decode().removeprefix("arrayconnection:"))
    except (binascii.Error, ValueError):
        raise StiggError("BadUserInput", "The cursor cannot be read") from None
