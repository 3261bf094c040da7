"""Events: recorded as /v1/events shows them and queued for every webhook endpoint."""

from contextvars import ContextVar
from typing import Any

from sandbox.stripe.copying import copied
from sandbox.stripe.ids import new_id
from sandbox.stripe.state import Obj, drop_oldest
from sandbox.world import World

API_VERSION = "2026-10-28.endive"
KEPT_EVENTS = 20_000

# The API request that causes events; both None when time does.
causing_request: ContextVar[tuple[str | None, str | None]] = ContextVar("causing_request", default=(None, None))


def emit(world: World, kind: str, obj: Obj, previous: Obj | None = None) -> Obj:
    """Record and queue an event with the object as it now is."""
    request_id, idempotency_key = causing_request.get()
    data: Obj = {"object": copied(obj)}
    if previous is not None:
        data["previous_attributes"] = previous
    event: Obj = {
        "id": new_id("evt"),
        "object": "event",
        "api_version": API_VERSION,
        "created": world.clock.timestamp(),
        "data": data,
        "livemode": False,
        "pending_webhooks": 0,
        "request": {"id": request_id, "idempotency_key": idempotency_key},
        "type": kind,
    }
    world.stripe.events[event["id"]] = event
    drop_oldest(world.stripe.events, KEPT_EVENTS)
    takers = [each for each in world.deliveries.endpoints("stripe") if each.takes("stripe", kind)]
    event["pending_webhooks"] = sum(1 for each in takers if not each.internal)
    world.deliveries.send("stripe", event, kind)
    return event


def emit_update(world: World, kind: str, obj: Obj, before: Obj) -> None:
    """Emit with `previous_attributes`, or nothing when nothing has changed."""
    previous = changed(before, obj)
    if previous:
        emit(world, kind, obj, previous)


def changed(before: Any, after: Any) -> Obj:
    """What the changed keys held before; nested objects down to their changed keys."""
    previous: Obj = {}
    for key in before.keys() | after.keys():
        old, new = before.get(key), after.get(key)
        if old == new:
            continue
        if isinstance(old, dict) and isinstance(new, dict) and old.get("object") != "list":
            previous[key] = changed(old, new)
        else:
            previous[key] = copied(old)
    return previous
