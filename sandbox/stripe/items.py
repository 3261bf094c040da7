"""A subscription's items: read from parameters, shaped, priced into invoice lines."""

from sandbox.stripe.amounts import shown
from sandbox.stripe.call import Call
from sandbox.stripe.catalogue import price_from_data
from sandbox.stripe.copying import copied
from sandbox.stripe.errors import invalid, missing_object, missing_parameter
from sandbox.stripe.ids import random_text
from sandbox.stripe.invoice_object import new_line
from sandbox.stripe.params import Params, merged_metadata, words
from sandbox.stripe.pricing import amount_of
from sandbox.stripe.state import Obj, StripeState
from sandbox.world import World

ITEM_PARAMS = words(
    "billing_thresholds clear_usage current_trial deleted discounts id metadata plan price price_data quantity "
    "tax_rates"
)


def new_items(call: Call, groups: list[Params], subscription_id: str) -> list[Obj]:
    if not groups:
        raise missing_parameter("items")
    items = [_new_item(call, group.only(ITEM_PARAMS), subscription_id) for group in groups]
    need_one_cycle(items)
    return items


def changed_items(call: Call, current: list[Obj], groups: list[Params], subscription_id: str) -> list[Obj]:
    """Copies with the changes of `items[]`: by id a change or a deletion, without an id an addition."""
    items = copied(current)
    for group in groups:
        group.only(ITEM_PARAMS)
        item_id = group.text("id")
        if item_id is None:
            items.append(_new_item(call, group, subscription_id))
            continue
        item = next((each for each in items if each["id"] == item_id), None)
        if item is None:
            raise missing_object("subscription_item", item_id, group.path("id"))
        if group.flag("deleted"):
            items.remove(item)
        else:
            _write(call, item, group)
    if not items:
        raise invalid("A subscription must have at least one active plan.", "items")
    need_one_cycle(items)
    return items


def need_one_cycle(items: list[Obj]) -> None:
    """The sandbox bills one interval and one currency per subscription."""
    if len({item["price"]["currency"] for item in items}) > 1:
        raise invalid("All prices on a subscription must have the same currency.", "items")
    if len({cycle_of([item]) for item in items}) > 1:
        raise invalid("All prices on a subscription must have the same interval.", "items")


def cycle_of(items: list[Obj]) -> tuple[str, int]:
    recurring = items[0]["price"]["recurring"]
    return recurring["interval"], recurring["interval_count"]


def total_of(state: StripeState, items: list[Obj]) -> int:
    return sum(amount_of(state, item["price"], item.get("quantity", 0)) for item in items)


def set_period(items: list[Obj], start: int, end: int) -> None:
    for item in items:
        item |= {"current_period_start": start, "current_period_end": end}


def cycle_lines(world: World, items: list[Obj], period: tuple[int, int], *, trial: bool = False) -> list[Obj]:
    """One line per item for a whole period; a trial's lines cost nothing."""
    return [_cycle_line(world, item, period, trial=trial) for item in items]


def _new_item(call: Call, group: Params, subscription_id: str) -> Obj:
    now = call.now()
    item: Obj = {
        "id": f"si_{random_text(14)}",
        "object": "subscription_item",
        "billing_thresholds": None,
        "created": now,
        "current_period_end": now,
        "current_period_start": now,
        "current_trial": None,
        "discounts": [],
        "metadata": {},
        "quantity": 1,
        "subscription": subscription_id,
        "tax_rates": [],
    }
    if not any(name in group for name in ("price", "price_data", "plan")):
        raise missing_parameter(group.path("price"))
    _write(call, item, group)
    return item


def _write(call: Call, item: Obj, group: Params) -> None:
    price = _price_of(call, group)
    if price is not None:
        if price["type"] != "recurring":
            message = (
                "The price specified is set to `type=one_time` but this field only accepts prices with "
                "`type=recurring`."
            )
            raise invalid(message, group.path("price"))
        item |= {"price": price, "plan": _plan(price)}
        if price["recurring"]["usage_type"] == "metered":
            item.pop("quantity", None)
    quantity = group.integer("quantity")
    if quantity is not None:
        if quantity < 0 or "quantity" not in item:
            raise invalid("Invalid quantity for this price.", group.path("quantity"))
        item["quantity"] = quantity
    item["metadata"] = merged_metadata(item["metadata"], group)


def _price_of(call: Call, group: Params) -> Obj | None:
    if "price_data" in group:
        return price_from_data(call, group.group("price_data"))
    price_id = group.text("price") or group.text("plan")
    if price_id is None:
        return None
    price = copied(call.find("prices", price_id, "price", group.path("price")))
    if not price["active"]:
        message = f"The price specified is inactive. This field only accepts active prices: {price_id}"
        raise invalid(message, group.path("price"))
    return price


def _plan(price: Obj) -> Obj:
    recurring = price["recurring"]
    return {
        "id": price["id"],
        "object": "plan",
        "active": price["active"],
        "amount": price["unit_amount"],
        "amount_decimal": price["unit_amount_decimal"],
        "billing_scheme": price["billing_scheme"],
        "created": price["created"],
        "currency": price["currency"],
        "interval": recurring["interval"],
        "interval_count": recurring["interval_count"],
        "livemode": False,
        "metadata": dict(price["metadata"]),
        "meter": recurring["meter"],
        "nickname": price["nickname"],
        "product": price["product"],
        "tiers_mode": price["tiers_mode"],
        "transform_usage": None,
        "trial_period_days": recurring["trial_period_days"],
        "usage_type": recurring["usage_type"],
    }


def _cycle_line(world: World, item: Obj, period: tuple[int, int], *, trial: bool) -> Obj:
    price, quantity = item["price"], item.get("quantity")
    amount = 0 if trial else amount_of(world.stripe, price, quantity or 0)
    name = world.stripe.products[price["product"]]["name"]
    described = f"Trial period for {name}" if trial else f"{quantity or 0} × {name} ({_rate(price)})"
    return new_line(
        world,
        amount=amount,
        currency=price["currency"],
        description=described,
        price=price,
        quantity=quantity,
        period=period,
        subscription=item["subscription"],
        item=item["id"],
    )


def _rate(price: Obj) -> str:
    recurring = price["recurring"]
    every = (
        recurring["interval"]
        if recurring["interval_count"] == 1
        else (f"{recurring['interval_count']} {recurring['interval']}s")
    )
    if price["unit_amount"] is None:
        return f"tiered / {every}"
    return f"at {shown(price['unit_amount'], price['currency'])} / {every}"
