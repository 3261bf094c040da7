"""An app that makes the process it is loaded in kill itself at one chosen place, now and then.

`CHAOS_KILL_AT` names the place, `CHAOS_KILL_AFTER` how many times it is passed unharmed. The product knows
nothing of this: functions are wrapped from outside.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from importlib import import_module
from typing import Any

from django.apps import AppConfig

BEFORE, AFTER = "before", "after"
PLACES = {
    "before claim": ("billing.webhooks.inbox", "claim", BEFORE),
    "after claim": ("billing.webhooks.inbox", "claim", AFTER),
    "after apply, before commit": ("billing.services.customers", "settle", AFTER),
    "after commit, before finish": ("billing.webhooks.inbox", "finish", BEFORE),
    "after finish": ("billing.webhooks.inbox", "finish", AFTER),
}


class KillPoints(AppConfig):
    name = "tests.chaos"
    label = "tests_chaos"

    def ready(self) -> None:
        place = os.environ.get("CHAOS_KILL_AT")
        if place:
            arm(place, after=int(os.environ["CHAOS_KILL_AFTER"]))
        shorten_customer_lease()


def arm(place: str, *, after: int) -> None:
    """From the `after`-th call on, the process does not survive this place."""
    module_name, name, moment = PLACES[place]
    module = import_module(module_name)
    setattr(module, name, deadly(getattr(module, name), moment, after))


def deadly(function: Callable[..., Any], moment: str, after: int) -> Callable[..., Any]:
    calls = 0

    def wrapped(*arguments: Any, **named: Any) -> Any:
        nonlocal calls
        calls += 1
        if calls >= after and moment == BEFORE:
            os.kill(os.getpid(), signal.SIGKILL)
        answer = function(*arguments, **named)
        if calls >= after and moment == AFTER:
            os.kill(os.getpid(), signal.SIGKILL)
        return answer

    return wrapped


def shorten_customer_lease() -> None:
    """As long as an event's."""
    seconds = os.environ.get("CHAOS_LEASE_SECONDS")
    if seconds:
        import_module("billing.services.customer_lease").LEASE_SECONDS = int(seconds)
