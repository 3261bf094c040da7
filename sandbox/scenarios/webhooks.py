"""Webhooks that come twice, late, in the wrong order, or not at all; of both sources alike."""

from collections.abc import Awaitable, Callable

from sandbox.scenarios.scenario import Scenario
from sandbox.world import World

GROUP = "Webhooks"


def _policy(mode: str, seconds: float = 0.0) -> Callable[[World], Awaitable[None]]:
    async def apply(world: World) -> None:
        for source in ("stripe", "stigg"):
            world.deliveries.set_policy(source, mode, seconds)

    return apply


ALL = (
    Scenario("webhooks_doubled", GROUP, "Webhooks doubled", "Each webhook is sent twice.", _policy("double")),
    Scenario(
        "webhooks_shuffled",
        GROUP,
        "Webhooks shuffled",
        "Webhooks are gathered for half a second and sent in a new order.",
        _policy("shuffle"),
    ),
    Scenario(
        "webhooks_late", GROUP, "Webhooks late", "Each webhook leaves 30 s after its event.", _policy("delay", 30)
    ),
    Scenario("webhooks_held", GROUP, "Webhooks held", "No webhook leaves until it is released.", _policy("hold")),
    Scenario("webhooks_lost", GROUP, "Webhooks lost", "Webhooks are dropped for good.", _policy("drop")),
)
