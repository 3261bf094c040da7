"""Promotional entitlements given and taken back by hand, as people do in Stigg's own app."""

from collections.abc import Callable, Mapping
from typing import Any

from sandbox.stigg import promotions
from sandbox.stigg.errors import StiggError
from sandbox.stigg.state import Promotion
from sandbox.world import World

Fields = Mapping[str, Any]


def grant(world: World, fields: Fields) -> Promotion:
    """Raises ValueError."""
    return _checked(promotions.grant, world, fields)


def revoke(world: World, fields: Fields) -> Promotion:
    """Raises ValueError."""
    return _checked(promotions.revoke, world, fields)


def _checked(act: Callable[[World, dict[str, Any]], Promotion], world: World, fields: Fields) -> Promotion:
    try:
        return act(world, dict(fields))
    except StiggError as refused:
        raise ValueError(refused.message) from refused
