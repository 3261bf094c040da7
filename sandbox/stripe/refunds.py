"""/v1/refunds: giving money back. It succeeds at once, as test cards' refunds do."""

from sandbox.stripe.amounts import shown
from sandbox.stripe.call import LIST_PARAMS, Call, operation
from sandbox.stripe.copying import copied
from sandbox.stripe.errors import StripeError, invalid, missing_object, missing_parameter
from sandbox.stripe.events import emit, emit_update
from sandbox.stripe.ids import new_id
from sandbox.stripe.listing import matching, page
from sandbox.stripe.params import merged_metadata
from sandbox.stripe.state import Obj
from sandbox.stripe.values import nulls
from sandbox.world import World

REASONS = ("duplicate", "fraudulent", "requested_by_customer")


def create(call: Call) -> Obj:
    params = call.params
    reason = params.choice("reason", REASONS)
    return refund_charge(call.world, _charge(call), params.integer("amount"), reason, merged_metadata({}, params))


def refund_charge(
    world: World, charge: Obj, amount: int | None = None, reason: str | None = None, metadata: Obj | None = None
) -> Obj:
    """All that is left of the charge, or `amount`. Raises StripeError for more than that."""
    left = charge["amount_captured"] - charge["amount_refunded"]
    if not charge["paid"]:
        raise invalid(f"Charge {charge['id']} was not paid and cannot be refunded.")
    if left <= 0:
        message = f"Charge {charge['id']} has already been refunded."
        raise StripeError(400, message, code="charge_already_refunded")
    if amount is not None and not 0 < amount <= left:
        currency = charge["currency"]
        message = f"Refund amount ({shown(amount, currency)}) is greater than unrefunded amount on charge "
        raise invalid(f"{message}({shown(left, currency)})", "amount")
    refund = _new(world, charge, left if amount is None else amount, reason, metadata or {})
    before = copied(charge)
    charge["amount_refunded"] += refund["amount"]
    charge["refunded"] = charge["amount_refunded"] == charge["amount_captured"]
    emit(world, "refund.created", refund)
    emit_update(world, "charge.refunded", charge, before)
    return refund


def retrieve(call: Call, id: str) -> Obj:
    return call.find("refunds", id, "refund")


def update(call: Call, id: str) -> Obj:
    refund = call.find("refunds", id, "refund")
    before = copied(refund)
    refund["metadata"] = merged_metadata(refund["metadata"], call.params)
    emit_update(call.world, "refund.updated", refund, before)
    return refund


def list_all(call: Call) -> Obj:
    mine = matching(call.state.refunds.values(), call.params, "charge", "payment_intent")
    return page(call, mine, "/v1/refunds")


def _charge(call: Call) -> Obj:
    """Of the `charge` or the `payment_intent` that the call names."""
    if charge_id := call.params.text("charge"):
        return call.find("charges", charge_id, "charge", "charge")
    intent_id = call.params.text("payment_intent")
    if intent_id is None:
        raise missing_parameter("charge")
    intent = call.find("payment_intents", intent_id, "payment_intent", "payment_intent")
    charge = call.state.charges.get(intent["latest_charge"] or "")
    if charge is None:
        raise missing_object("charge", intent_id, "payment_intent")
    return charge


def _new(world: World, charge: Obj, amount: int, reason: str | None, metadata: Obj) -> Obj:
    card = {"reference_status": "pending", "reference_type": "acquirer_reference_number", "type": "refund"}
    refund: Obj = nulls("customer_account receipt_number source_transfer_reversal transfer_reversal") | {
        "id": new_id("re"),
        "object": "refund",
        "amount": amount,
        "balance_transaction": new_id("txn"),
        "charge": charge["id"],
        "created": world.clock.timestamp(),
        "currency": charge["currency"],
        "customer": charge["customer"],
        "destination_details": {"card": card, "type": "card"},
        "metadata": metadata,
        "payment_intent": charge["payment_intent"],
        "payment_method": charge["payment_method"],
        "reason": reason,
        "status": "succeeded",
    }
    world.stripe.refunds[refund["id"]] = refund
    return refund


OPERATIONS = [
    operation(
        "POST",
        "/v1/refunds",
        create,
        "amount charge currency customer instructions_email metadata origin payment_intent reason "
        "refund_application_fee reverse_transfer",
    ),
    operation("GET", "/v1/refunds", list_all, f"{LIST_PARAMS} charge payment_intent"),
    operation("GET", "/v1/refunds/{id}", retrieve),
    operation("POST", "/v1/refunds/{id}", update, "metadata"),
]
