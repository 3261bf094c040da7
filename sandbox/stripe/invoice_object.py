"""The shapes of an invoice, its lines and its payments, with their totals. No life in them yet."""

from collections.abc import Iterable

from sandbox.stripe.discounts import apply_discounts
from sandbox.stripe.ids import new_id
from sandbox.stripe.listing import list_object
from sandbox.stripe.state import Obj
from sandbox.stripe.tax_rates import tax, total_taxes
from sandbox.stripe.values import nulls
from sandbox.world import World


def new_line(
    world: World,
    *,
    amount: int,
    currency: str,
    description: str,
    price: Obj | None,
    quantity: int | None,
    period: tuple[int, int],
    subscription: str | None = None,
    item: str | None = None,
    proration: bool = False,
) -> Obj:
    return {
        "id": new_id("il"),
        "object": "line_item",
        "amount": amount,
        "currency": currency,
        "description": description,
        "discount_amounts": [],
        "discountable": not proration,
        "discounts": [],
        "invoice": None,
        "livemode": False,
        "metadata": {},
        "parent": _line_parent(subscription, item, proration),
        "period": {"end": period[1], "start": period[0]},
        "pretax_credit_amounts": [],
        "pricing": _line_pricing(price),
        "quantity": quantity,
        "quantity_decimal": None if quantity is None else str(quantity),
        "subscription": subscription,
        "subtotal": amount,
        "taxes": [],
    }


def new_invoice(
    world: World,
    customer: Obj,
    lines: list[Obj],
    *,
    currency: str,
    reason: str,
    subscription: Obj | None = None,
    discounts: Iterable[str] = (),
) -> Obj:
    """A complete draft, not stored, with its totals."""
    now, discount_ids = world.clock.timestamp(), list(discounts)
    invoice_id = new_id("in")
    rates = list(subscription["default_tax_rates"]) if subscription else []
    apply_discounts(world, lines, discount_ids)
    tax(lines, rates)
    for line in lines:
        line["invoice"] = invoice_id
    invoice = _about_now(invoice_id, now) | _about_customer(customer) | _about_subscription(subscription)
    invoice |= {
        "billing_reason": reason,
        "currency": currency,
        "default_tax_rates": rates,
        "discounts": discount_ids,
        "lines": list_object(lines, f"/v1/invoices/{invoice_id}/lines"),
    }
    invoice |= _totals(lines)
    return invoice


def new_invoice_payment(world: World, invoice: Obj, intent: Obj) -> Obj:
    payment: Obj = {
        "id": new_id("inpay"),
        "object": "invoice_payment",
        "amount_paid": None,
        "amount_requested": invoice["amount_due"],
        "created": world.clock.timestamp(),
        "currency": invoice["currency"],
        "invoice": invoice["id"],
        "is_default": True,
        "livemode": False,
        "payment": {"payment_intent": intent["id"], "type": "payment_intent"},
        "status": "open",
        "status_transitions": {"canceled_at": None, "paid_at": None},
    }
    state = world.stripe
    state.invoice_payments[payment["id"]] = payment
    state.payment_of_invoice[invoice["id"]] = payment["id"]
    state.invoice_of_intent[intent["id"]] = invoice["id"]
    return payment


def _about_now(invoice_id: str, now: int) -> Obj:
    """All that neither customer, subscription nor lines decide."""
    nothing = nulls(
        "account_tax_ids application automatically_finalizes_at custom_fields customer_account "
        "default_payment_method default_source description due_date effective_at ending_balance footer "
        "from_invoice hosted_invoice_url invoice_pdf last_finalization_error latest_revision "
        "next_payment_attempt number on_behalf_of receipt_number rendering shipping_cost "
        "shipping_details statement_descriptor webhooks_delivered_at"
    )
    return nothing | {
        "id": invoice_id,
        "object": "invoice",
        "account_country": "US",
        "account_name": "Sandbox",
        "amount_overpaid": 0,
        "amount_paid": 0,
        "amount_paid_off_stripe": 0,
        "amount_shipping": 0,
        "attempt_count": 0,
        "attempted": False,
        "auto_advance": True,
        "automatic_tax": nulls("disabled_reason liability provider status") | {"enabled": False},
        "collection_method": "charge_automatically",
        "created": now,
        "default_tax_rates": [],
        "issuer": {"type": "self"},
        "livemode": False,
        "metadata": {},
        "payment_settings": nulls("default_mandate payment_method_options payment_method_types"),
        "period_end": now,
        "period_start": now,
        "post_payment_credit_notes_amount": 0,
        "pre_payment_credit_notes_amount": 0,
        "starting_balance": 0,
        "status": "draft",
        "status_transitions": nulls("finalized_at marked_uncollectible_at paid_at voided_at"),
    }


def _about_customer(customer: Obj) -> Obj:
    return {
        "customer": customer["id"],
        "customer_address": customer["address"],
        "customer_email": customer["email"],
        "customer_name": customer["name"],
        "customer_phone": customer["phone"],
        "customer_shipping": customer["shipping"],
        "customer_tax_exempt": customer["tax_exempt"],
        "customer_tax_ids": [],
        "test_clock": customer["test_clock"],
    }


def _about_subscription(subscription: Obj | None) -> Obj:
    if subscription is None:
        return {"parent": None}
    details = {"metadata": dict(subscription["metadata"]), "subscription": subscription["id"]}
    return {
        "collection_method": subscription["collection_method"],
        "parent": {
            "quote_details": None,
            "subscription_details": details,
            "type": "subscription_details",
        },
    }


def _totals(lines: list[Obj]) -> Obj:
    subtotal = sum(line["amount"] for line in lines)
    by_discount: dict[str, int] = {}
    for line in lines:
        for each in line["discount_amounts"]:
            by_discount[each["discount"]] = by_discount.get(each["discount"], 0) + each["amount"]
    taxes = total_taxes(lines)
    on_top = sum(each["amount"] for each in taxes if each["tax_behavior"] == "exclusive")
    total = subtotal - sum(by_discount.values()) + on_top
    due = max(total, 0)
    return {
        "amount_due": due,
        "amount_remaining": due,
        "subtotal": subtotal,
        "subtotal_excluding_tax": subtotal
        - sum(each["amount"] for each in taxes if each["tax_behavior"] == "inclusive"),
        "total": total,
        "total_discount_amounts": [
            {"amount": amount, "discount": discount_id} for discount_id, amount in by_discount.items()
        ],
        "total_excluding_tax": total - sum(each["amount"] for each in taxes),
        "total_pretax_credit_amounts": [],
        "total_taxes": taxes,
    }


def _line_parent(subscription: str | None, item: str | None, proration: bool) -> Obj:
    if subscription is None or item is None:
        details = {
            "invoice_item": new_id("ii"),
            "proration": proration,
            "proration_details": None,
            "subscription": subscription,
        }
        return {
            "invoice_item_details": details,
            "subscription_item_details": None,
            "type": "invoice_item_details",
        }
    details = {
        "invoice_item": None,
        "proration": proration,
        "proration_details": {"credited_items": None} if proration else None,
        "subscription": subscription,
        "subscription_item": item,
    }
    return {
        "invoice_item_details": None,
        "subscription_item_details": details,
        "type": "subscription_item_details",
    }


def _line_pricing(price: Obj | None) -> Obj | None:
    if price is None:
        return None
    return {
        "price_details": {"price": price["id"], "product": price["product"]},
        "type": "price_details",
        "unit_amount_decimal": price["unit_amount_decimal"],
    }
