"""A change of a paid subscription in place: nothing, at the end of the period, or now with proration.

The caller holds the customer's lock and announces.
"""

from sandbox.stigg import billing, changes, orders, sync
from sandbox.stigg.orders import Order
from sandbox.stigg.side import Side
from sandbox.stigg.state import FutureUpdate, Subscription
from sandbox.stigg.steps import Step


async def change(side: Side, current: Subscription, order: Order, step: Step) -> None:
    """A new order sets aside what was scheduled or waits for payment, even when it asks for what there is."""
    if current.updates("PendingPayment"):
        await give_up_payment(side, current)
    for update in current.updates("Scheduled"):
        update.status = "Canceled"
    if current.choice == order.choice:
        return
    if step.at is not None:
        kind = changes.kind(current.choice, order.choice, step.direction)
        current.future_updates.append(FutureUpdate(kind, "Scheduled", step.at, order.choice))
    elif current.billing_id is None:
        current.choice = order.choice
    else:
        await _change_at_stripe(side, current, order, step)


async def give_up_payment(side: Side, current: Subscription) -> None:
    """What waits for a payment is dropped: its invoice voided, the old items put back."""
    for update in current.updates("PendingPayment"):
        update.status = "Canceled"
        if update.billing_invoice_id is not None:
            await billing.void_invoice(side, update.billing_invoice_id)
    await put_back(side, current)


async def put_back(side: Side, current: Subscription) -> None:
    """At Stripe, too, the old choice holds again; nothing is billed for that."""
    plan = side.state.catalog.plans[current.plan_id]
    lines = orders.charges(side.state.catalog, plan, current.choice)
    found = await billing.change(side, current, lines, prorate=False)
    await sync.apply(side, current, found)


async def _change_at_stripe(side: Side, current: Subscription, order: Order, step: Step) -> None:
    """Swapped, invoiced, charged. While the charge has not come through, the old choice stands here."""
    if order.coupon is not None and order.coupon != current.coupon:
        current.coupon, current.coupon_from = order.coupon, side.now()
        await billing.set_coupon(side, current)
    if order.tax_rates != current.tax_rates:
        current.tax_rates = order.tax_rates
        await billing.set_tax_rates(side, current)
    before = current.latest_invoice
    found = await billing.change(side, current, order.lines, prorate=True, restart=order.restart_cycle)
    invoice_id = sync.id_of(found.get("latest_invoice"))
    is_new = invoice_id is not None and (before is None or before.billing_id != invoice_id)
    charged = order.collection_method == "CHARGE" and is_new
    if invoice_id is not None and charged and not await billing.collect(side, invoice_id):
        kind = changes.kind(current.choice, order.choice, step.direction)
        waiting = FutureUpdate(kind, "PendingPayment", side.now(), order.choice, invoice_id)
        current.future_updates.append(waiting)
    else:
        current.choice = order.choice
    await sync.read(side, current)
