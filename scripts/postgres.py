"""`python -m scripts.postgres COMMAND ...`: runs a command with a PostgreSQL of its own, which is gone afterwards.

The command finds it in DATABASE_URL. It listens on a spare port of loopback, keeps its files in a
temporary folder, and is tuned to be quick, not to survive a power cut.
"""

from __future__ import annotations

import os
import pwd
import secrets
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from scripts.stack import stopping
from scripts.stack.ports import LOOPBACK, spare
from scripts.stack.processes import Child, ChildFailed, Children

USER = "tollgate"
PATIENCE_SECONDS = 60.0
QUICK = ("fsync=off", "synchronous_commit=off", "full_page_writes=off", "max_connections=100")
INSTALL = (["apt-get", "update", "-qq"], ["apt-get", "install", "-y", "-qq", "--no-install-recommends", "postgresql"])


class Unavailable(Exception):
    """There is no PostgreSQL and none can be had; the text says what to do."""


def main() -> int:
    if len(sys.argv) < 2:
        print(__doc__, file=sys.stderr)
        return 2
    stopping.listen()
    try:
        with _server(server_programs()) as url:
            return subprocess.run(sys.argv[1:], env=os.environ | {"DATABASE_URL": url}, check=False).returncode
    except (Unavailable, ChildFailed) as problem:
        print(problem, file=sys.stderr)
        return 1
    except stopping.Stopped:
        return 130


def server_programs() -> Path:
    """The folder of `initdb` and `postgres`; Debian keeps them off the PATH."""
    found = _find_programs()
    if found is None:
        _install()
        found = _find_programs()
    if found is None:
        raise Unavailable("PostgreSQL was installed, but `initdb` is not where Debian keeps it.")
    return found


def _find_programs() -> Path | None:
    versions = Path("/usr/lib/postgresql").glob("*/bin")
    for folder in sorted(versions, key=lambda path: float(path.parent.name), reverse=True):
        if (folder / "initdb").exists():
            return folder
    on_path = shutil.which("initdb")
    return Path(on_path).resolve().parent if on_path else None


def _install() -> None:
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        raise Unavailable(
            "The tests on PostgreSQL need its server programs, and this user may not install them. "
            "Install them (Debian and Ubuntu: sudo apt-get install postgresql) and run this again."
        )
    print("Installing PostgreSQL for the tests ...", file=sys.stderr)
    for command in INSTALL:
        result = subprocess.run(
            command, env=os.environ | {"DEBIAN_FRONTEND": "noninteractive"}, stdin=subprocess.DEVNULL, check=False
        )
        if result.returncode != 0:
            raise Unavailable(f"`{' '.join(command)}` failed.")


@contextmanager
def _server(programs: Path) -> Iterator[str]:
    """A running server; its DATABASE_URL."""
    (port,) = spare(1)
    folder = Path(tempfile.mkdtemp(prefix="tollgate-postgres-"))
    password = secrets.token_urlsafe(16)
    as_other_user = give_away(folder)
    try:
        with Children(cwd=folder, env=os.environ, logs=folder / "logs") as children:
            children.finish(children.start("initdb", [*as_other_user, *initdb_command(programs, folder, password)]))
            server = children.start("postgres", [*as_other_user, *postgres_command(programs, folder, port)])
            url = f"postgres://{USER}:{password}@{LOOPBACK}:{port}/postgres"
            wait_until_ready(url, server)
            yield url
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def give_away(folder: Path) -> list[str]:
    """PostgreSQL refuses to run as root: the folder's new owner runs it. What to put before its commands."""
    if os.geteuid() != 0:
        return []
    for name in ("postgres", "nobody"):
        try:
            owner = pwd.getpwnam(name)
        except KeyError:
            continue
        os.chown(folder, owner.pw_uid, owner.pw_gid)
        return ["setpriv", f"--reuid={owner.pw_uid}", f"--regid={owner.pw_gid}", "--clear-groups"]
    raise Unavailable("PostgreSQL does not run as root, and there is neither a user postgres nor nobody to run it.")


def initdb_command(programs: Path, folder: Path, password: str) -> list[str]:
    secret = folder / "password"
    secret.write_text(password)
    return [
        str(programs / "initdb"),
        f"--pgdata={folder / 'data'}",
        f"--username={USER}",
        f"--pwfile={secret}",
        "--auth=scram-sha-256",
        "--encoding=UTF8",
        "--no-locale",
        "--no-sync",
    ]


def postgres_command(programs: Path, folder: Path, port: int, settings: Sequence[str] = QUICK) -> list[str]:
    options = (*settings, f"listen_addresses={LOOPBACK}", f"port={port}", "unix_socket_directories=")
    return [
        str(programs / "postgres"),
        "-D",
        str(folder / "data"),
        *(word for option in options for word in ("-c", option)),
    ]


def wait_until_ready(url: str, server: Child) -> None:
    import psycopg

    give_up_at = time.monotonic() + PATIENCE_SECONDS
    while True:
        try:
            psycopg.connect(url, connect_timeout=2).close()
        except psycopg.OperationalError:
            if not server.is_running or time.monotonic() > give_up_at:
                raise server.failure() from None
            time.sleep(0.1)
        else:
            return


if __name__ == "__main__":
    sys.exit(main())
