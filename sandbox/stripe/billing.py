"""An invoice's life: drafted, finalized, collected, retried, paid or voided."""

from datetime import UTC, datetime

from sandbox.stripe import charging, dunning, lookup, pending, standing
from sandbox.stripe.cards import Decline
from sandbox.stripe.copying import copied
from sandbox.stripe.discounts import after_use, valid_at
from sandbox.stripe.events import emit, emit_update
from sandbox.stripe.ids import random_text
from sandbox.stripe.invoice_object import new_invoice, new_invoice_payment
from sandbox.stripe.state import Obj
from sandbox.world import World

DAY = 86400
DAYS_UNTIL_DUE = 30


def draft(world: World, subscription: Obj, lines: list[Obj], reason: str) -> Obj:
    """A stored draft of a subscription's invoice; discounts that hold once are used up by it."""
    customer = standing.customer_of(world, subscription)
    subscription["discounts"] = valid_at(world.stripe, subscription["discounts"], world.clock.timestamp())
    invoice = new_invoice(
        world,
        customer,
        lines,
        currency=subscription["currency"],
        reason=reason,
        subscription=subscription,
        discounts=subscription["discounts"],
    )
    if any(each["amount"] for each in invoice["total_discount_amounts"]):
        subscription["discounts"] = after_use(world, subscription["discounts"])
    subscription["latest_invoice"] = invoice["id"]
    store(world, invoice)
    return invoice


def store(world: World, invoice: Obj) -> None:
    subscription_id = lookup.subscription_id_of(invoice)
    if subscription_id is not None:
        lookup.invoices_of(world.stripe, subscription_id)
        world.stripe.invoices_of_subscription[subscription_id].append(invoice["id"])
    world.stripe.invoices[invoice["id"]] = invoice
    emit(world, "invoice.created", invoice)


def finalize(world: World, invoice: Obj) -> None:
    """Open for payment, with its number, its page and its PaymentIntent; paid at once when nothing is due."""
    customer, now = standing.customer_of(world, invoice), world.clock.timestamp()
    _number(invoice, customer)
    _use_balance(world, invoice, customer)
    if invoice["collection_method"] == "send_invoice":
        days = (standing.subscription_of(world, invoice) or {}).get("days_until_due") or DAYS_UNTIL_DUE
        invoice["due_date"] = now + days * DAY
    page = f"{world.settings.stripe_url}/invoice/{random_text(32)}"
    invoice |= {
        "status": "open",
        "effective_at": now,
        "hosted_invoice_url": page,
        "invoice_pdf": f"{page}/pdf",
    }
    invoice["status_transitions"]["finalized_at"] = now
    if invoice["amount_due"] > 0:
        _ask_for_payment(world, invoice, customer)
    emit(world, "invoice.finalized", invoice)
    if invoice["amount_due"] == 0:
        mark_paid(world, invoice)


def collect(world: World, invoice: Obj, method: Obj, *, return_url: str | None = None) -> Decline | None:
    """Charge an open invoice; the decline if the card is refused.

    With no decline it is paid, or its PaymentIntent requires action: in a page of Stripe.js, or by a
    redirect that comes back to `return_url`.
    """
    intent = intent_of(world, invoice)
    if intent is None:
        return None
    decline = charging.charge(world, intent, method, return_url=return_url, in_page=return_url is None)
    follow(world, intent)
    return decline


def follow(world: World, intent: Obj) -> None:
    """A PaymentIntent has moved: so does its invoice, if it has one, and the invoice's subscription."""
    invoice = invoice_of(world, intent)
    if invoice is None or invoice["status"] != "open":
        return
    if intent["status"] == "succeeded":
        mark_paid(world, invoice, intent)
    elif intent["status"] in {"requires_action", "requires_payment_method"}:
        _payment_failed(world, invoice, action=intent["status"] == "requires_action")


def mark_paid(world: World, invoice: Obj, intent: Obj | None = None) -> None:
    now = world.clock.timestamp()
    invoice |= {
        "status": "paid",
        "attempted": True,
        "attempt_count": invoice["attempt_count"] + (1 if intent else 0),
        "amount_paid": invoice["amount_due"],
        "amount_remaining": 0,
        "next_payment_attempt": None,
    }
    invoice["status_transitions"]["paid_at"] = now
    world.clock.cancel(_retry_key(invoice))
    payment = payment_of(world, invoice)
    if payment is not None and intent is not None:
        payment |= {"status": "paid", "amount_paid": invoice["amount_due"]}
        payment["status_transitions"]["paid_at"] = now
        emit(world, "invoice_payment.paid", payment)
    emit(world, "invoice.paid", invoice)
    emit(world, "invoice.payment_succeeded", invoice)
    method = world.stripe.payment_methods.get((intent or {}).get("payment_method") or "")
    pending.apply(world, invoice)
    standing.paid(world, invoice, method)


def fail_without_method(world: World, invoice: Obj) -> None:
    """There is no card to charge."""
    _payment_failed(world, invoice, action=False)


def void(world: World, invoice: Obj) -> None:
    invoice |= {"status": "void", "amount_remaining": invoice["amount_due"], "next_payment_attempt": None}
    invoice["status_transitions"]["voided_at"] = world.clock.timestamp()
    world.clock.cancel(_retry_key(invoice))
    _drop_payment(world, invoice, "void_invoice")
    emit(world, "invoice.voided", invoice)
    pending.give_up(world, invoice)


def mark_uncollectible(world: World, invoice: Obj) -> None:
    invoice |= {"status": "uncollectible", "next_payment_attempt": None}
    invoice["status_transitions"]["marked_uncollectible_at"] = world.clock.timestamp()
    world.clock.cancel(_retry_key(invoice))
    emit(world, "invoice.marked_uncollectible", invoice)


def paid_out_of_band(world: World, invoice: Obj) -> None:
    _drop_payment(world, invoice, "void_invoice")
    mark_paid(world, invoice)
    invoice |= {"amount_paid_off_stripe": invoice["amount_due"]}


def plan_timers(world: World, invoice: Obj) -> None:
    """(Re)set what time will do to the invoice as it now stands."""
    when = invoice["next_payment_attempt"]
    if invoice["status"] != "open" or when is None:
        return

    async def retry() -> None:
        _retry(world, invoice)

    world.clock.at(datetime.fromtimestamp(when, UTC), retry, _retry_key(invoice))


def payment_of(world: World, invoice: Obj) -> Obj | None:
    return lookup.payment_of(world.stripe, invoice)


def intent_of(world: World, invoice: Obj) -> Obj | None:
    payment = payment_of(world, invoice)
    return None if payment is None else world.stripe.payment_intents[payment["payment"]["payment_intent"]]


def invoice_of(world: World, intent: Obj) -> Obj | None:
    return lookup.invoice_of(world.stripe, intent)


def _payment_failed(world: World, invoice: Obj, *, action: bool) -> None:
    invoice |= {"attempted": True, "attempt_count": invoice["attempt_count"] + 1}
    dunning.plan_next_attempt(world, invoice, action=action)
    plan_timers(world, invoice)
    # Stripe sends both when the customer has to act.
    # Source: https://docs.stripe.com/billing/subscriptions/webhooks
    emit(world, "invoice.payment_failed", invoice)
    if action:
        emit(world, "invoice.payment_action_required", invoice)
    standing.unpaid(world, invoice)


def _retry(world: World, invoice: Obj) -> None:
    subscription, customer = standing.subscription_of(world, invoice), standing.customer_of(world, invoice)
    if invoice["status"] != "open" or subscription is None or subscription["status"] in standing.ENDED:
        return
    method = standing.default_method(world, customer, subscription)
    if method is not None:
        collect(world, invoice, method)
    else:
        fail_without_method(world, invoice)
    intent = intent_of(world, invoice)
    waiting = intent is not None and intent["status"] == "requires_action"
    exhausted = invoice["status"] == "open" and invoice["next_payment_attempt"] is None and not waiting
    if exhausted:
        dunning.give_up(world, subscription)


def _retry_key(invoice: Obj) -> str:
    return f"stripe:{invoice['id']}:retry"


def _number(invoice: Obj, customer: Obj) -> None:
    sequence = customer["next_invoice_sequence"]
    invoice["number"] = f"{customer['invoice_prefix']}-{sequence:04d}"
    customer["next_invoice_sequence"] = sequence + 1


def _use_balance(world: World, invoice: Obj, customer: Obj) -> None:
    """A credit balance (negative) pays first; a negative total becomes credit."""
    before = copied(customer)
    start = customer["balance"]
    total = invoice["total"]
    if total < 0:
        customer["balance"] = start + total
    elif start < 0:
        customer["balance"] = start + min(-start, total)
    due = max(total + start - customer["balance"], 0) if total > 0 else 0
    invoice |= {
        "starting_balance": start,
        "ending_balance": customer["balance"],
        "amount_due": due,
        "amount_remaining": due,
    }
    if start != customer["balance"]:
        emit_update(world, "customer.updated", customer, before)


def _ask_for_payment(world: World, invoice: Obj, customer: Obj) -> None:
    subscription = standing.subscription_of(world, invoice)
    intent = charging.new_payment_intent(world, invoice["amount_due"], invoice["currency"], customer["id"])
    intent["description"] = "Subscription creation" if subscription else "Payment for Invoice"
    intent["setup_future_usage"] = "off_session" if subscription else None
    method = standing.default_method(world, customer, subscription)
    if method is not None:
        intent |= {"payment_method": method["id"], "status": "requires_confirmation"}
    emit(world, "payment_intent.created", intent)
    new_invoice_payment(world, invoice, intent)


def _drop_payment(world: World, invoice: Obj, reason: str) -> None:
    payment, intent = payment_of(world, invoice), intent_of(world, invoice)
    if payment is None or intent is None or intent["status"] == "succeeded":
        return
    payment["status"] = "canceled"
    payment["status_transitions"]["canceled_at"] = world.clock.timestamp()
    if intent["status"] != "canceled":
        charging.cancel_intent(world, intent, reason)
