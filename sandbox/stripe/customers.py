"""/v1/customers: people and companies who pay, and /v1/customer_sessions for the Payment Element."""

import re

from sandbox.stripe import payment_methods
from sandbox.stripe.call import CURSOR_PARAMS, LIST_PARAMS, Call, operation
from sandbox.stripe.copying import copied
from sandbox.stripe.errors import invalid, missing_object
from sandbox.stripe.events import emit, emit_update
from sandbox.stripe.ids import random_text
from sandbox.stripe.listing import matching, page
from sandbox.stripe.params import Params, merged_metadata
from sandbox.stripe.state import Obj, StripeState
from sandbox.stripe.values import address_of

WRITABLE = (
    "address balance business_name cash_balance description email individual_name invoice_prefix "
    "invoice_settings metadata name next_invoice_sequence phone preferred_locales shipping source tax "
    "tax_exempt validate"
)
EMAIL = re.compile(r"[^@\s]+@[^@\s]+")
TEXTS = ("description", "email", "name", "phone", "invoice_prefix", "tax_exempt")


def living(call: Call, customer_id: str, param: str = "customer") -> Obj:
    """Raises resource_missing for an unknown or deleted customer."""
    customer = call.find("customers", customer_id, "customer", param)
    if customer.get("deleted"):
        raise missing_object("customer", customer_id, param)
    return customer


def create(call: Call) -> Obj:
    customer = _new(call)
    _write(call, customer, call.params)
    if test_clock := call.params.text("test_clock"):
        customer["test_clock"] = call.find("test_clocks", test_clock, "test clock", "test_clock")["id"]
    method = None
    if method_id := call.params.text("payment_method"):
        method = payment_methods.resolve(call, method_id)
        payment_methods.check_set_up(call.state, method)
    call.state.customers[customer["id"]] = customer
    emit(call.world, "customer.created", customer)
    if method is not None:
        payment_methods.attach_to(call.world, method, customer["id"])
    return customer


def retrieve(call: Call, id: str) -> Obj:
    return call.find("customers", id, "customer")


def update(call: Call, id: str) -> Obj:
    customer = living(call, id, "id")
    changed = copied(customer)
    _write(call, changed, call.params)
    before = copied(customer)
    customer.update(changed)
    emit_update(call.world, "customer.updated", customer, before)
    return customer


def delete(call: Call, id: str) -> Obj:
    """Cancels the customer's subscriptions at once, as Stripe does."""
    from sandbox.stripe.subscriptions import cancel_now

    customer = living(call, id, "id")
    for subscription in list(call.state.subscriptions.values()):
        if subscription["customer"] == id and subscription["status"] not in {"canceled", "incomplete_expired"}:
            cancel_now(call.world, subscription, reason="cancellation_requested")
    gone = {"id": id, "object": "customer", "deleted": True}
    emit(call.world, "customer.deleted", customer)
    call.state.customers[id] = gone
    return gone


def list_all(call: Call) -> Obj:
    alive = [each for each in call.state.customers.values() if not each.get("deleted")]
    return page(call, matching(alive, call.params, "email", "test_clock"), "/v1/customers")


def list_payment_methods(call: Call, id: str) -> Obj:
    living(call, id, "id")
    mine = [each for each in call.state.payment_methods.values() if each["customer"] == id]
    return page(call, matching(mine, call.params, "type"), f"/v1/customers/{id}/payment_methods")


def retrieve_payment_method(call: Call, id: str, payment_method: str) -> Obj:
    living(call, id, "id")
    method = call.find("payment_methods", payment_method, "PaymentMethod", "payment_method")
    if method["customer"] != id:
        raise missing_object("PaymentMethod", payment_method, "payment_method")
    return method


def create_session(call: Call) -> Obj:
    """A session lets the Payment Element show a customer's saved cards; it lasts 30 minutes."""
    customer = living(call, call.params.need("customer"))
    element = call.params.group("components").group("payment_element")
    session: Obj = {
        "object": "customer_session",
        "client_secret": f"cuss_secret_{random_text(40)}",
        "components": _components(element),
        "created": call.now(),
        "customer": customer["id"],
        "customer_account": None,
        "expires_at": call.now() + 1800,
        "livemode": False,
    }
    call.state.customer_sessions[session["client_secret"]] = session
    return session


def _new(call: Call) -> Obj:
    return {
        "id": f"cus_{random_text(14)}",
        "object": "customer",
        "address": None,
        "balance": 0,
        "cash_balance": None,
        "created": call.now(),
        "currency": None,
        "customer_account": None,
        "default_source": None,
        "delinquent": False,
        "description": None,
        "discount": None,
        "email": None,
        "invoice_prefix": random_text(8).upper(),
        "invoice_settings": {
            "custom_fields": None,
            "default_payment_method": None,
            "footer": None,
            "rendering_options": None,
        },
        "livemode": False,
        "metadata": {},
        "name": None,
        "next_invoice_sequence": 1,
        "phone": None,
        "preferred_locales": [],
        "shipping": None,
        "tax_exempt": "none",
        "test_clock": None,
    }


def _write(call: Call, customer: Obj, params: Params) -> None:
    email = params.text("email")
    if email is not None and not EMAIL.fullmatch(email):
        raise invalid(f"Invalid email address: {email}", "email", "email_invalid")
    customer |= {name: params.text(name) for name in TEXTS if name in params}
    customer["tax_exempt"] = customer["tax_exempt"] or "none"
    customer["metadata"] = merged_metadata(customer["metadata"], params)
    for name in ("balance", "next_invoice_sequence"):
        if name in params:
            customer[name] = params.integer(name) or 0
    for name in ("business_name", "individual_name"):
        if name in params:
            customer[name] = params.text(name) or ""
    if "address" in params:
        customer["address"] = address_of(params.group("address"))
    if "shipping" in params:
        customer["shipping"] = _shipping(params.group("shipping"))
    if "preferred_locales" in params:
        customer["preferred_locales"] = params.texts("preferred_locales")
    if "invoice_settings" in params:
        settings = params.group("invoice_settings").only(customer["invoice_settings"])
        customer["invoice_settings"] |= _invoice_settings(call.state, customer["id"], settings)


def _invoice_settings(state: StripeState, customer_id: str, settings: Params) -> Obj:
    written: Obj = {}
    if "footer" in settings:
        written["footer"] = settings.text("footer")
    if "default_payment_method" in settings:
        method_id = settings.text("default_payment_method")
        method = state.payment_methods.get(method_id or "")
        if method_id is not None and (method is None or method["customer"] != customer_id):
            param = settings.path("default_payment_method")
            raise missing_object("PaymentMethod", method_id, param)
        written["default_payment_method"] = method_id
    return written


def _shipping(shipping: Params) -> Obj | None:
    address = address_of(shipping.group("address"))
    if address is None:
        return None
    return {
        "address": address,
        "carrier": None,
        "name": shipping.text("name"),
        "phone": shipping.text("phone"),
        "tracking_number": None,
    }


def _components(element: Params) -> Obj:
    features = element.group("features")
    enabled = bool(element.flag("enabled"))
    shown = {
        "payment_method_allow_redisplay_filters": features.texts("payment_method_allow_redisplay_filters")
        or ["always"],
        "payment_method_redisplay": features.text("payment_method_redisplay") or "disabled",
        "payment_method_redisplay_limit": features.integer("payment_method_redisplay_limit") or 3,
        "payment_method_remove": features.text("payment_method_remove") or "disabled",
        "payment_method_save": features.text("payment_method_save") or "disabled",
        "payment_method_save_usage": features.text("payment_method_save_usage"),
    }
    return {
        "active_entitlements": {"enabled": False},
        "buy_button": {"enabled": False},
        "customer_portal": {"enabled": False},
        "customer_sheet": {"enabled": False, "features": None},
        "mobile_payment_element": {"enabled": False, "features": None},
        "payment_element": {"enabled": enabled, "features": shown if enabled else None},
        "pricing_table": {"enabled": False},
    }


OPERATIONS = [
    operation("POST", "/v1/customers", create, f"{WRITABLE} payment_method tax_id_data test_clock"),
    operation("GET", "/v1/customers", list_all, f"{LIST_PARAMS} email test_clock"),
    operation("GET", "/v1/customers/{id}", retrieve),
    operation("POST", "/v1/customers/{id}", update, f"{WRITABLE} default_source"),
    operation("DELETE", "/v1/customers/{id}", delete),
    operation(
        "GET",
        "/v1/customers/{id}/payment_methods",
        list_payment_methods,
        f"{CURSOR_PARAMS} type allow_redisplay",
    ),
    operation("GET", "/v1/customers/{id}/payment_methods/{payment_method}", retrieve_payment_method),
    operation("POST", "/v1/customer_sessions", create_session, "customer customer_account components"),
]
