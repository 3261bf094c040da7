"""The programs that the site consists of, and how to tell that it is ready."""

from __future__ import annotations

import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path

from scripts.stack.ports import LOOPBACK
from scripts.stack.processes import Child, ChildFailed, Children

ROOT = Path(__file__).resolve().parent.parent.parent
PATIENCE_SECONDS = 60.0
WORKERS = 2
BLOCKING_THREADS = 8
"""Twice what one provider may have in flight (`max_concurrent_calls`): while it hangs, half of them serve the rest."""


def manage(*arguments: str) -> list[str]:
    """A management command of the site."""
    return [sys.executable, str(ROOT / "manage.py"), *arguments]


def web_server(port: int) -> list[str]:
    """The web server, on loopback."""
    return [
        str(Path(sys.executable).with_name("granian")),
        "--interface=wsgi",
        f"--host={LOOPBACK}",
        f"--port={port}",
        f"--workers={WORKERS}",
        f"--blocking-threads={BLOCKING_THREADS}",
        "--respawn-failed-workers",
        "--workers-kill-timeout=5",
        "--no-ws",
        "checkout_site.wsgi:application",
    ]


def start_site(children: Children, port: int) -> None:
    """Web server and worker; returns when both are at work.

    Raises: ChildFailed.
    """
    web = children.start("web server", web_server(port))
    children.start("worker", manage("billing_worker"))
    wait_for(lambda: _answers(f"http://{LOOPBACK}:{port}/healthz/ready"), web, children)


def wait_for(condition: Callable[[], bool], child: Child, children: Children) -> None:
    """Until `condition` holds, for which `child` is needed.

    Raises: ChildFailed, also when it takes too long.
    """
    give_up_at = time.monotonic() + PATIENCE_SECONDS
    while not condition():
        children.check()
        if time.monotonic() > give_up_at:
            raise ChildFailed(
                f"{child.name} is not ready after {PATIENCE_SECONDS:.0f} seconds; see {child.log.parent}."
            )
        time.sleep(0.1)


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=5) as answer:  # noqa: S310 - our own address on loopback
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False
