"""Many rows in one statement, where Django's own ways write whole rows or cannot say which columns.

On PostgreSQL whole columns travel as arrays, which spares it a parse per row; elsewhere one prepared statement
is run for each row. The names of tables and columns are our own models'.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import connection
from django.db.models import Q

Row = tuple[Any, ...]


def update_older(
    model: Any, names: Sequence[str], rows: Sequence[Row], read_at: datetime, *, as_old: bool = False
) -> set[Any]:
    """Rows (primary key, then the values of `names`) that show an older read than `read_at`, or, with `as_old`,
    the same; they get its date. The keys of those that were written.
    """
    operator = "<=" if as_old else "<"
    names = (*names, "mirrored_at")
    rows = [(*row, read_at) for row in rows]
    if connection.vendor == "postgresql":
        return _update_arrays(model, names, rows, operator, read_at)
    lookup = {f"mirrored_at__lt{'e' if as_old else ''}": read_at}
    older = model._default_manager.filter(Q(**lookup) | Q(mirrored_at=None), pk__in=[row[0] for row in rows])
    keys = set(older.select_for_update(no_key=True).values_list("pk", flat=True))
    quote, key = connection.ops.quote_name, model._meta.pk
    columns = [model._meta.get_field(name) for name in names]
    sets = ", ".join(f"{quote(column.column)} = %s" for column in columns)
    sql = f"UPDATE {quote(model._meta.db_table)} SET {sets} WHERE {quote(key.column)} = %s"  # noqa: S608 - see above
    prepared = _prepared([key, *columns], [row for row in rows if row[0] in keys])
    _execute_many(sql, [(*row[1:], row[0]) for row in prepared])
    return keys


def _update_arrays(model: Any, names: Sequence[str], rows: Sequence[Row], operator: str, read_at: datetime) -> set[Any]:
    quote, key = connection.ops.quote_name, model._meta.pk
    columns = [key, *(model._meta.get_field(name) for name in names)]
    sets = ", ".join(f"{quote(column.column)} = v.c{number}" for number, column in enumerate(columns) if number)
    source = f"{_arrays(columns)} AS v({', '.join(f'c{number}' for number in range(len(columns)))})"
    sql = (
        f"UPDATE {quote(model._meta.db_table)} AS t SET {sets} FROM {source} "  # noqa: S608 - see above
        f"WHERE t.{quote(key.column)} = v.c0 AND (t.mirrored_at IS NULL OR t.mirrored_at {operator} %s) "
        f"RETURNING t.{quote(key.column)}"
    )
    prepared = _prepared(columns, rows)
    with connection.cursor() as cursor:
        cursor.execute(sql, [*(list(values) for values in zip(*prepared, strict=True)), read_at])
        return {key.to_python(row[0]) for row in cursor.fetchall()}


def insert(model: Any, names: Sequence[str], rows: Sequence[Row]) -> None:
    """New rows with the values of `names`; the database sets the key."""
    if not rows:
        return
    columns = [model._meta.get_field(name) for name in names]
    into = ", ".join(connection.ops.quote_name(column.column) for column in columns)
    table = connection.ops.quote_name(model._meta.db_table)
    prepared = _prepared(columns, rows)
    if connection.vendor == "postgresql":
        sql = f"INSERT INTO {table} ({into}) SELECT * FROM {_arrays(columns)}"  # noqa: S608 - see above
        _execute(sql, [list(values) for values in zip(*prepared, strict=True)])
        return
    marks = ", ".join(["%s"] * len(columns))
    _execute_many(f"INSERT INTO {table} ({into}) VALUES ({marks})", prepared)  # noqa: S608 - see above


def _arrays(columns: Sequence[Any]) -> str:
    return "unnest(" + ", ".join(f"%s::{column.rel_db_type(connection)}[]" for column in columns) + ")"


def _prepared(columns: Sequence[Any], rows: Sequence[Row]) -> list[Row]:
    return [
        tuple(column.get_db_prep_save(value, connection) for column, value in zip(columns, row, strict=True))
        for row in rows
    ]


def _execute(sql: str, parameters: Sequence[Any]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)


def _execute_many(sql: str, parameters: Sequence[Row]) -> None:
    with connection.cursor() as cursor:
        cursor.executemany(sql, parameters)
