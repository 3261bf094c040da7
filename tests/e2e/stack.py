"""The demo stack as a test starts it: `scripts.demo` in a folder of its own, on spare ports, until told to stop."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
import uuid
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from urllib.parse import urlsplit

ROOT = Path(__file__).resolve().parents[2]
START_PATIENCE_SECONDS = 90
STOP_PATIENCE_SECONDS = 30


@dataclass
class Stack:
    """A running demo; `facts` is what it wrote when it was ready: addresses, keys, secrets of this run."""

    process: subprocess.Popen
    facts: SimpleNamespace
    output: Path

    @property
    def site_url(self):
        return self.facts.site_url

    def logs(self):
        return {path.name: path.read_text(errors="replace") for path in Path(self.facts.logs_dir).glob("*.log")}


@contextmanager
def running_stack(folder: Path):
    """Start the demo and stop it at the end, whatever happens in between."""
    with own_database() as database_url:
        ready, output = folder / "ready.json", folder / "output.txt"
        command = [sys.executable, "-m", "scripts.demo", "--with-parent", "--ports=auto"]
        command += [f"--state-dir={folder / 'state'}", f"--json-ready={ready}"]
        if database_url:
            command.append(f"--database-url={database_url}")
        with output.open("wb") as stream:
            process = subprocess.Popen(
                command, cwd=ROOT, stdout=stream, stderr=subprocess.STDOUT, start_new_session=True
            )
        try:
            wait_until_ready(process, ready, output)
            facts = json.loads(ready.read_text(), object_hook=lambda found: SimpleNamespace(**found))
            yield Stack(process, facts, output)
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(STOP_PATIENCE_SECONDS)


def wait_until_ready(process, ready, output):
    give_up_at = time.monotonic() + START_PATIENCE_SECONDS
    while not ready.exists():
        if process.poll() is not None or time.monotonic() > give_up_at:
            raise AssertionError(f"the demo did not start:\n{output.read_text(errors='replace')}")
        time.sleep(0.1)


@contextmanager
def own_database():
    """A database of its own on the PostgreSQL that DATABASE_URL names; "" on SQLite, where the demo makes a file."""
    server = os.environ.get("DATABASE_URL", "")
    if not server.startswith("postgres"):
        yield ""
        return
    import psycopg

    name = f"tollgate_e2e_{uuid.uuid4().hex[:8]}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
        try:
            yield urlsplit(server)._replace(path=f"/{name}").geturl()
        finally:
            connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


def execute(database_url: str, statement: str):
    """One statement on the stack's database, past Django: its connections do not go well with the browser's loop."""
    if database_url.startswith("postgres"):
        import psycopg

        with psycopg.connect(database_url, autocommit=True) as connection:
            cursor = connection.execute(statement)
            return cursor.fetchall() if cursor.description else []
    with closing(sqlite3.connect(urlsplit(database_url).path.removeprefix("/"), timeout=20)) as connection, connection:
        return connection.execute(statement).fetchall()
