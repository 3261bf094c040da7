"""`python -m sandbox`: reads the command line and runs the sandbox until interrupted."""

import asyncio
import os
import signal
import sys

from sandbox.options import parser
from sandbox.server import Sandbox
from sandbox.settings import Settings, SettingsError

PARENT_LOOKED_FOR_SECONDS = 0.5


def main() -> int:
    arguments = parser().parse_args()
    try:
        settings = Settings(**vars(arguments))
        asyncio.run(_run(Sandbox(settings), with_parent=settings.with_parent))
    except SettingsError as problem:
        sys.stderr.write(f"{problem}\n")
        return 2
    return 0


async def _run(sandbox: Sandbox, *, with_parent: bool) -> None:
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, sandbox.stop)
    watching = asyncio.create_task(_stop_with(os.getppid(), sandbox)) if with_parent else None
    await sandbox.run(_say_ready)
    if watching:
        watching.cancel()


async def _stop_with(parent: int, sandbox: Sandbox) -> None:
    """Whoever is killed cannot stop what they have started."""
    while os.getppid() == parent:
        await asyncio.sleep(PARENT_LOOKED_FOR_SECONDS)
    sandbox.stop()


def _say_ready() -> None:
    sys.stdout.write("sandbox ready\n")
    sys.stdout.flush()


if __name__ == "__main__":
    raise SystemExit(main())
