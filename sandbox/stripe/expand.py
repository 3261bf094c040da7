"""`expand[]`: replaces ids by their objects, and adds what is shown on demand only.

Source: https://docs.stripe.com/api/expanding_objects
"""

from collections.abc import Callable
from typing import Any

from sandbox.stripe.copying import copied
from sandbox.stripe.errors import invalid
from sandbox.stripe.listing import list_object
from sandbox.stripe.lookup import payment_of
from sandbox.stripe.state import Obj, StripeState

_COLLECTION_OF_KEY = {
    "charge": "charges",
    "coupon": "coupons",
    "customer": "customers",
    "default_payment_method": "payment_methods",
    "default_price": "prices",
    "discounts": "discounts",
    "invoice": "invoices",
    "latest_attempt": "setup_attempts",
    "latest_charge": "charges",
    "latest_invoice": "invoices",
    "payment_intent": "payment_intents",
    "payment_method": "payment_methods",
    "pending_setup_intent": "setup_intents",
    "price": "prices",
    "product": "products",
    "promotion_code": "promotion_codes",
    "setup_intent": "setup_intents",
    "subscription": "subscriptions",
    "test_clock": "test_clocks",
}
MOST_LEVELS = 4


def expanded(state: StripeState, obj: Obj, paths: list[str]) -> Obj:
    """A copy of `obj` with the paths expanded. Raises invalid_request_error for a path that does not exist."""
    copy = copied(obj)
    for path in paths:
        keys = path.split(".")
        if len(keys) - keys.count("data") > MOST_LEVELS:
            message = f"You cannot expand more than {MOST_LEVELS} levels of a property: {path}"
            raise invalid(message, "expand")
        _expand(state, copy, keys, path)
    return copy


def _expand(state: StripeState, node: Any, keys: list[str], path: str) -> None:
    if isinstance(node, list):
        for each in node:
            _expand(state, each, keys, path)
        return
    if not keys or not isinstance(node, dict):
        return
    key, rest = keys[0], keys[1:]
    if key not in node:
        _include(state, node, key, path)
    node[key] = _resolved(state, key, node[key])
    _expand(state, node[key], rest, path)


def _resolved(state: StripeState, key: str, value: Any) -> Any:
    if isinstance(value, list):
        return [_resolved(state, key, each) for each in value]
    collection = _COLLECTION_OF_KEY.get(key)
    if not isinstance(value, str) or collection is None:
        return value
    found = state.collection(collection).get(value)
    return copied(found) if found is not None else value


def _include(state: StripeState, node: Obj, key: str, path: str) -> None:
    """Raises when the object has no such property."""
    include = _ON_DEMAND.get((str(node.get("object")), key))
    if include is not None:
        node[key] = copied(include(state, node))
    elif node.get("deleted") or _is_optional(key):
        node[key] = None
    else:
        raise invalid(f"This property cannot be expanded ({path}).", "expand")


def _is_optional(key: str) -> bool:
    # An InvoicePayment names either; a filter on one must not break on the other.
    return key in {"payment_intent", "charge"}


def _confirmation_secret(state: StripeState, invoice: Obj) -> Obj | None:
    payment = payment_of(state, invoice)
    if payment is None:
        return None
    intent = state.payment_intents[payment["payment"]["payment_intent"]]
    return {"client_secret": intent["client_secret"], "type": "payment_intent"}


def _payments(state: StripeState, invoice: Obj) -> Obj:
    payments = [each for each in state.invoice_payments.values() if each["invoice"] == invoice["id"]]
    return list_object(payments, f"/v1/invoices/{invoice['id']}/payments")


def _subscriptions(state: StripeState, customer: Obj) -> Obj:
    alive = [
        each
        for each in state.subscriptions.values()
        if each["customer"] == customer["id"] and each["status"] not in {"canceled", "incomplete_expired"}
    ]
    return list_object(alive, f"/v1/customers/{customer['id']}/subscriptions")


def _refunds(state: StripeState, charge: Obj) -> Obj:
    given = [each for each in reversed(state.refunds.values()) if each["charge"] == charge["id"]]
    return list_object(given, f"/v1/charges/{charge['id']}/refunds")


def _nothing(name: str) -> Callable[[StripeState, Obj], Obj]:
    return lambda _state, customer: list_object([], f"/v1/customers/{customer['id']}/{name}")


_ON_DEMAND: dict[tuple[str, str], Callable[[StripeState, Obj], Any]] = {
    ("invoice", "confirmation_secret"): _confirmation_secret,
    ("invoice", "payments"): _payments,
    ("customer", "subscriptions"): _subscriptions,
    ("customer", "sources"): _nothing("sources"),
    ("customer", "tax_ids"): _nothing("tax_ids"),
    ("charge", "refunds"): _refunds,
    ("price", "tiers"): lambda state, price: state.price_tiers.get(price["id"], []),
    ("price", "currency_options"): lambda _state, _price: {},
}
