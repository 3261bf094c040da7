"""How the stand-in behaves in one sandbox: how 3-D Secure is shown, and whether the browser has a wallet."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal, get_args
from weakref import WeakKeyDictionary

from sandbox.world import World

ThreeDSecure = Literal["modal", "redirect"]
Wallet = Literal["available", "none"]
CHOICES: dict[str, tuple[str, ...]] = {"three_d_secure": get_args(ThreeDSecure), "wallet": get_args(Wallet)}


@dataclass(frozen=True, slots=True)
class Preferences:
    three_d_secure: ThreeDSecure = "modal"
    wallet: Wallet = "available"


_of_worlds: WeakKeyDictionary[World, Preferences] = WeakKeyDictionary()


def preferences_of(world: World) -> Preferences:
    return _of_worlds.get(world, Preferences())


def set_preferences(world: World, wanted: Mapping[str, Any]) -> Preferences:
    """Changes those that are named. Raises ValueError for a name or a value that does not exist."""
    for name, value in wanted.items():
        if name not in CHOICES:
            raise ValueError(f"the stand-in has {' and '.join(CHOICES)} to set, not {name}")
        if value not in CHOICES[name]:
            raise ValueError(f"{name} must be one of {', '.join(CHOICES[name])}")
    if not wanted:
        raise ValueError(f"name at least one of {', '.join(CHOICES)}")
    _of_worlds[world] = replace(preferences_of(world), **wanted)
    return _of_worlds[world]


def reset_preferences(world: World) -> None:
    _of_worlds.pop(world, None)
