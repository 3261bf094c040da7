"""What a scenario is."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from sandbox.world import World


class UnknownScenario(LookupError):
    """A name that no scenario has."""


@dataclass(frozen=True, slots=True)
class Scenario:
    name: str
    group: str
    title: str
    summary: str
    apply: Callable[[World], Awaitable[None]]
