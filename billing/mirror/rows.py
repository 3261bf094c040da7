"""A few rows of one customer made like the truth: what differs is written, what does not is only dated."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

Values = dict[str, Any]


def make_like(
    model: Any, unique: Sequence[str], existing: Mapping[str, Any], wanted: Mapping[str, Values], *, read_at: datetime
) -> None:
    """Three statements at most, and one where nothing has changed. Call inside a transaction.

    `existing`: our rows, locked and of an older read, by the value of the last field of `unique`; `wanted` likewise
    has the values that they should have. A row that somebody else made meanwhile is the newer one, and stays.
    """
    new: list[Any] = []
    changed: list[Any] = []
    same: list[Any] = []
    for key, values in wanted.items():
        row = existing.get(key)
        if row is not None and all(getattr(row, name) == value for name, value in values.items()):
            same.append(row.pk)
            continue
        (changed if row else new).append(model(**{unique[-1]: key}, **values, mirrored_at=read_at))
    rows = model._default_manager
    if new:
        rows.bulk_create(new, ignore_conflicts=True)
    if changed:
        names = [*next(iter(wanted.values())), "mirrored_at"]
        written = [name for name in names if name not in unique]
        rows.bulk_create(changed, update_conflicts=True, unique_fields=unique, update_fields=written)
    if same:
        rows.filter(pk__in=same).update(mirrored_at=read_at)
