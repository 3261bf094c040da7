"""Taking money with a card: PaymentIntents moved on, with their charges. Invoices follow in `billing`."""

from sandbox.stripe import payment_methods
from sandbox.stripe.cards import UNAUTHENTICATED, Card, Decline
from sandbox.stripe.copying import copied
from sandbox.stripe.disputes import open_dispute
from sandbox.stripe.events import emit
from sandbox.stripe.ids import client_secret, new_id, random_text
from sandbox.stripe.intents import authentication_needed, error_object
from sandbox.stripe.state import Obj
from sandbox.stripe.values import card_option, nulls
from sandbox.world import World

MESSAGES = {"succeeded": "Payment complete.", "failed": "The bank did not return any further details."}


def new_payment_intent(world: World, amount: int, currency: str, customer: str | None) -> Obj:
    """A complete, stored PaymentIntent that waits for a payment method."""
    intent_id = new_id("pi")
    nothing = nulls(
        "allowed_payment_method_types application application_fee_amount canceled_at cancellation_reason "
        "customer_account description excluded_payment_method_types last_payment_error latest_charge "
        "managed_payments next_action on_behalf_of payment_method payment_method_configuration_details "
        "payment_record processing receipt_email review setup_future_usage shipping source "
        "statement_descriptor statement_descriptor_suffix transfer_data transfer_group"
    )
    intent: Obj = nothing | {
        "id": intent_id,
        "object": "payment_intent",
        "amount": amount,
        "amount_capturable": 0,
        "amount_details": {"tip": {}},
        "amount_received": 0,
        "automatic_payment_methods": {"allow_redirects": "always", "enabled": True},
        "capture_method": "automatic",
        "client_secret": client_secret(intent_id),
        "confirmation_method": "automatic",
        "created": world.clock.timestamp(),
        "currency": currency,
        "customer": customer,
        "livemode": False,
        "metadata": {},
        "payment_method_options": {"card": card_option()},
        "payment_method_types": ["card"],
        "status": "requires_payment_method",
    }
    world.stripe.payment_intents[intent_id] = intent
    return intent


def refusal(world: World, method: Obj, *, off_session: bool) -> Decline | None:
    """What a charge of the method would be refused with, were it tried now by nobody present."""
    card = world.stripe.cards[method["id"]]
    if needs_authentication(world, method) and off_session:
        return UNAUTHENTICATED
    return card.on_charge


def needs_authentication(world: World, method: Obj) -> bool:
    card = world.stripe.cards[method["id"]]
    if card.authentication == "unless_set_up":
        return method["id"] not in world.stripe.authenticated
    return card.authentication == "always"


def charge(
    world: World, intent: Obj, method: Obj, *, return_url: str | None = None, in_page: bool = True
) -> Decline | None:
    """Try the payment with the customer able to act; the decline if the card is refused.

    Afterwards the intent is succeeded, requires_action or requires_payment_method.
    """
    intent |= {"payment_method": method["id"], "next_action": None, "last_payment_error": None}
    if needs_authentication(world, method):
        intent["status"] = "requires_action"
        intent["next_action"] = authentication_needed(world, intent, return_url=return_url, in_page=in_page)
        emit(world, "payment_intent.requires_action", intent)
        return None
    return capture(world, intent, method)


def capture(world: World, intent: Obj, method: Obj, *, authenticated: bool = False) -> Decline | None:
    """Charge without asking for authentication (any more); the decline if the card is refused."""
    decline = world.stripe.cards[method["id"]].on_charge
    made = _new_charge(world, intent, method, decline, authenticated=authenticated)
    intent["latest_charge"] = made["id"]
    if decline is not None:
        emit(world, "charge.failed", made)
        fail(world, intent, method, decline, made["id"])
        return decline
    intent |= {"status": "succeeded", "amount_received": intent["amount"], "next_action": None}
    if intent["customer"] is not None and intent["setup_future_usage"] is not None:
        payment_methods.attach_to(world, method, intent["customer"])
        if intent["setup_future_usage"] == "off_session":
            world.stripe.authenticated.add(method["id"])
    emit(world, "charge.succeeded", made)
    emit(world, "payment_intent.succeeded", intent)
    reason = world.stripe.cards[method["id"]].disputed_as
    if reason is not None:
        open_dispute(world, made, reason)
    return None


def fail(world: World, intent: Obj, method: Obj, decline: Decline, charge_id: str | None = None) -> None:
    """The intent waits for another payment method."""
    intent |= {
        "status": "requires_payment_method",
        "payment_method": None,
        "next_action": None,
        "last_payment_error": error_object(decline, method, charge_id),
    }
    emit(world, "payment_intent.payment_failed", intent)


def cancel_intent(world: World, intent: Obj, reason: str | None) -> None:
    intent |= {
        "status": "canceled",
        "canceled_at": world.clock.timestamp(),
        "cancellation_reason": reason,
        "next_action": None,
    }
    emit(world, "payment_intent.canceled", intent)


def _new_charge(world: World, intent: Obj, method: Obj, decline: Decline | None, *, authenticated: bool) -> Obj:
    amount, status = intent["amount"], "failed" if decline else "succeeded"
    charge_id = new_id("ch")
    receipt = f"{world.settings.stripe_url}/receipt/{random_text(24)}"
    nothing = nulls(
        "application application_fee application_fee_amount failure_balance_transaction on_behalf_of "
        "receipt_number review shipping source source_transfer statement_descriptor "
        "statement_descriptor_suffix transfer_data transfer_group"
    )
    made: Obj = nothing | {
        "id": charge_id,
        "object": "charge",
        "amount": amount,
        "amount_captured": 0 if decline else amount,
        "amount_refunded": 0,
        "balance_transaction": None if decline else new_id("txn"),
        "billing_details": copied(method["billing_details"]),
        "calculated_statement_descriptor": "SANDBOX",
        "captured": decline is None,
        "created": world.clock.timestamp(),
        "currency": intent["currency"],
        "customer": intent["customer"],
        "description": intent["description"],
        "disputed": False,
        "failure_code": getattr(decline, "code", None),
        "failure_message": getattr(decline, "message", None),
        "fraud_details": {},
        "livemode": False,
        "metadata": dict(intent["metadata"]),
        "outcome": _outcome(decline),
        "paid": decline is None,
        "payment_intent": intent["id"],
        "payment_method": method["id"],
        "payment_method_details": {"card": _charged_card(world, method, amount, authenticated), "type": "card"},
        "radar_options": {},
        "receipt_email": intent["receipt_email"],
        "receipt_url": None if decline else receipt,
        "refunded": False,
        "status": status,
    }
    world.stripe.charges[charge_id] = made
    return made


def _outcome(decline: Decline | None) -> Obj:
    return {
        "advice_code": "try_again_later" if decline else None,
        "network_advice_code": None,
        "network_decline_code": None,
        "network_status": "declined_by_network" if decline else "approved_by_network",
        "reason": decline.decline_code if decline else None,
        "risk_level": "normal",
        "risk_score": 20,
        "seller_message": MESSAGES["failed" if decline else "succeeded"],
        "type": "issuer_declined" if decline else "authorized",
    }


def _charged_card(world: World, method: Obj, amount: int, authenticated: bool) -> Obj:
    card, known = method["card"], world.stripe.cards[method["id"]]
    same = ("brand", "checks", "country", "exp_month", "exp_year", "fingerprint", "funding", "last4", "wallet")
    return {name: copied(card[name]) for name in same} | {
        "amount_authorized": amount,
        "authorization_code": None,
        "electronic_commerce_indicator": None,
        "extended_authorization": {"status": "disabled"},
        "incremental_authorization": {"status": "unavailable"},
        "installments": None,
        "mandate": None,
        "multicapture": {"status": "unavailable"},
        "network": known.brand,
        "network_token": {"used": False},
        "network_transaction_id": random_text(15),
        "overcapture": {"maximum_amount_capturable": amount, "status": "unavailable"},
        "regulated_status": "unregulated",
        "three_d_secure": _three_d_secure(known) if authenticated else None,
        "transaction_link_id": None,
    }


def _three_d_secure(card: Card) -> Obj | None:
    if card.authentication == "never":
        return None
    return {
        "authentication_flow": "challenge",
        "electronic_commerce_indicator": "05",
        "exemption_indicator": None,
        "result": "authenticated",
        "result_reason": None,
        "transaction_id": random_text(36),
        "version": "2.2.0",
    }
