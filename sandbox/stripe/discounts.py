"""/v1/coupons, and the discounts that they become on subscriptions, invoices and their lines."""

from decimal import ROUND_HALF_UP, Decimal

from sandbox.stripe.call import LIST_PARAMS, Call, operation
from sandbox.stripe.errors import invalid, missing_object, missing_parameter
from sandbox.stripe.events import emit
from sandbox.stripe.ids import new_id, random_text
from sandbox.stripe.listing import page
from sandbox.stripe.params import Params, merged_metadata
from sandbox.stripe.periods import later
from sandbox.stripe.state import Obj, StripeState
from sandbox.world import World


def discounts_of(
    call: Call, groups: list[Params], customer: str | None, subscription: str | None, *, redeem: bool = True
) -> list[str]:
    """Ids of stored discounts for `discounts[]`: an existing discount stays, a coupon makes a new one.

    A preview does not `redeem` the coupon.
    """
    return [_discount_of(call, group, customer, subscription, redeem=redeem) for group in groups]


def apply_discounts(world: World, lines: list[Obj], discount_ids: list[str]) -> None:
    """Write each line's `discount_amounts`: percentages of the line, amounts spread over the lines in order."""
    for discount_id in discount_ids:
        coupon = coupon_of(world.stripe, discount_id)
        left = coupon["amount_off"]
        for line in lines:
            if not line["discountable"] or line["amount"] <= 0:
                continue
            rest = line["amount"] - sum(each["amount"] for each in line["discount_amounts"])
            if coupon["percent_off"] is not None:
                amount = percentage(rest, coupon["percent_off"])
            else:
                amount = min(left, rest)
                left -= amount
            line["discount_amounts"].append({"amount": amount, "discount": discount_id})


def after_use(world: World, discount_ids: list[str]) -> list[str]:
    """What of these still holds after an invoice of now has used them."""
    kept = valid_at(world.stripe, discount_ids, world.clock.timestamp())
    return [each for each in kept if coupon_of(world.stripe, each)["duration"] != "once"]


def valid_at(state: StripeState, discount_ids: list[str], moment: int) -> list[str]:
    """A discount no longer holds for what is billed in the second in which it ends."""
    ends = {each: state.discounts[each]["end"] for each in discount_ids}
    return [each for each, end in ends.items() if end is None or end > moment]


def coupon_of(state: StripeState, discount_id: str) -> Obj:
    """Deleting a coupon takes nothing from those who have it already."""
    coupon_id = state.discounts[discount_id]["source"]["coupon"]
    return state.coupons.get(coupon_id) or state.deleted_coupons[coupon_id]


def percentage(amount: int, percent: float) -> int:
    exact = Decimal(amount) * Decimal(str(percent)) / 100
    return int(exact.quantize(Decimal(1), ROUND_HALF_UP))


def new_discount(world: World, coupon: Obj, customer: str | None, subscription: str | None) -> Obj:
    now = world.clock.timestamp()
    months = coupon["duration_in_months"] if coupon["duration"] == "repeating" else None
    return {
        "id": new_id("di"),
        "object": "discount",
        "checkout_session": None,
        "customer": customer,
        "customer_account": None,
        "end": later(now, "month", months) if months else None,
        "invoice": None,
        "invoice_item": None,
        "promotion_code": None,
        "source": {"coupon": coupon["id"], "type": "coupon"},
        "start": now,
        "subscription": subscription,
        "subscription_item": None,
    }


def _discount_of(call: Call, group: Params, customer: str | None, subscription: str | None, *, redeem: bool) -> str:
    if discount_id := group.text("discount"):
        known: str = call.find("discounts", discount_id, "discount", group.path("discount"))["id"]
        return known
    code = _promotion_code(call, group, customer)
    coupon_id = group.need("coupon") if code is None else code["promotion"]["coupon"]
    coupon = call.state.coupons.get(coupon_id)
    if coupon is None:
        raise missing_object("coupon", coupon_id, group.path("coupon"))
    if not coupon["valid"]:
        raise invalid("This coupon has expired.", group.path("coupon"), "coupon_expired")
    coupon["times_redeemed"] += 1 if redeem else 0
    if coupon["max_redemptions"] is not None and coupon["times_redeemed"] >= coupon["max_redemptions"]:
        coupon["valid"] = False
    discount = new_discount(call.world, coupon, customer, subscription)
    if code is not None:
        discount["promotion_code"] = code["id"]
        code["times_redeemed"] += 1 if redeem else 0
    call.state.discounts[discount["id"]] = discount
    new: str = discount["id"]
    return new


def _promotion_code(call: Call, group: Params, customer: str | None) -> Obj | None:
    """Raises for a code that this customer cannot redeem (any more)."""
    code_id, path = group.text("promotion_code"), group.path("promotion_code")
    if code_id is None:
        return None
    code = call.find("promotion_codes", code_id, "promotion code", path)
    expired = code["expires_at"] is not None and code["expires_at"] <= call.now()
    spent = code["max_redemptions"] is not None and code["times_redeemed"] >= code["max_redemptions"]
    if not code["active"] or expired or spent:
        raise invalid("This promotion code has expired or is inactive.", path, "promotion_code_expired")
    if code["customer"] not in {None, customer}:
        raise invalid("This promotion code is for another customer.", path)
    paid = [each for each in call.state.invoices.values() if each["customer"] == customer and each["amount_paid"]]
    if code["restrictions"]["first_time_transaction"] and paid:
        raise invalid("This promotion code is for customers who have not paid before.", path)
    return code


def create_coupon(call: Call) -> Obj:
    params = call.params
    percent, amount = params.number("percent_off"), params.integer("amount_off")
    if (percent is None) == (amount is None):
        raise invalid("You must specify either percent_off or amount_off.")
    if amount is not None and params.text("currency") is None:
        raise missing_parameter("currency")
    coupon_id = params.text("id") or random_text(8)
    coupon: Obj = {
        "id": coupon_id,
        "object": "coupon",
        "amount_off": amount,
        "created": call.now(),
        "currency": params.text("currency"),
        "duration": params.choice("duration", ["forever", "once", "repeating"]) or "once",
        "duration_in_months": params.integer("duration_in_months"),
        "livemode": False,
        "max_redemptions": params.integer("max_redemptions"),
        "metadata": merged_metadata({}, params),
        "name": params.text("name"),
        "percent_off": percent,
        "redeem_by": params.integer("redeem_by"),
        "times_redeemed": 0,
        "valid": True,
    }
    if coupon_id in call.state.coupons:
        raise invalid("Coupon already exists.", "id", "resource_already_exists")
    call.state.coupons[coupon_id] = coupon
    emit(call.world, "coupon.created", coupon)
    return coupon


def retrieve_coupon(call: Call, id: str) -> Obj:
    return call.find("coupons", id, "coupon")


def list_coupons(call: Call) -> Obj:
    return page(call, call.state.coupons.values(), "/v1/coupons")


def delete_coupon(call: Call, id: str) -> Obj:
    coupon = call.find("coupons", id, "coupon")
    call.state.deleted_coupons[id] = call.state.coupons.pop(id)
    emit(call.world, "coupon.deleted", coupon)
    return {"id": id, "object": "coupon", "deleted": True}


OPERATIONS = [
    operation(
        "POST",
        "/v1/coupons",
        create_coupon,
        "id amount_off applies_to currency currency_options duration duration_in_months max_redemptions metadata "
        "name percent_off redeem_by",
    ),
    operation("GET", "/v1/coupons", list_coupons, LIST_PARAMS),
    operation("GET", "/v1/coupons/{id}", retrieve_coupon),
    operation("DELETE", "/v1/coupons/{id}", delete_coupon),
]
