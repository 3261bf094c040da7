"""/v1/disputes: a cardholder's bank takes a payment back. Opened by a test card or from outside, never by the API."""

from sandbox.stripe.call import LIST_PARAMS, Call, operation
from sandbox.stripe.copying import copied
from sandbox.stripe.errors import StripeError, invalid
from sandbox.stripe.events import emit, emit_update
from sandbox.stripe.ids import new_id
from sandbox.stripe.listing import matching, page
from sandbox.stripe.params import merged_metadata, words
from sandbox.stripe.state import Obj
from sandbox.stripe.values import nulls
from sandbox.world import World

DAYS_TO_ANSWER = 9
REASONS = words(
    "credit_not_processed duplicate fraudulent general product_not_received product_unacceptable "
    "subscription_canceled unrecognized"
)
EVIDENCE = (
    "access_activity_log billing_address cancellation_policy cancellation_policy_disclosure cancellation_rebuttal "
    "customer_communication customer_email_address customer_name customer_purchase_ip customer_signature "
    "duplicate_charge_documentation duplicate_charge_explanation duplicate_charge_id product_description receipt "
    "refund_policy refund_policy_disclosure refund_refusal_explanation service_date service_documentation "
    "shipping_address shipping_carrier shipping_date shipping_documentation shipping_tracking_number "
    "uncategorized_file uncategorized_text"
)
CLOSED = {"won", "lost"}


def open_dispute(world: World, charge: Obj, reason: str = "fraudulent") -> Obj:
    """The bank takes what was paid at once. Raises StripeError for a charge that cannot be disputed."""
    if reason not in REASONS:
        raise invalid(f"reason must be one of {', '.join(sorted(REASONS))}", "reason")
    if not charge["paid"] or charge["disputed"]:
        raise invalid(f"Charge {charge['id']} cannot be disputed.", "charge")
    dispute = _new(world, charge, reason)
    before = copied(charge)
    charge["disputed"] = True
    emit_update(world, "charge.updated", charge, before)
    emit(world, "charge.dispute.created", dispute)
    emit(world, "charge.dispute.funds_withdrawn", dispute)
    return dispute


def decide(world: World, dispute: Obj, *, won: bool) -> None:
    """The bank has decided. Raises StripeError when it had done so before."""
    if dispute["status"] in CLOSED:
        raise invalid("This dispute is already closed.")
    before = copied(dispute)
    dispute |= {"status": "won" if won else "lost", "is_charge_refundable": False}
    emit_update(world, "charge.dispute.updated", dispute, before)
    emit(world, "charge.dispute.closed", dispute)
    if won:
        emit(world, "charge.dispute.funds_reinstated", dispute)


def retrieve(call: Call, id: str) -> Obj:
    return call.find("disputes", id, "dispute")


def update(call: Call, id: str) -> Obj:
    """Evidence is kept, and handed in unless `submit` is false."""
    dispute = call.find("disputes", id, "dispute")
    if dispute["status"] in CLOSED:
        raise StripeError(400, "This dispute is already closed.", code="dispute_closed")
    before = copied(dispute)
    dispute["metadata"] = merged_metadata(dispute["metadata"], call.params)
    evidence = call.params.group("evidence").only(words(EVIDENCE))
    given = {name: evidence.text(name) for name in evidence.names()}
    if given:
        dispute["evidence"] |= given
        dispute["evidence_details"]["has_evidence"] = True
        if call.params.flag("submit") is not False:
            dispute["evidence_details"] |= {"submission_count": 1, "submission_method": "manual"}
            dispute["status"] = "under_review"
    emit_update(call.world, "charge.dispute.updated", dispute, before)
    return dispute


def close(call: Call, id: str) -> Obj:
    """Given up: lost."""
    dispute = call.find("disputes", id, "dispute")
    decide(call.world, dispute, won=False)
    return dispute


def list_all(call: Call) -> Obj:
    mine = matching(call.state.disputes.values(), call.params, "charge", "payment_intent")
    return page(call, mine, "/v1/disputes")


def _new(world: World, charge: Obj, reason: str) -> Obj:
    now, network = world.clock.timestamp(), charge["payment_method_details"]["card"]["network"]
    card = {"brand": network, "case_type": "chargeback", "network": network, "network_reason_code": "10"}
    dispute: Obj = {
        "id": new_id("du"),
        "object": "dispute",
        "amount": charge["amount_captured"] - charge["amount_refunded"],
        "balance_transactions": [],
        "charge": charge["id"],
        "created": now,
        "currency": charge["currency"],
        "enhanced_eligibility_types": [],
        "evidence": nulls(f"{EVIDENCE} appeal") | {"enhanced_evidence": {}},
        "evidence_details": {
            "due_by": now + DAYS_TO_ANSWER * 86400,
            "enhanced_eligibility": {},
            "has_evidence": False,
            "past_due": False,
            "submission_count": 0,
            "submission_method": "not_submitted",
        },
        "intended_submission_method": None,
        "is_charge_refundable": False,
        "livemode": False,
        "metadata": {},
        "network_reason_code": "10",
        "payment_intent": charge["payment_intent"],
        "payment_method_details": nulls("amazon_pay klarna paypal") | {"card": card, "type": "card"},
        "reason": reason,
        "status": "needs_response",
    }
    world.stripe.disputes[dispute["id"]] = dispute
    return dispute


OPERATIONS = [
    operation("GET", "/v1/disputes", list_all, f"{LIST_PARAMS} charge payment_intent"),
    operation("GET", "/v1/disputes/{id}", retrieve),
    operation("POST", "/v1/disputes/{id}", update, "evidence intended_submission_method metadata submit"),
    operation("POST", "/v1/disputes/{id}/close", close),
]
