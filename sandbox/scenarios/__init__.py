"""Named situations: one word brings the sandbox into one. They change faults, policies, cards and time only."""

from sandbox.scenarios import cards, outages, time, webhooks
from sandbox.scenarios.scenario import Scenario, UnknownScenario
from sandbox.world import World

SCENARIOS: dict[str, Scenario] = {
    scenario.name: scenario for scenario in (*outages.ALL, *webhooks.ALL, *cards.ALL, *time.ALL)
}


async def run(world: World, name: str) -> Scenario:
    """Raises UnknownScenario."""
    if name not in SCENARIOS:
        raise UnknownScenario(f"There is no scenario {name!r}; there are {', '.join(SCENARIOS)}.")
    scenario = SCENARIOS[name]
    await scenario.apply(world)
    return scenario
