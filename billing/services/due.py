"""Rows that are due, one after the other: what is wrong with one keeps none of the others waiting."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import timedelta
from typing import TypeVar

import structlog

log = structlog.get_logger(__name__)

Key = TypeVar("Key")
PAUSE = timedelta(minutes=10)
"""Until a row is tried again that nobody has foreseen to fail."""


def in_turn(keys: Iterable[Key], work: Callable[[Key], object], *, postpone: Callable[[Key], object]) -> int:
    """Call `work` for each; how many were tried. One that fails is told to staff and postponed.

    A database that is away fails `postpone` as well, and with it the whole turn.
    """
    tried = 0
    for key in keys:
        tried += 1
        try:
            work(key)
        except Exception:  # whatever it is, the others are due, too
            log.exception("due.failed", key=str(key))
            postpone(key)
    return tried
