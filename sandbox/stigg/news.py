"""What has just changed for a customer, for those who listen to the push channel. Nothing is kept."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any, Literal
from weakref import WeakKeyDictionary

from graphql import GraphQLField, GraphQLResolveInfo, GraphQLSchema

from sandbox.stigg import reads
from sandbox.stigg.entitlements import state_denial
from sandbox.stigg.side import Side
from sandbox.world import World

Kind = Literal["entitlements", "usage", "packages"]
Wire = dict[str, Any]

_listeners: WeakKeyDictionary[World, list[asyncio.Queue["News"]]] = WeakKeyDictionary()


@dataclass(frozen=True)
class News:
    kind: Kind
    customer_id: str
    resource_id: str | None = None
    feature_id: str | None = None


def publish(world: World, item: News) -> None:
    for queue in _listeners.get(world, []):
        queue.put_nowait(item)


async def listen(world: World, kind: Kind) -> AsyncIterator[News]:
    queue: asyncio.Queue[News] = asyncio.Queue()
    _listeners.setdefault(world, []).append(queue)
    try:
        while True:
            item = await queue.get()
            if item.kind == kind:
                yield item
    finally:
        _listeners[world].remove(queue)


def install(schema: GraphQLSchema) -> None:
    """The fields of the type Subscription."""
    if schema.subscription_type is None:
        return
    for name, field in schema.subscription_type.fields.items():
        kind, resolve = FIELDS[name]
        _wire(field, kind, resolve)


def _wire(field: GraphQLField, kind: Kind, resolve: Any) -> None:
    def source(_root: Any, info: GraphQLResolveInfo[Any]) -> AsyncIterator[News]:
        return listen(info.context.world, kind)

    field.subscribe, field.resolve = source, resolve


def entitlements(item: News, info: GraphQLResolveInfo[Any]) -> Wire:
    side: Side = info.context
    given = {"customerId": item.customer_id, "resourceId": item.resource_id}
    owner = side.state.customers.get(item.customer_id)
    return given | {
        "accessDeniedReason": state_denial(side.state, owner, side.now()),
        "entitlements": lambda _info: reads.entitlements_of(side, given),
    }


def entitlements_v2(item: News, info: GraphQLResolveInfo[Any]) -> Wire:
    given = {"customerId": item.customer_id, "resourceId": item.resource_id}
    return entitlements(item, info) | {"entitlements": reads.entitlements_v2_of(info.context, given)}


def usage(item: News, info: GraphQLResolveInfo[Any]) -> Wire:
    """Times are milliseconds since the epoch here."""
    given = {"customerId": item.customer_id, "resourceId": item.resource_id, "featureId": item.feature_id}
    found = reads.entitlement(info.context, given)
    times = {name: found.get(name) for name in ("usagePeriodStart", "usagePeriodEnd", "usageUpdatedAt")}
    return given | {
        "entitlementReference": {"type": "FEATURE", "id": item.feature_id},
        "entitlement": found,
        "usage": {"currentUsage": found.get("currentUsage")}
        | {name: when and int(when.timestamp() * 1000) for name, when in times.items()},
    }


FIELDS: dict[str, tuple[Kind, Any]] = {
    "entitlementsUpdated": ("entitlements", entitlements),
    "entitlementsUpdatedV2": ("entitlements", entitlements_v2),
    "usageUpdated": ("usage", usage),
    "usageUpdatedV2": ("usage", usage),
}
