"""Stripe or Stigg out of reach, slow, or answering nonsense; and `calm`, which ends every disturbance."""

from collections.abc import Awaitable, Callable

from sandbox.elements.preferences import reset_preferences
from sandbox.faults import Fault, Kind, Provider
from sandbox.scenarios.cards import heal_cards
from sandbox.scenarios.scenario import Scenario
from sandbox.world import World

GROUP = "Outages"


async def calm(world: World) -> None:
    world.faults.clear()
    for source in ("stripe", "stigg"):
        world.deliveries.set_policy(source, "deliver")
        world.deliveries.release(source)
    heal_cards(world)
    reset_preferences(world)


def _fault(
    provider: Provider,
    kind: Kind,
    *,
    operation: str | None = None,
    status: int = 500,
    seconds: float = 0.0,
    times: int | None = None,
) -> Callable[[World], Awaitable[None]]:
    async def apply(world: World) -> None:
        world.faults.add(
            Fault(provider=provider, kind=kind, operation=operation, status=status, seconds=seconds, times=times)
        )

    return apply


ALL = (
    Scenario(
        "calm",
        GROUP,
        "Calm",
        "Remove every fault, deliver all webhooks (held ones too), cards as printed.",
        calm,
    ),
    Scenario("stigg_down", GROUP, "Stigg down", "No answer from Stigg until calm.", _fault("stigg", "down")),
    Scenario(
        "stigg_slow",
        GROUP,
        "Stigg slow",
        "Five seconds before each answer of Stigg.",
        _fault("stigg", "latency", seconds=5),
    ),
    Scenario(
        "stigg_errors",
        GROUP,
        "Stigg answers 503",
        "Each call to Stigg is refused with 503.",
        _fault("stigg", "status", status=503),
    ),
    Scenario(
        "stigg_garbage",
        GROUP,
        "Stigg answers nonsense",
        "The next three answers of Stigg are an HTML page.",
        _fault("stigg", "garbage", times=3),
    ),
    Scenario(
        "provision_hangs",
        GROUP,
        "Provisioning hangs",
        "The next provisionSubscriptionV2 never answers.",
        _fault("stigg", "hang", operation="provisionSubscriptionV2", times=1),
    ),
    Scenario("stripe_down", GROUP, "Stripe down", "No answer from Stripe until calm.", _fault("stripe", "down")),
    Scenario(
        "stripe_slow",
        GROUP,
        "Stripe slow",
        "Five seconds before each answer of Stripe.",
        _fault("stripe", "latency", seconds=5),
    ),
    Scenario(
        "stripe_rate_limited",
        GROUP,
        "Stripe answers 429",
        "The next five calls to Stripe are one too many.",
        _fault("stripe", "status", status=429, times=5),
    ),
)
