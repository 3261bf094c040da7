"""Processes that are started again when they end, until we stop: the small supervisor, and the hand that kills."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from scripts.stack import watchdog

ROOT = Path(__file__).resolve().parents[2]
LOOK_SECONDS = 0.05


@dataclass
class Kept:
    """One process that should run. `env` on top of the supervisor's."""

    name: str
    command: Sequence[str]
    env: Mapping[str, str]
    process: subprocess.Popen[bytes] | None = None
    starts: int = 0


class Leash:
    """Sees to it that process groups end when we do, even if we are killed."""

    def __init__(self) -> None:
        command = [sys.executable, str(Path(watchdog.__file__))]
        self._watchdog = subprocess.Popen(command, stdin=subprocess.PIPE, start_new_session=True)

    def hold(self, pid: int) -> None:
        self._tell("+", pid)

    def drop(self, pid: int) -> None:
        self._tell("-", pid)

    def close(self) -> None:
        assert self._watchdog.stdin is not None
        self._watchdog.stdin.close()
        self._watchdog.wait()

    def _tell(self, sign: str, pid: int) -> None:
        assert self._watchdog.stdin is not None
        self._watchdog.stdin.write(f"{sign}{pid}\n".encode())
        self._watchdog.stdin.flush()


class Supervisor:
    """Use as a context manager: leaving it kills everything."""

    def __init__(self, *, env: Mapping[str, str], logs: Path) -> None:
        self._env, self._logs = dict(env), logs
        self._kept: dict[str, Kept] = {}
        self._lock = threading.Lock()
        self._stopping = threading.Event()
        self._leash = Leash()
        self._thread = threading.Thread(target=self._keep_alive, daemon=True)
        logs.mkdir(parents=True, exist_ok=True)

    def __enter__(self) -> Supervisor:
        self._thread.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._stopping.set()
        self._thread.join()
        for name in list(self._kept):
            self.drop(name)
        self._leash.close()

    def keep(self, name: str, command: Sequence[str], **env: str) -> None:
        """Run it, and run it again whenever it ends."""
        with self._lock:
            self._kept[name] = Kept(name, command, env)
            self._start(self._kept[name])

    def drop(self, name: str) -> None:
        """End it for good."""
        with self._lock:
            kept = self._kept.pop(name)
        self._kill(kept)

    def kill(self, name: str) -> None:
        """SIGKILL for it and its children; the supervisor starts it again."""
        self._kill(self._kept[name])

    def names(self, beginning: str) -> list[str]:
        return [name for name in self._kept if name.startswith(beginning)]

    def starts(self, beginning: str) -> int:
        """How often they have been started altogether."""
        return sum(self._kept[name].starts for name in self.names(beginning))

    def resident_kilobytes(self, name: str) -> int:
        """Memory of the process and its children."""
        process = self._kept[name].process
        return sum(_resident(pid) for pid in _family(process.pid)) if process else 0

    def log(self, name: str) -> Path:
        return self._logs / f"{name}.log"

    def _keep_alive(self) -> None:
        while not self._stopping.wait(LOOK_SECONDS):
            with self._lock:
                for kept in self._kept.values():
                    if kept.process is not None and kept.process.poll() is not None:
                        self._start(kept)

    def _start(self, kept: Kept) -> None:
        if kept.process is not None:
            watchdog.send(kept.process.pid, signal.SIGKILL)
            self._leash.drop(kept.process.pid)
        with self.log(kept.name).open("ab") as output:
            kept.process = subprocess.Popen(
                kept.command,
                cwd=ROOT,
                env=self._env | dict(kept.env),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        kept.starts += 1
        self._leash.hold(kept.process.pid)

    def _kill(self, kept: Kept) -> None:
        process = kept.process  # the supervisor may have started the next one before this one is waited for
        if process is not None:
            watchdog.send(process.pid, signal.SIGKILL)
            process.wait()


def _family(pid: int) -> list[int]:
    found = [pid]
    for each in found:
        try:
            children = Path(f"/proc/{each}/task/{each}/children").read_text()
        except OSError:
            continue
        found.extend(int(child) for child in children.split())
    return found


def _resident(pid: int) -> int:
    try:
        pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    except (OSError, IndexError):
        return 0
    return pages * os.sysconf("SC_PAGE_SIZE") // 1024


def wait_for(what: str, condition, *, seconds: float = 60.0, pause: float = 0.1) -> float:
    """Seconds until `condition()`; AssertionError when it takes too long."""
    began_at = time.monotonic()
    while not condition():
        if time.monotonic() - began_at > seconds:
            raise AssertionError(f"not within {seconds:.0f} s: {what}")
        time.sleep(pause)
    return time.monotonic() - began_at
