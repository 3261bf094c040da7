"""Being told to stop: by Ctrl-C, by a signal, or by the end of whoever wanted the program."""

from __future__ import annotations

import os
import signal
import time
from types import FrameType
from typing import NoReturn

from scripts.stack.processes import Children

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Stopped(Exception):
    """It is time to clean up and go."""


def listen() -> None:
    """From now on a signal raises Stopped."""
    for number in SIGNALS:
        signal.signal(number, _raise_stopped)


def ignore() -> None:
    """From now on nothing interrupts: a second Ctrl-C must not disturb the cleaning up."""
    for number in SIGNALS:
        signal.signal(number, signal.SIG_IGN)


def serve(children: Children, *, with_parent: bool) -> NoReturn:
    """Until stopped.

    Raises: Stopped; ChildFailed, when one of the children ends.
    """
    parent = os.getppid()
    while True:
        time.sleep(0.3)
        children.check()
        if with_parent and os.getppid() != parent:
            raise Stopped


def _raise_stopped(_number: int, _frame: FrameType | None) -> None:
    raise Stopped
