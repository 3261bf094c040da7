"""The wake-up call: services say that there is work due; whoever runs work has registered here.

The due rows are the record. A lost call costs a delay until the next sweep, never the work.
"""

from __future__ import annotations

from collections.abc import Callable

from django.db import transaction

_listeners: list[Callable[[str], None]] = []


def register(listener: Callable[[str], None]) -> None:
    """Have `listener(kind)` called when work becomes due."""
    if listener not in _listeners:
        _listeners.append(listener)


def up(kind: str) -> None:
    """Say, once the current transaction has committed, that work of `kind` is due."""
    for listener in _listeners:
        transaction.on_commit(_call(listener, kind), robust=True)


def _call(listener: Callable[[str], None], kind: str) -> Callable[[], None]:
    """A function and no `partial`: Django asks for its name when it fails, and would fail over that."""

    def call() -> None:
        listener(kind)

    return call
