"""/v1/invoices and /v1/invoice_payments: reading, paying, voiding."""

from sandbox.stripe import billing, payment_methods, standing
from sandbox.stripe.call import CURSOR_PARAMS, LIST_PARAMS, Call, operation
from sandbox.stripe.copying import copied
from sandbox.stripe.customers import living
from sandbox.stripe.discounts import discounts_of
from sandbox.stripe.errors import StripeError, invalid
from sandbox.stripe.events import emit_update
from sandbox.stripe.invoice_object import new_invoice
from sandbox.stripe.listing import matching, page
from sandbox.stripe.lookup import subscription_id_of
from sandbox.stripe.params import merged_metadata
from sandbox.stripe.state import Obj


def create(call: Call) -> Obj:
    """A manual draft, with what waits for the subscription's next invoice."""
    params = call.params
    customer = living(call, params.need("customer"))
    subscription = None
    lines: list[Obj] = []
    if subscription_id := params.text("subscription"):
        subscription = call.find("subscriptions", subscription_id, "subscription", "subscription")
        lines = call.state.pending_lines.pop(subscription_id, [])
    currency = params.text("currency") or (subscription["currency"] if subscription else "usd")
    discounts = discounts_of(call, params.groups("discounts"), customer["id"], None)
    invoice = new_invoice(
        call.world,
        customer,
        lines,
        currency=currency,
        reason="manual",
        subscription=subscription,
        discounts=discounts,
    )
    _write(call, invoice)
    billing.store(call.world, invoice)
    return invoice


def retrieve(call: Call, id: str) -> Obj:
    return call.find("invoices", id, "invoice")


def update(call: Call, id: str) -> Obj:
    invoice = call.find("invoices", id, "invoice")
    before = copied(invoice)
    _write(call, invoice)
    emit_update(call.world, "invoice.updated", invoice, before)
    return invoice


def list_all(call: Call) -> Obj:
    params = call.params
    rows = matching(call.state.invoices.values(), params, "customer", "status", "collection_method")
    if subscription := params.text("subscription"):
        rows = [each for each in rows if subscription_id_of(each) == subscription]
    return page(call, rows, "/v1/invoices")


def finalize(call: Call, id: str) -> Obj:
    invoice = call.find("invoices", id, "invoice")
    if invoice["status"] != "draft":
        raise invalid("This invoice is already finalized, you can't re-finalize a non-draft invoice.")
    billing.finalize(call.world, invoice)
    return invoice


def void(call: Call, id: str) -> Obj:
    invoice = call.find("invoices", id, "invoice")
    if invoice["status"] not in {"open", "uncollectible"}:
        raise invalid("You can only pass in open or uncollectible invoices. This invoice isn't open.")
    billing.void(call.world, invoice)
    return invoice


def mark_uncollectible(call: Call, id: str) -> Obj:
    invoice = call.find("invoices", id, "invoice")
    if invoice["status"] != "open":
        raise invalid("Only open invoices can be marked as uncollectible.")
    billing.mark_uncollectible(call.world, invoice)
    return invoice


def list_lines(call: Call, id: str) -> Obj:
    lines = call.find("invoices", id, "invoice")["lines"]["data"]
    return page(call, reversed(lines), f"/v1/invoices/{id}/lines")


def pay(call: Call, id: str) -> Obj:
    """Raises the card error of a decline, and a 402 when the customer has to authenticate."""
    invoice, world = call.find("invoices", id, "invoice"), call.world
    if invoice["status"] == "draft":
        billing.finalize(world, invoice)
    if invoice["status"] == "paid":
        raise invalid("Invoice is already paid")
    if invoice["status"] != "open":
        raise invalid(f"Invoice is {invoice['status']} and cannot be paid.")
    if call.params.flag("paid_out_of_band"):
        billing.paid_out_of_band(world, invoice)
        return invoice
    method = _paying_method(call, invoice)
    decline = billing.collect(world, invoice, method)
    intent = billing.intent_of(world, invoice)
    if decline is not None and intent is not None:
        raise decline.error(payment_intent=intent, payment_method=dict(method), charge=intent["latest_charge"])
    if invoice["status"] != "paid":
        message = (
            "This payment requires additional user action before it can be completed successfully. "
            f"Payment can be completed using the PaymentIntent associated with invoice {id}."
        )
        code = "invoice_payment_intent_requires_action"
        raise StripeError(402, message, kind="card_error", code=code, payment_intent=intent)
    return invoice


def list_payments(call: Call) -> Obj:
    rows = matching(call.state.invoice_payments.values(), call.params, "invoice", "status")
    wanted = call.params.group("payment").only(["type", "payment_intent", "payment_record"])
    if intent_id := wanted.text("payment_intent"):
        rows = [each for each in rows if each["payment"].get("payment_intent") == intent_id]
    return page(call, rows, "/v1/invoice_payments")


def retrieve_payment(call: Call, id: str) -> Obj:
    return call.find("invoice_payments", id, "invoice_payment")


def _write(call: Call, invoice: Obj) -> None:
    params = call.params
    invoice["metadata"] = merged_metadata(invoice["metadata"], params)
    for name in ("description", "footer", "statement_descriptor"):
        if name in params:
            invoice[name] = params.text(name)
    if (advance := params.flag("auto_advance")) is not None:
        invoice["auto_advance"] = advance
    if "default_payment_method" in params:
        invoice["default_payment_method"] = params.text("default_payment_method")


def _paying_method(call: Call, invoice: Obj) -> Obj:
    if method_id := call.params.text("payment_method"):
        method = payment_methods.resolve(call, method_id)
        if method["customer"] not in {None, invoice["customer"]}:
            raise invalid("The payment method belongs to another customer.", "payment_method")
        return method
    customer = standing.customer_of(call.world, invoice)
    subscription = standing.subscription_of(call.world, invoice)
    own = call.state.payment_methods.get(invoice["default_payment_method"] or "")
    found = own or standing.default_method(call.world, customer, subscription)
    if found is None:
        message = (
            "There is no `default_payment_method` set on this Customer or Invoice. "
            "Please set either prior to attempting payment."
        )
        raise invalid(message)
    return found


WRITABLE = (
    "account_tax_ids application_fee_amount auto_advance automatic_tax automatically_finalizes_at "
    "collection_method custom_fields days_until_due default_payment_method default_source default_tax_rates "
    "description discounts due_date effective_at footer issuer metadata number on_behalf_of payment_settings "
    "rendering shipping_cost shipping_details statement_descriptor transfer_data"
)
OPERATIONS = [
    operation(
        "POST",
        "/v1/invoices",
        create,
        f"{WRITABLE} currency customer customer_account from_invoice pending_invoice_items_behavior subscription",
    ),
    operation(
        "GET",
        "/v1/invoices",
        list_all,
        f"{LIST_PARAMS} collection_method customer customer_account due_date status subscription",
    ),
    operation("GET", "/v1/invoices/{id}", retrieve),
    operation("POST", "/v1/invoices/{id}", update, WRITABLE),
    operation(
        "POST",
        "/v1/invoices/{id}/pay",
        pay,
        "forgive mandate off_session paid_out_of_band payment_method source",
    ),
    operation("POST", "/v1/invoices/{id}/finalize", finalize, "auto_advance"),
    operation("POST", "/v1/invoices/{id}/void", void),
    operation("POST", "/v1/invoices/{id}/mark_uncollectible", mark_uncollectible),
    operation("GET", "/v1/invoices/{id}/lines", list_lines, CURSOR_PARAMS),
    operation("GET", "/v1/invoice_payments", list_payments, f"{LIST_PARAMS} invoice payment status"),
    operation("GET", "/v1/invoice_payments/{id}", retrieve_payment),
]
