"""What belongs to what among invoices, payments and subscriptions: by an index, kept up as objects are met.

Objects may also be put into the state from outside (a crowd for load tests), so what the index lacks is searched.
"""

from sandbox.stripe.state import Obj, StripeState


def payment_of(state: StripeState, invoice: Obj) -> Obj | None:
    """The default payment of an invoice."""
    known = state.payment_of_invoice.get(invoice["id"])
    if known is None and invoice["status"] != "draft" and invoice["amount_due"] > 0:
        for payment in state.invoice_payments.values():
            if payment["invoice"] == invoice["id"] and payment["is_default"]:
                known = state.payment_of_invoice[invoice["id"]] = payment["id"]
    return state.invoice_payments.get(known or "")


def invoice_of(state: StripeState, intent: Obj) -> Obj | None:
    """The invoice that a PaymentIntent is to pay."""
    known = state.invoice_of_intent.get(intent["id"])
    if known is None:
        for payment in state.invoice_payments.values():
            if payment["payment"].get("payment_intent") == intent["id"]:
                known = state.invoice_of_intent[intent["id"]] = payment["invoice"]
    return state.invoices.get(known or "")


def invoices_of(state: StripeState, subscription_id: str) -> list[Obj]:
    """Oldest first."""
    if subscription_id not in state.invoices_of_subscription:
        state.invoices_of_subscription[subscription_id] = [
            each["id"] for each in state.invoices.values() if subscription_id_of(each) == subscription_id
        ]
    return [state.invoices[each] for each in state.invoices_of_subscription[subscription_id]]


def subscription_id_of(invoice: Obj) -> str | None:
    details = (invoice["parent"] or {}).get("subscription_details") or {}
    found: str | None = details.get("subscription")
    return found
