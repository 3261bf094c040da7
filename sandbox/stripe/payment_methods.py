"""/v1/payment_methods: cards, made from a number or a ready-made `pm_card_…`, attached to customers."""

import hashlib

from sandbox.stripe.call import CURSOR_PARAMS, Call, operation
from sandbox.stripe.cards import Card, card_by_name, card_by_number
from sandbox.stripe.copying import copied
from sandbox.stripe.errors import StripeError, invalid, missing_object, missing_parameter
from sandbox.stripe.events import emit, emit_update
from sandbox.stripe.ids import new_id
from sandbox.stripe.listing import matching, page
from sandbox.stripe.params import Params, merged_metadata
from sandbox.stripe.state import Obj, StripeState
from sandbox.stripe.values import address_of, empty_address
from sandbox.world import World

REDISPLAY = ("always", "limited", "unspecified")


def resolve(call: Call, method_id: str, param: str = "payment_method") -> Obj:
    """A stored payment method, or a new one for a ready-made `pm_card_…`: each use makes another."""
    card = card_by_name(method_id)
    if card is not None:
        return _stored(call, _new(call, card, exp_month=12, exp_year=_next_year(call)))
    return call.find("payment_methods", method_id, "PaymentMethod", param)


def from_data(call: Call, data: Params) -> Obj:
    """A new payment method of `payment_method_data` or of a create call. Raises card errors for bad numbers."""
    kind = data.need("type")
    if kind != "card":
        raise invalid(f'The payment method type "{kind}" is not available.', data.path("type"))
    if "card" not in data:
        raise missing_parameter(data.path("card"))
    card_data = data.group("card")
    if token := card_data.text("token"):
        card = card_by_name(token.replace("tok_", "pm_card_"))
        if card is None:
            raise missing_object("token", token, card_data.path("token"))
        method = _new(call, card, exp_month=12, exp_year=_next_year(call))
    else:
        card = card_by_number(card_data.need("number"))
        month, year = _expiry(call, card_data)
        method = _new(call, card, exp_month=month, exp_year=year)
        method["card"]["checks"]["cvc_check"] = "unchecked" if card_data.text("cvc") else None
    _write(method, data)
    return _stored(call, method)


def check_set_up(state: StripeState, method: Obj) -> None:
    """Raises the card error of a card that declines being set up or attached."""
    decline = state.cards[method["id"]].on_set_up
    if decline is not None:
        raise decline.error()


def attach_to(world: World, method: Obj, customer_id: str) -> None:
    """Attaching to the customer it already has changes nothing."""
    if method["customer"] == customer_id:
        return
    method["customer"] = customer_id
    checks = method["card"]["checks"]
    if checks["cvc_check"] == "unchecked":
        checks["cvc_check"] = "pass"
    emit(world, "payment_method.attached", method)


def create(call: Call) -> Obj:
    if method_id := call.params.text("payment_method"):
        return resolve(call, method_id)
    return from_data(call, call.params)


def retrieve(call: Call, id: str) -> Obj:
    return call.find("payment_methods", id, "PaymentMethod")


def update(call: Call, id: str) -> Obj:
    method = call.find("payment_methods", id, "PaymentMethod")
    if method["customer"] is None:
        raise invalid("You must save this PaymentMethod to a customer before you can update it.")
    before = copied(method)
    _write(method, call.params)
    card = call.params.group("card").only(["exp_month", "exp_year", "networks"])
    for name in ("exp_month", "exp_year"):
        if (number := card.integer(name)) is not None:
            method["card"][name] = number
    emit_update(call.world, "payment_method.updated", method, before)
    return method


def attach(call: Call, id: str) -> Obj:
    from sandbox.stripe.customers import living

    customer = living(call, call.params.need("customer"))
    method = resolve(call, id, "id")
    if method["customer"] not in {None, customer["id"]}:
        raise invalid("The payment method you provided has already been attached to a customer.")
    check_set_up(call.state, method)
    attach_to(call.world, method, customer["id"])
    return method


def detach(call: Call, id: str) -> Obj:
    method = call.find("payment_methods", id, "PaymentMethod")
    customer_id = method["customer"]
    if customer_id is None:
        message = "The payment method you provided is not attached to a customer so detachment is impossible."
        raise invalid(message)
    method["customer"] = None
    emit(call.world, "payment_method.detached", method, {"customer": customer_id})
    _forget_default(call.world, customer_id, id)
    return method


def list_all(call: Call) -> Obj:
    customer = call.params.text("customer")
    mine = [each for each in call.state.payment_methods.values() if customer and each["customer"] == customer]
    return page(call, matching(mine, call.params, "type", "allow_redisplay"), "/v1/payment_methods")


def _forget_default(world: World, customer_id: str, method_id: str) -> None:
    customer = world.stripe.customers[customer_id]
    if customer.get("deleted"):
        return
    before = copied(customer)
    if customer["invoice_settings"]["default_payment_method"] == method_id:
        customer["invoice_settings"]["default_payment_method"] = None
    emit_update(world, "customer.updated", customer, before)
    for subscription in world.stripe.subscriptions.values():
        if subscription["default_payment_method"] == method_id:
            before = copied(subscription)
            subscription["default_payment_method"] = None
            emit_update(world, "customer.subscription.updated", subscription, before)


def _stored(call: Call, method: Obj) -> Obj:
    call.state.payment_methods[method["id"]] = method
    return method


def _new(call: Call, card: Card, *, exp_month: int, exp_year: int) -> Obj:
    method: Obj = {
        "id": new_id("pm"),
        "object": "payment_method",
        "allow_redisplay": "unspecified",
        "billing_details": {
            "address": empty_address(),
            "email": None,
            "name": None,
            "phone": None,
            "tax_id": None,
        },
        "card": _card(card, exp_month, exp_year),
        "created": call.now(),
        "customer": None,
        "customer_account": None,
        "livemode": False,
        "metadata": {},
        "radar_options": {},
        "type": "card",
    }
    call.state.cards[method["id"]] = card
    return method


def _card(card: Card, exp_month: int, exp_year: int) -> Obj:
    fingerprint = hashlib.sha256(card.number.encode()).hexdigest()[:16]
    return {
        "brand": card.brand,
        "checks": {"address_line1_check": None, "address_postal_code_check": None, "cvc_check": None},
        "country": card.country,
        "display_brand": card.brand,
        "exp_month": exp_month,
        "exp_year": exp_year,
        "fingerprint": fingerprint,
        "funding": card.funding,
        "generated_from": None,
        "last4": card.number[-4:],
        "networks": {"available": [card.brand], "preferred": None},
        "regulated_status": "unregulated",
        "three_d_secure_usage": {"supported": True},
        "wallet": None,
    }


def _write(method: Obj, data: Params) -> None:
    if redisplay := data.choice("allow_redisplay", REDISPLAY):
        method["allow_redisplay"] = redisplay
    if "metadata" in data:
        method["metadata"] = merged_metadata(method["metadata"], data)
    details = data.group("billing_details").only(method["billing_details"])
    for name in ("email", "name", "phone", "tax_id"):
        if name in details:
            method["billing_details"][name] = details.text(name)
    if "address" in details:
        method["billing_details"]["address"] = address_of(details.group("address")) or empty_address()


def _expiry(call: Call, card: Params) -> tuple[int, int]:
    """Raises card errors as Stripe does for a month that does not exist or a year gone by."""
    month, year = int(card.need("exp_month")), int(card.need("exp_year"))
    year += 2000 if year < 100 else 0
    today = call.world.clock.now()
    if not 1 <= month <= 12:
        raise _expiry_error("invalid_expiry_month", "month", "exp_month")
    if year < today.year or year > today.year + 50:
        raise _expiry_error("invalid_expiry_year", "year", "exp_year")
    if year == today.year and month < today.month:
        raise _expiry_error("invalid_expiry_month", "month", "exp_month")
    return month, year


def _expiry_error(code: str, what: str, param: str) -> StripeError:
    message = f"Your card's expiration {what} is invalid."
    return StripeError(402, message, kind="card_error", code=code, param=param)


def _next_year(call: Call) -> int:
    return call.world.clock.now().year + 1


OPERATIONS = [
    operation(
        "POST",
        "/v1/payment_methods",
        create,
        "allow_redisplay billing_details card custom customer metadata payment_method radar_options type",
        publishable=True,
    ),
    operation(
        "GET", "/v1/payment_methods", list_all, f"{CURSOR_PARAMS} customer customer_account type allow_redisplay"
    ),
    operation("GET", "/v1/payment_methods/{id}", retrieve),
    operation("POST", "/v1/payment_methods/{id}", update, "allow_redisplay billing_details card metadata"),
    operation("POST", "/v1/payment_methods/{id}/attach", attach, "customer customer_account"),
    operation("POST", "/v1/payment_methods/{id}/detach", detach),
]
