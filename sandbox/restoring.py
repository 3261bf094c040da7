"""After a restart from a state file: the timers of both sides, which no file can hold, are set again."""

from sandbox.stigg import promotions, timers
from sandbox.stigg.side import Side
from sandbox.stigg.stripe_link import StripeLink
from sandbox.stripe import revival
from sandbox.world import World


def plan_timers(world: World) -> None:
    revival.plan_timers(world)
    side = Side(world, StripeLink(world.settings.stripe_url, world.settings.stripe_secret_key))
    for subscription in world.stigg.subscriptions.values():
        timers.schedule(side, subscription)
    for customer in world.stigg.customers.values():
        for promotion in customer.promotions:
            promotions.schedule(world, customer, promotion)
