"""What a quantity of a price costs, in minor units."""

from decimal import ROUND_HALF_UP, Decimal

from sandbox.stripe.state import Obj, StripeState


def amount_of(state: StripeState, price: Obj, quantity: int) -> int:
    """Metered prices cost nothing in advance."""
    if (price["recurring"] or {}).get("usage_type") == "metered":
        return 0
    if price["billing_scheme"] == "per_unit":
        return rounded(Decimal(price["unit_amount_decimal"]) * quantity)
    tiers = state.price_tiers.get(price["id"], [])
    graduated = price["tiers_mode"] == "graduated"
    return rounded(_graduated(tiers, quantity) if graduated else _volume(tiers, quantity))


def rounded(amount: Decimal) -> int:
    return int(amount.quantize(Decimal(1), ROUND_HALF_UP))


def _volume(tiers: list[Obj], quantity: int) -> Decimal:
    for tier in tiers:
        if tier["up_to"] is None or quantity <= tier["up_to"]:
            return _of_tier(tier, quantity)
    return Decimal(0)


def _graduated(tiers: list[Obj], quantity: int) -> Decimal:
    total, below = Decimal(0), 0
    for tier in tiers:
        top = quantity if tier["up_to"] is None else min(quantity, tier["up_to"])
        if top > below or (quantity == 0 and below == 0):
            total += _of_tier(tier, top - below)
        below = max(below, top)
    return total


def _of_tier(tier: Obj, quantity: int) -> Decimal:
    flat, unit = tier["flat_amount_decimal"], tier["unit_amount_decimal"]
    return Decimal(flat or 0) + Decimal(unit or 0) * quantity
