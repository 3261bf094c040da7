"""What a verified body says about itself: id, type, time, and whom it is about. Both senders' envelopes."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, NoReturn

from django.utils.dateparse import parse_datetime

from billing.errors import PayloadInvalid

DEEPEST = 50
"""Events of either source nest a dozen levels; what nests deeper would trouble whoever reads it later."""

MENDED = "\ufffd"
SECRETS = frozenset({"client_secret", "paymentSecret"})
"""Fields of Stripe's and Stigg's objects with which a payment can be confirmed: for the browser only, never kept."""


@dataclass(frozen=True, slots=True)
class Envelope:
    """The fields that the inbox keeps beside the payload."""

    external_id: str
    event_type: str
    payload: dict[str, Any]
    customer_ref: str = ""
    occurred_at: datetime | None = None


def parse(source: str, body: bytes) -> Envelope:
    """Raises: PayloadInvalid."""
    try:
        message = json.loads(body, parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as error:
        raise PayloadInvalid(f"not JSON: {type(error).__name__}") from error
    if not isinstance(message, dict):
        raise PayloadInvalid("not an object")
    payload = _storable(message)
    return _parse_stripe(payload) if source == "stripe" else _parse_stigg(payload)


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(name)


def _storable(value: Any, depth: int = 0) -> Any:
    """`value` without secrets, and with what no database keeps mended: NULs, halves of surrogates, infinite numbers.

    The payload is a hint of what to re-read, so neither costs anything.
    """
    if depth > DEEPEST:
        raise PayloadInvalid("nested too deeply")
    if isinstance(value, str):
        return value.encode("utf-8", "surrogatepass").decode("utf-8", "replace").replace("\x00", MENDED)
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if isinstance(value, dict):
        return {_storable(k): _storable(item, depth + 1) for k, item in value.items() if k not in SECRETS}
    return [_storable(item, depth + 1) for item in value] if isinstance(value, list) else value


def _parse_stripe(payload: dict[str, Any]) -> Envelope:
    """Source: https://docs.stripe.com/api/events/object"""
    data = payload.get("data")
    item = data.get("object") if isinstance(data, dict) else None
    created = payload.get("created")
    if not isinstance(item, dict):
        raise PayloadInvalid("no data.object")
    customer = item.get("id") if item.get("object") == "customer" else item.get("customer")
    return Envelope(
        external_id=_text(payload, "id"),
        event_type=_text(payload, "type"),
        payload=payload,
        customer_ref=customer if isinstance(customer, str) else "",
        occurred_at=_from_epoch(created),
    )


def _parse_stigg(payload: dict[str, Any]) -> Envelope:
    """Flat: the entity's fields stand beside `type` and `messageId`; some documents nest them in `data`.

    Source: https://docs.stigg.io/documentation/native-integrations/webhooks
    """
    entity = payload["data"] if isinstance(payload.get("data"), dict) else payload
    event_type = _text(payload, "type")
    customer = entity.get("customer")
    if isinstance(customer, dict):
        ref = customer.get("id")
    elif event_type.startswith("customer."):
        ref = entity.get("id")
    else:
        given = entity.get("input")
        ref = given.get("customerId") if isinstance(given, dict) else entity.get("customerId")
    moment = payload.get("timestamp") or payload.get("createdAt")
    return Envelope(
        external_id=_text(payload, "messageId"),
        event_type=event_type,
        payload=payload,
        customer_ref=ref if isinstance(ref, str) else "",
        occurred_at=_moment(moment),
    )


def _from_epoch(value: Any) -> datetime | None:
    try:
        return datetime.fromtimestamp(value, tz=UTC) if isinstance(value, int) else None
    except (ValueError, OverflowError, OSError):
        return None


def _moment(value: Any) -> datetime | None:
    try:
        moment = parse_datetime(value) if isinstance(value, str) else None
        if moment is None:
            return None
        return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        return None


def _text(payload: dict[str, Any], key: str) -> str:
    value = payload.get(key)
    if not isinstance(value, str) or not value or len(value) > 255 or MENDED in value:
        raise PayloadInvalid(f"no usable {key!r}")
    return value
