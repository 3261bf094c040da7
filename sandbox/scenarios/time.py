"""Time that passes at once: deadlines, trials and renewals on the way fire in their order."""

from collections.abc import Awaitable, Callable
from datetime import timedelta

from sandbox.scenarios.scenario import Scenario
from sandbox.world import World

GROUP = "Time"


def _pass(**units: int) -> Callable[[World], Awaitable[None]]:
    async def apply(world: World) -> None:
        await world.clock.advance(timedelta(**units).total_seconds())

    return apply


ALL = (
    Scenario(
        "payment_deadline_passes",
        GROUP,
        "Payment deadline passes",
        "24 hours go by: unpaid first invoices are voided.",
        _pass(hours=24),
    ),
    Scenario("trial_ends", GROUP, "Trials end", "15 days go by: a 14-day trial is over.", _pass(days=15)),
    Scenario("a_month_passes", GROUP, "A month passes", "32 days go by: monthly subscriptions renew.", _pass(days=32)),
)
