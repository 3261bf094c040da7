"""Databases of our own that may be crashed: PostgreSQL as durable as in production, and SQLite in a file."""

from __future__ import annotations

import os
import secrets
import shutil
import signal
import socket
import sqlite3
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from scripts import postgres
from scripts.stack.ports import LOOPBACK, spare
from tests.chaos.processes import Leash

DURABLE = (
    "max_connections=100",
    "shared_buffers=256MB",
    "max_wal_size=4GB",
    "log_min_messages=warning",
    "log_min_error_statement=panic",
)


class Sqlite:
    """A file. It has no server that could be away."""

    name = "SQLite"

    def __init__(self, folder: Path) -> None:
        self._path = folder / "chaos.sqlite3"
        self.url = f"sqlite:///{self._path}"

    def query(self, statement: str) -> list[tuple]:
        with closing(sqlite3.connect(self._path, timeout=30)) as connection:
            found = connection.execute(statement).fetchall()
            connection.commit()
            return found

    def deadlocks(self) -> int:
        return 0


class Postgres:
    """A server with fsync and synchronous_commit on: a crash may take nothing that was committed."""

    name = "PostgreSQL"

    def __init__(self) -> None:
        self._programs = postgres.server_programs()
        self._folder = Path(tempfile.mkdtemp(prefix="tollgate-chaos-"))
        self._as_other_user = postgres.give_away(self._folder)
        (self._port,) = spare(1)
        self._log = self._folder.parent / f"{self._folder.name}.log"
        self._process: subprocess.Popen[bytes] | None = None
        self._leash = Leash()
        self.password = secrets.token_urlsafe(16)
        self.url = f"postgres://{postgres.USER}:{self.password}@{LOOPBACK}:{self._port}/postgres"
        self.outages: list[tuple[float, float]] = []
        """When it was away, in monotonic seconds."""
        self._run(postgres.initdb_command(self._programs, self._folder, self.password)).wait()

    def start(self) -> None:
        """Returns when it takes connections."""
        self._process = self._run(postgres.postgres_command(self._programs, self._folder, self._port, DURABLE))
        self._leash.hold(self._process.pid)
        give_up_at = time.monotonic() + 120
        while not self.answers():
            assert time.monotonic() < give_up_at, self._log.read_text()[-2000:]
            time.sleep(0.05)

    def crash(self, *, away_seconds: float = 0.0) -> float:
        """Stop at once, without a last word, and start again; how long it took no connections."""
        began_at = time.monotonic()
        self._end(signal.SIGQUIT)
        time.sleep(away_seconds)
        self.start()
        self.outages.append((began_at, time.monotonic()))
        return time.monotonic() - began_at

    def answers(self) -> bool:
        import psycopg

        try:
            psycopg.connect(self.url, connect_timeout=2).close()
        except psycopg.OperationalError:
            return False
        return True

    def query(self, statement: str) -> list[tuple]:
        import psycopg

        with psycopg.connect(self.url, autocommit=True) as connection:
            cursor = connection.execute(statement)
            return cursor.fetchall() if cursor.description else []

    def deadlocks(self) -> int:
        """From the log: the server's own counter does not survive a crash."""
        return self._log.read_text(errors="replace").count("deadlock detected")

    def remove(self) -> None:
        if self._process is not None:
            self._end(signal.SIGQUIT)
        self._leash.close()
        shutil.rmtree(self._folder, ignore_errors=True)
        self._log.unlink(missing_ok=True)

    def _run(self, command: list[str]) -> subprocess.Popen[bytes]:
        with self._log.open("ab") as output:
            return subprocess.Popen(
                [*self._as_other_user, *command],
                cwd=self._folder,
                env=os.environ,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def _end(self, number: signal.Signals) -> None:
        assert self._process is not None
        self._process.send_signal(number)
        self._process.wait()
        self._leash.drop(self._process.pid)


class Redis:
    """A queue and cache of our own that forgets everything when told to; `None` instead where there is no server."""

    def __init__(self, program: str) -> None:
        (self._port,) = spare(1)
        self.url = f"redis://{LOOPBACK}:{self._port}/0"
        command = [program, f"--port {self._port}", f"--bind {LOOPBACK}", "--save", "", "--appendonly no"]
        self._process = subprocess.Popen(command, stdout=subprocess.DEVNULL, start_new_session=True)
        self._leash = Leash()
        self._leash.hold(self._process.pid)

    def flush(self) -> None:
        with socket.create_connection((LOOPBACK, self._port), timeout=5) as connection:
            connection.sendall(b"FLUSHALL\r\n")
            assert connection.recv(100).startswith(b"+OK")

    def remove(self) -> None:
        self._process.kill()
        self._process.wait()
        self._leash.close()


@contextmanager
def redis() -> Iterator[Redis | None]:
    program = shutil.which("redis-server")
    server = Redis(program) if program else None
    try:
        yield server
    finally:
        if server:
            server.remove()


@contextmanager
def database(kind: str, folder: Path) -> Iterator[Sqlite | Postgres]:
    """A fresh one, gone afterwards."""
    if kind == "sqlite":
        yield Sqlite(folder)
        return
    server = Postgres()
    try:
        server.start()
        yield server
    finally:
        server.remove()
