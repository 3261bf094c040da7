"""Any value of the sandbox as JSON: dataclasses, times, bytes. Locks and the like are left out."""

import json
from collections import deque
from dataclasses import fields, is_dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from pathlib import Path
from typing import Any

SCALARS = (str, int, float, bool, type(None))


def plain(value: Any) -> Any:
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, SCALARS):
        return value
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, Decimal | Path):
        return str(value)
    if isinstance(value, bytes):
        return _parsed(value)
    if isinstance(value, dict):
        return {str(key): plain(inner) for key, inner in value.items() if _shown(inner)}
    if isinstance(value, list | tuple | set | frozenset | deque):
        return [plain(inner) for inner in value if _shown(inner)]
    return {each.name: plain(held) for each in fields(value) if _shown(held := getattr(value, each.name))}


def _shown(value: Any) -> bool:
    known = (*SCALARS, Enum, datetime, date, Decimal, Path, bytes, dict, list, tuple, set, frozenset, deque)
    return isinstance(value, known) or (is_dataclass(value) and not isinstance(value, type))


def _parsed(body: bytes) -> Any:
    """The bodies kept here are JSON that the sandbox wrote."""
    try:
        return json.loads(body)
    except ValueError:
        return body.decode("utf-8", "replace")
