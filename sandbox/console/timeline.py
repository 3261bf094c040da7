"""What happened to one customer, on both sides: Stripe's events, Stigg's webhooks, and the calls that named them."""

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sandbox.console.plain import plain
from sandbox.delivery import Delivery
from sandbox.journal import Call
from sandbox.world import World


@dataclass(frozen=True, slots=True)
class Who:
    """The same customer at both sides, as far as they are known there."""

    stripe_id: str | None
    stigg_id: str | None
    name: str | None
    email: str | None


@dataclass(frozen=True, slots=True)
class Entry:
    """`kind` is event (Stripe's), webhook (Stigg's) or call; `outcomes` are delivery states or a status code."""

    at: datetime
    kind: str
    side: str
    title: str
    id: str
    outcomes: list[str]
    internal: bool
    detail: Any


def customers(world: World) -> list[Who]:
    """Everybody, newest at Stripe first; those that only Stigg knows at the end."""
    linked = {each.billing_id: each for each in world.stigg.customers.values() if each.billing_id}
    known = [
        _who(stripe, linked.get(stripe["id"]))
        for stripe in reversed(world.stripe.customers.values())
        if not stripe.get("deleted")
    ]
    alone = [_who(None, each) for each in world.stigg.customers.values() if not each.billing_id]
    return [*known, *alone]


def customer(world: World, wanted: str) -> Who:
    """By either id. Raises LookupError."""
    for who in customers(world):
        if wanted in {who.stripe_id, who.stigg_id}:
            return who
    raise LookupError(f"Neither side has a customer {wanted}.")


def timeline(world: World, who: Who) -> list[Entry]:
    """Newest first."""
    ids = _ids_of(world, who)
    entries = [*_events(world, who), *_webhooks(world, who), *_calls(world, ids)]
    return sorted(entries, key=lambda entry: entry.at, reverse=True)


def _who(stripe: dict[str, Any] | None, stigg: Any) -> Who:
    return Who(
        stripe_id=stripe["id"] if stripe else None,
        stigg_id=stigg.ref_id if stigg else None,
        name=(stripe or {}).get("name") or (stigg.name if stigg else None),
        email=(stripe or {}).get("email") or (stigg.email if stigg else None),
    )


def _ids_of(world: World, who: Who) -> set[str]:
    """Their own ids and those of what belongs to them: what a call about them names."""
    ids = {each for each in (who.stripe_id, who.stigg_id) if each}
    for name in ("setup_intents", "payment_methods", "subscriptions", "invoices", "payment_intents", "charges"):
        ids |= {key for key, row in world.stripe.collection(name).items() if row.get("customer") == who.stripe_id}
    ids |= {each.ref_id for each in world.stigg.subscriptions.values() if each.customer_ref_id == who.stigg_id}
    return ids


def _events(world: World, who: Who) -> list[Entry]:
    if who.stripe_id is None:
        return []
    sent: dict[str, list[Delivery]] = {}
    for delivery in world.deliveries.list("stripe"):
        sent.setdefault(delivery.event_id, []).append(delivery)
    return [
        Entry(
            at=_moment(event, sent.get(event["id"], [])),
            kind="event",
            side="stripe",
            title=event["type"],
            id=event["id"],
            outcomes=[each.status for each in sent.get(event["id"], []) if not each.internal],
            internal=False,
            detail=event["data"],
        )
        for event in world.stripe.events.values()
        if who.stripe_id in {event["data"]["object"].get("customer"), event["data"]["object"].get("id")}
    ]


def _moment(event: dict[str, Any], sent: list[Delivery]) -> datetime:
    """An event knows its second only; its deliveries know better."""
    return sent[-1].created_at if sent else datetime.fromtimestamp(event["created"], UTC)


def _webhooks(world: World, who: Who) -> list[Entry]:
    if who.stigg_id is None:
        return []
    named = json.dumps(who.stigg_id).encode()
    return [
        Entry(each.created_at, "webhook", "stigg", each.kind, each.id, [each.status], each.internal, plain(each.body))
        for each in world.deliveries.list("stigg", internal=False)
        if named in each.body
    ]


def _calls(world: World, ids: set[str]) -> list[Entry]:
    return [
        Entry(
            at=call.at,
            kind="call",
            side=call.provider,
            title=call.operation,
            id=call.request_id or str(call.id),
            outcomes=[str(call.status) if call.status else "no answer"],
            internal=call.internal,
            detail=call.request,
        )
        for call in world.journal.list()
        if _names(call, ids)
    ]


def _names(call: Call, ids: set[str]) -> bool:
    said = f"{call.path} {call.request}"
    return any(each in said for each in ids)
