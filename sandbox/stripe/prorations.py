"""Invoice lines for a change in the middle of a period: credit for what goes, a charge for what comes."""

from decimal import Decimal

from sandbox.stripe import lookup
from sandbox.stripe.discounts import coupon_of, valid_at
from sandbox.stripe.invoice_object import new_line
from sandbox.stripe.pricing import amount_of, rounded
from sandbox.stripe.state import Obj
from sandbox.world import World


def proration_lines(world: World, before: list[Obj], after: list[Obj], moment: int, discounts: list[str]) -> list[Obj]:
    """Credit for the unused time of what goes, a charge for the remaining time of what comes.

    Discounts are included in the amounts, as in flexible billing: the credit is of what was paid.
    """
    old, new = {each["id"]: each for each in before}, {each["id"]: each for each in after}
    lines = []
    for item_id in old.keys() | new.keys():
        gone, come = old.get(item_id), new.get(item_id)
        if gone is not None and come is not None and _same_billing(gone, come):
            continue
        if gone is not None:
            lines.append(_line(world, gone, moment, -_paid_share(world, gone)))
        if come is not None:
            lines.append(_line(world, come, moment, _discounted_share(world, discounts)))
    return sorted((each for each in lines if each["amount"]), key=lambda line: int(line["amount"]))


def unused_time_lines(world: World, items: list[Obj], moment: int) -> list[Obj]:
    """Credit for the rest of the period of all items."""
    lines = [_line(world, item, moment, -_paid_share(world, item)) for item in items]
    return [each for each in lines if each["amount"]]


def _line(world: World, item: Obj, moment: int, share: Decimal) -> Obj:
    start, end = item["current_period_start"], item["current_period_end"]
    fraction = Decimal(max(end - moment, 0)) / Decimal(max(end - start, 1))
    price, quantity = item["price"], item.get("quantity") or 0
    name = world.stripe.products[price["product"]]["name"]
    what = f"{quantity} × {name}" if quantity != 1 else name
    since = world.clock.now().strftime("%d %b %Y")
    return new_line(
        world,
        amount=rounded(amount_of(world.stripe, price, quantity) * fraction * share),
        currency=price["currency"],
        description=f"{'Unused' if share < 0 else 'Remaining'} time on {what} after {since}",
        price=price,
        quantity=quantity,
        period=(moment, end),
        subscription=item["subscription"],
        item=item["id"],
        proration=True,
    )


def _paid_share(world: World, item: Obj) -> Decimal:
    """What part of the item's price was billed for this period, after discounts."""
    for invoice in reversed(lookup.invoices_of(world.stripe, item["subscription"])):
        for line in invoice["lines"]["data"]:
            details = line["parent"]["subscription_item_details"] or {}
            same_item = details.get("subscription_item") == item["id"] and not details["proration"]
            if same_item and line["period"]["end"] == item["current_period_end"] and line["amount"] > 0:
                off = sum(each["amount"] for each in line["discount_amounts"])
                return 1 - Decimal(off) / Decimal(line["amount"])
    return Decimal(1)


def _discounted_share(world: World, discounts: list[str]) -> Decimal:
    share = Decimal(1)
    for discount_id in valid_at(world.stripe, discounts, world.clock.timestamp()):
        percent = coupon_of(world.stripe, discount_id)["percent_off"]
        if percent is not None:
            share *= 1 - Decimal(str(percent)) / 100
    return share


def _same_billing(old: Obj, new: Obj) -> bool:
    same_price: bool = old["price"]["id"] == new["price"]["id"]
    return same_price and old.get("quantity") == new.get("quantity")
