"""How Stigg's own scalar types cross the wire."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from graphql import GraphQLError, GraphQLScalarType, GraphQLSchema


def iso(moment: datetime | None) -> str | None:
    """UTC with milliseconds, as Stigg writes times."""
    if moment is None:
        return None
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def parse_time(value: Any) -> datetime:
    try:
        moment = datetime.fromisoformat(value)
    except (TypeError, ValueError):
        raise GraphQLError(f"DateTime cannot represent {value!r}") from None
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def install(schema: GraphQLSchema) -> None:
    """Give the scalars of a schema built from text their behaviour."""
    time, uuid = _scalar(schema, "DateTime"), _scalar(schema, "UUID")
    time.coerce_output_value = _serialize_time
    time.coerce_input_value = parse_time
    uuid.coerce_input_value = _parse_uuid


def _scalar(schema: GraphQLSchema, name: str) -> GraphQLScalarType:
    found = schema.type_map[name]
    if not isinstance(found, GraphQLScalarType):
        raise TypeError(f"{name} is not a scalar")
    return found


def _serialize_time(value: Any) -> str | None:
    return iso(value) if isinstance(value, datetime) else str(value)


def _parse_uuid(value: Any) -> str:
    try:
        return str(UUID(value))
    except (TypeError, ValueError, AttributeError):
        raise GraphQLError(f"UUID cannot represent {value!r}") from None
