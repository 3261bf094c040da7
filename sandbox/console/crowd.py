"""A crowd: many copies of one customer at once, moved about and told in short, for tests under load.

The copied customer came about in the usual way, so the copies are what both sides would have made, only
faster. No webhook tells of any of this: whoever made the crowd posts the events as well.
"""

import asyncio
import json
import random
from collections.abc import Iterable
from dataclasses import replace
from typing import Any
from uuid import UUID

from sandbox.stigg import entitlements
from sandbox.stigg.state import Customer, Subscription
from sandbox.world import World

Row = dict[str, Any]
SEATS = "feature-seats"
COPIED = ("customers", "payment_methods", "subscriptions", "invoices", "invoice_payments", "payment_intents", "charges")


def grow(world: World, ref_id: str, count: int, seed: int) -> list[Row]:
    """`count` copies of a customer who has one subscription; the same seed gives the same ids."""
    model = world.stigg.customers.get(ref_id)
    if model is None:
        raise LookupError(f"There is no customer {ref_id}.")
    (bought,) = world.stigg.subscriptions_of(model)
    dice = random.Random(seed)  # noqa: S311 - ids of test objects
    pattern = _pattern(world, model, bought)
    return [_copy(world, model, bought, pattern, UUID(int=dice.getrandbits(128), version=4)) for _ in range(count)]


def move(world: World, moves: Iterable[Row]) -> int:
    """Change the truth: seats, status and payment at Stigg, card and invoice at Stripe."""
    moved = 0
    for each in moves:
        customer = world.stigg.customers[each["customer_id"]]
        item = world.stigg.subscriptions[each["subscription_id"]]
        item.choice = replace(item.choice, quantities=((SEATS, int(each["seats"])),))
        item.status, item.payment_collection = each["status"], each["payment_collection"]
        if customer.payment_method is not None:
            customer.payment_method.exp_year = each["exp_year"]
            world.stripe.payment_methods[customer.payment_method.id]["card"]["exp_year"] = each["exp_year"]
        if item.latest_invoice is not None:
            world.stripe.invoices[item.latest_invoice.billing_id]["status"] = each["invoice_status"]
        moved += 1
    return moved


def told(world: World) -> list[Row]:
    """What a copy of either side should show of each customer with one subscription or more."""
    return [_told(world, item) for item in world.stigg.subscriptions.values()]


def _told(world: World, item: Subscription) -> Row:
    customer = world.stigg.customers[item.customer_ref_id]
    card, invoice = customer.payment_method, item.latest_invoice
    granted = entitlements.granted(world.stigg, customer, None, world.clock.now()) if item.grants_access else []
    return {
        "customer_id": customer.ref_id,
        "subscription_id": item.ref_id,
        "status": item.status,
        "payment_collection": item.payment_collection,
        "plan_id": item.plan_id,
        "limits": {each.feature.ref_id: each.usage_limit for each in granted},
        "card": card and card.id,
        "exp_year": card and world.stripe.payment_methods[card.id]["card"]["exp_year"],
        "invoice": invoice and invoice.billing_id,
        "invoice_status": invoice and world.stripe.invoices[invoice.billing_id]["status"],
    }


def _pattern(world: World, model: Customer, bought: Subscription) -> dict[str, str]:
    """Stripe's objects of the model, as text, by collection."""
    about = (model.billing_id, bought.billing_id, bought.latest_invoice and bought.latest_invoice.billing_id)
    mine: dict[str, Row] = {}
    for name in COPIED:
        for key, value in world.stripe.collection(name).items():
            if key in about or any(value.get(field) in about for field in ("customer", "invoice")):
                mine.setdefault(name, {})[key] = value
    return {name: json.dumps(objects) for name, objects in mine.items()}


def _copy(world: World, model: Customer, bought: Subscription, pattern: dict[str, str], key: UUID) -> Row:
    """One copy: every id of the model with the copy's own ending."""
    names = {old: f"{old.split('_')[0]}_{key.hex}{number}" for number, old in enumerate(_ids(pattern))}
    names |= {model.ref_id: str(key), bought.ref_id: f"subscription-{key.hex}"}
    for name, text in pattern.items():
        world.stripe.collection(name).update(json.loads(_renamed(text, names)))
    card, invoice = model.payment_method, bought.latest_invoice
    customer = replace(
        model,
        id=str(UUID(int=key.int ^ 1)),
        ref_id=str(key),
        name=f"Customer {key.hex[:6]}",
        email=f"{key.hex}@example.com",
        billing_id=names[str(model.billing_id)],
        payment_method=card and replace(card, id=names[card.id]),
        lock=asyncio.Lock(),
    )
    item = replace(
        bought,
        id=str(UUID(int=key.int ^ 2)),
        ref_id=names[bought.ref_id],
        customer_ref_id=customer.ref_id,
        billing_id=names[str(bought.billing_id)],
        latest_invoice=invoice and replace(invoice, billing_id=names[invoice.billing_id]),
        future_updates=[],
    )
    world.stigg.customers[customer.ref_id], world.stigg.subscriptions[item.ref_id] = customer, item
    return {
        "customer_id": customer.ref_id,
        "billing_id": customer.billing_id,
        "subscription_id": item.ref_id,
        "stripe_subscription_id": item.billing_id,
        "card": customer.payment_method and customer.payment_method.id,
        "invoice": item.latest_invoice and item.latest_invoice.billing_id,
    }


def _renamed(text: str, names: dict[str, str]) -> str:
    for old, new in names.items():
        text = text.replace(old, new)
    return text


def _ids(pattern: dict[str, str]) -> list[str]:
    """Longest first, so that no id is replaced within another."""
    found = [key for text in pattern.values() for key in json.loads(text)]
    return sorted(found, key=len, reverse=True)
