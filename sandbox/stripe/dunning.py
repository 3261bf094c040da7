"""When a failed renewal is tried again, and what becomes of the subscription after the last try.

Source: https://docs.stripe.com/billing/revenue-recovery/smart-retries
"""

from sandbox.stripe import standing
from sandbox.stripe.copying import copied
from sandbox.stripe.events import emit_update
from sandbox.stripe.state import Obj
from sandbox.world import World

DAY = 86400


def plan_next_attempt(world: World, invoice: Obj, *, action: bool) -> None:
    """Only renewals are retried, by the sandbox's clock.

    What waits for the customer's authentication (`action`) is not.
    Source: https://support.stripe.com/topics/3ds
    """
    days, tried = world.settings.retry_days, invoice["attempt_count"]
    if action or tried > len(days) or invoice["billing_reason"] != "subscription_cycle":
        invoice["next_payment_attempt"] = None
    else:
        invoice["next_payment_attempt"] = world.clock.timestamp() + days[tried - 1] * DAY


def give_up(world: World, subscription: Obj) -> None:
    """After the last try, as the sandbox was started."""
    chosen = world.settings.after_retries
    if chosen == "cancel":
        standing.end(world, subscription, "payment_failed")
    elif chosen == "unpaid" and subscription["status"] == "past_due":
        before = copied(subscription)
        subscription["status"] = "unpaid"
        emit_update(world, "customer.subscription.updated", subscription, before)
