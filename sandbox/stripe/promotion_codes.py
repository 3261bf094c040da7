"""/v1/promotion_codes: what customers type in to get a coupon."""

from sandbox.stripe.call import LIST_PARAMS, Call, operation
from sandbox.stripe.copying import copied
from sandbox.stripe.customers import living
from sandbox.stripe.errors import invalid, unsupported
from sandbox.stripe.events import emit, emit_update
from sandbox.stripe.ids import new_id, random_text
from sandbox.stripe.listing import matching, page
from sandbox.stripe.params import merged_metadata
from sandbox.stripe.state import Obj


def create(call: Call) -> Obj:
    params = call.params
    code = params.text("code") or random_text(8).upper()
    if any(each["active"] and each["code"].lower() == code.lower() for each in call.state.promotion_codes.values()):
        raise invalid("An active promotion code with the same code already exists.", "code")
    customer = params.text("customer")
    if customer is not None:
        living(call, customer)
    made: Obj = {
        "id": new_id("promo"),
        "object": "promotion_code",
        "active": params.flag("active") is not False,
        "code": code,
        "created": call.now(),
        "customer": customer,
        "customer_account": None,
        "expires_at": params.integer("expires_at"),
        "livemode": False,
        "max_redemptions": params.integer("max_redemptions"),
        "metadata": merged_metadata({}, params),
        "promotion": _promotion(call),
        "restrictions": _restrictions(call),
        "times_redeemed": 0,
    }
    call.state.promotion_codes[made["id"]] = made
    emit(call.world, "promotion_code.created", made)
    return made


def retrieve(call: Call, id: str) -> Obj:
    return call.find("promotion_codes", id, "promotion code")


def update(call: Call, id: str) -> Obj:
    code = call.find("promotion_codes", id, "promotion code")
    before = copied(code)
    if (active := call.params.flag("active")) is not None:
        code["active"] = active
    code["metadata"] = merged_metadata(code["metadata"], call.params)
    emit_update(call.world, "promotion_code.updated", code, before)
    return code


def list_all(call: Call) -> Obj:
    params = call.params
    rows = matching(call.state.promotion_codes.values(), params, "customer")
    if (active := params.flag("active")) is not None:
        rows = [each for each in rows if each["active"] == active]
    if code := params.text("code"):
        rows = [each for each in rows if each["code"].lower() == code.lower()]
    if coupon := params.text("coupon"):
        rows = [each for each in rows if each["promotion"]["coupon"] == coupon]
    return page(call, rows, "/v1/promotion_codes")


def _promotion(call: Call) -> Obj:
    promotion = call.params.group("promotion").only(["coupon", "type"])
    promotion.need("type")
    promotion.choice("type", ["coupon"])
    coupon = call.find("coupons", promotion.need("coupon"), "coupon", promotion.path("coupon"))
    return {"coupon": coupon["id"], "type": "coupon"}


def _restrictions(call: Call) -> Obj:
    given = call.params.group("restrictions")
    for name in ("currency_options", "minimum_amount", "minimum_amount_currency"):
        if name in given:
            raise unsupported(given.path(name))
    return {
        "first_time_transaction": bool(given.only(["first_time_transaction"]).flag("first_time_transaction")),
        "minimum_amount": None,
        "minimum_amount_currency": None,
    }


OPERATIONS = [
    operation(
        "POST",
        "/v1/promotion_codes",
        create,
        "active code customer customer_account expires_at max_redemptions metadata promotion restrictions",
    ),
    operation("GET", "/v1/promotion_codes", list_all, f"{LIST_PARAMS} active code coupon customer customer_account"),
    operation("GET", "/v1/promotion_codes/{id}", retrieve),
    operation("POST", "/v1/promotion_codes/{id}", update, "active metadata restrictions"),
]
