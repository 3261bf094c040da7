"""`python -m sandbox`: reads the command line and runs the sandbox until interrupted."""

import asyncio
import signal
import sys

from sandbox.options import parser
from sandbox.server import Sandbox
from sandbox.settings import Settings, SettingsError


def main() -> int:
    arguments = parser().parse_args()
    try:
        sandbox = Sandbox(Settings(**vars(arguments)))
        asyncio.run(_run(sandbox))
    except SettingsError as problem:
        sys.stderr.write(f"{problem}\n")
        return 2
    return 0


async def _run(sandbox: Sandbox) -> None:
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, sandbox.stop)
    await sandbox.run(_say_ready)


def _say_ready() -> None:
    sys.stdout.write("sandbox ready\n")
    sys.stdout.flush()


if __name__ == "__main__":
    raise SystemExit(main())
