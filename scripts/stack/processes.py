"""Children, each in a process group of its own with a log file; stopped together, the last started first."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from scripts.stack import watchdog

PATIENCE_SECONDS = 10.0
SHOWN_LOG_LINES = 15


class ChildFailed(Exception):
    """A child ended although it was needed; the text says which, and the end of what it wrote."""


@dataclass
class Child:
    name: str
    process: subprocess.Popen[bytes]
    log: Path
    ends: bool

    @property
    def is_running(self) -> bool:
        return self.process.poll() is None

    def failure(self) -> ChildFailed:
        """Its end, told with the last lines of its log."""
        lines = self.log.read_text(errors="replace").splitlines()[-SHOWN_LOG_LINES:]
        tail = "".join(f"\n    {line}" for line in lines)
        return ChildFailed(f"{self.name} ended with code {self.process.returncode}. Its log, {self.log}:{tail}")


class Children:
    """Use as a context manager: leaving it stops everything."""

    def __init__(self, *, cwd: Path, env: Mapping[str, str], logs: Path) -> None:
        self._cwd, self._env, self._logs = cwd, dict(env), logs
        self._running: list[Child] = []
        self._watchdog = subprocess.Popen(
            [sys.executable, str(Path(watchdog.__file__))], stdin=subprocess.PIPE, start_new_session=True
        )
        logs.mkdir(parents=True, exist_ok=True)

    def __enter__(self) -> Children:
        return self

    def __exit__(self, *_error: object) -> None:
        self.stop()

    def start(self, name: str, command: Sequence[str], *, ends: bool = False) -> Child:
        """Start a child, which `ends` by itself or is to run on; what it writes goes to `<logs>/<name>.log`."""
        log = self._logs / f"{name.replace(' ', '-')}.log"
        with log.open("wb") as output:
            process = subprocess.Popen(
                command,
                cwd=self._cwd,
                env=self._env,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        child = Child(name, process, log, ends)
        self._running.append(child)
        self._tell_watchdog("+", child)
        return child

    def run(self, name: str, command: Sequence[str]) -> None:
        """Start a child that ends, and wait for it.

        Raises: ChildFailed.
        """
        self.finish(self.start(name, command, ends=True))

    def finish(self, child: Child) -> None:
        """Wait for a child that ends.

        Raises: ChildFailed.
        """
        if child.process.wait() != 0:
            raise child.failure()
        self._running.remove(child)
        self._tell_watchdog("-", child)

    def check(self) -> None:
        """Raises: ChildFailed, when one has ended that should be running, or has failed at its one thing."""
        for child in self._running:
            if not child.is_running and not (child.ends and child.process.returncode == 0):
                raise child.failure()

    def stop(self) -> None:
        """Ask all to stop, in the opposite order; then see to it that no process of theirs is left."""
        for child in reversed(self._running):
            watchdog.send(child.process.pid, signal.SIGTERM)
        give_up_at = time.monotonic() + PATIENCE_SECONDS
        for child in reversed(self._running):
            with suppress(subprocess.TimeoutExpired):
                child.process.wait(max(0.1, give_up_at - time.monotonic()))
            watchdog.send(child.process.pid, signal.SIGKILL)
            child.process.wait()
            self._tell_watchdog("-", child)
        self._running.clear()
        if self._watchdog.stdin:
            with suppress(BrokenPipeError):
                self._watchdog.stdin.close()
        self._watchdog.wait()

    def _tell_watchdog(self, sign: str, child: Child) -> None:
        if self._watchdog.stdin:
            with suppress(BrokenPipeError):
                self._watchdog.stdin.write(f"{sign}{child.process.pid}\n".encode())
                self._watchdog.stdin.flush()
