"""A Redis of our own for tests: on a spare port, without a disk, killed and started as a test likes."""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from typing import Any

import pytest
import redis

from tests.sandbox_process import free_port

INSTALL = (["apt-get", "update", "-qq"], ["apt-get", "install", "-y", "-qq", "--no-install-recommends", "redis-server"])
PATIENCE_SECONDS = 10.0


class RedisServer:
    """Start it with `start`; it keeps its port, not its data."""

    def __init__(self) -> None:
        self.port = free_port()
        self.url = f"redis://127.0.0.1:{self.port}/0"
        self.client: Any = redis.Redis(port=self.port)
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        command = [program(), "--port", str(self.port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"]
        self._process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        give_up_at = time.monotonic() + PATIENCE_SECONDS
        while True:
            try:
                self.client.ping()
            except redis.RedisError:
                assert time.monotonic() < give_up_at, "Redis did not start"
                time.sleep(0.05)
            else:
                return

    def kill(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None
        self.client.close()


def program() -> str:
    """Debian's; installed where we may. Without it the test is left out on a developer's machine, and fails in CI."""
    found = shutil.which("redis-server")
    if found is None and os.geteuid() == 0 and shutil.which("apt-get"):
        for command in INSTALL:
            subprocess.run(command, env=os.environ | {"DEBIAN_FRONTEND": "noninteractive"}, check=False)
        found = shutil.which("redis-server")
    if found is None:
        give_up = pytest.fail if os.environ.get("CI") else pytest.skip
        give_up("redis-server is not installed (Debian and Ubuntu: sudo apt-get install redis-server)")
    return found
