"""Outlives its starter by a moment: when the pipe to it breaks, it ends the process groups it was told of.

So nothing is left behind even by a starter that was killed and could not clean up. Standard library
only; lines are `+GROUP` and `-GROUP`.
"""

from __future__ import annotations

import os
import signal
import sys
import time
from contextlib import suppress

PATIENCE_SECONDS = 6.0


def main() -> None:
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    groups: set[int] = set()
    for line in sys.stdin:
        group = int(line[1:])
        (groups.add if line[0] == "+" else groups.discard)(group)
    end(groups)


def end(groups: set[int]) -> None:
    """Ask all processes of the groups to stop, and kill those that do not."""
    for group in groups:
        send(group, signal.SIGTERM)
    give_up_at = time.monotonic() + PATIENCE_SECONDS
    while any(is_alive(group) for group in groups) and time.monotonic() < give_up_at:
        time.sleep(0.1)
    for group in groups:
        send(group, signal.SIGKILL)


def is_alive(group: int) -> bool:
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def send(group: int, number: signal.Signals) -> None:
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(group, number)


if __name__ == "__main__":
    main()
