"""Everything that time will do to the objects of a state that was read from a file."""

from sandbox.stripe import billing, cycle, pending, standing
from sandbox.world import World


def plan_timers(world: World) -> None:
    for subscription in world.stripe.subscriptions.values():
        if subscription["status"] not in standing.ENDED:
            cycle.plan_timers(world, subscription)
            pending.plan_timer(world, subscription)
    for invoice in world.stripe.invoices.values():
        billing.plan_timers(world, invoice)
        cycle.plan_draft(world, invoice)
