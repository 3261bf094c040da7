"""The servers under load: ours, the bare views and dj-stripe, each started alike and stopped after its burst."""

from __future__ import annotations

import os
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from bench.hooks.load import address
from scripts.stack.ports import LOOPBACK, spare
from tests.chaos.processes import Supervisor, wait_for

ROOT = Path(__file__).resolve().parents[2]
PEERS = ROOT / "var" / "bench"
DJSTRIPE = PEERS / "djstripe" / "bin" / "python"
DJSTRIPE_NEEDS = ("dj-stripe==2.11.0", "stripe<16", "Django==5.2.19", "psycopg[binary]==3.3.9", "granian==2.8.7")
GUNICORN = PEERS / "gunicorn"
GUNICORN_VERSION = "gunicorn==27.0.1"


@dataclass(frozen=True)
class Site:
    """`application` for the server, `path` to post to, `table` where accepted events end up."""

    name: str
    application: str
    path: str
    table: str = ""
    python: str = sys.executable
    env: Mapping[str, str] = field(default_factory=dict)


BARE = {"DJANGO_SETTINGS_MODULE": "bench.hooks.bare"}
PEER = {"DJANGO_SETTINGS_MODULE": "bench.hooks.djstripe_site"}
WEBHOOK = "/stripe/webhook/11111111-1111-4111-8111-111111111111/"
OURS = Site("ours", "checkout_site.wsgi:application", "/hooks/stripe/", "billing_webhookevent")
VERIFY = Site("verify only", "bench.hooks.bare:application", "/verify", env=BARE)
RAW = Site("verify + raw INSERT", "bench.hooks.bare:application", "/raw", "bench_event", env=BARE)
ORM = Site("verify + ORM INSERT", "bench.hooks.bare:application", "/orm", "bench_event", env=BARE)
ACK_FIRST = Site(
    "dj-stripe, ack first",
    "bench.hooks.djstripe_site:application",
    WEBHOOK,
    "djstripe_webhookeventtrigger",
    str(DJSTRIPE),
    PEER | {"BENCH_ACK_FIRST": "1"},
)
DEFAULT = Site(
    "dj-stripe, default",
    "bench.hooks.djstripe_site:application",
    WEBHOOK,
    "djstripe_webhookeventtrigger",
    str(DJSTRIPE),
    PEER,
)


def granian(site: Site, port: int, *, workers: int = 2, threads: int = 4) -> list[str]:
    """The same server for all of them."""
    return [
        str(Path(site.python).with_name("granian")),
        "--interface=wsgi",
        f"--host={LOOPBACK}",
        f"--port={port}",
        f"--workers={workers}",
        f"--blocking-threads={threads}",
        "--no-ws",
        "--log-level=error",
        site.application,
    ]


def gunicorn(site: Site, port: int, *, workers: int = 2, threads: int = 0) -> list[str]:
    """`threads` 0: the plain worker, which closes the connection after each answer."""
    kind = ["--worker-class=gthread", f"--threads={threads}"] if threads else ["--worker-class=sync"]
    bind = f"--bind={LOOPBACK}:{port}"
    return [site.python, "-m", "gunicorn", bind, f"--workers={workers}", *kind, "--log-level=error", site.application]


@contextmanager
def serving(command_of, site: Site, env: Mapping[str, str], folder: Path) -> Iterator[int]:
    """A running server, its first requests answered; its port."""
    (port,) = spare(1)
    with Supervisor(env=dict(env), logs=folder / "logs") as supervisor:
        supervisor.keep("site", command_of(site, port), **site.env, PYTHONPATH=f"{ROOT}:{GUNICORN}")
        wait_for(f"{site.name}: {supervisor.log('site')}", lambda: answers(address(port, site.path)), seconds=30)
        time.sleep(0.5)
        yield port


def answers(url: str) -> bool:
    try:
        urllib.request.urlopen(url, data=b"{}", timeout=5)  # noqa: S310 - our own address on loopback
    except urllib.error.HTTPError:
        return True
    except OSError:
        return False
    return True


def install_peers() -> None:
    """dj-stripe in an environment of its own, for it needs an older Stripe SDK; gunicorn beside ours."""
    if not DJSTRIPE.exists():
        subprocess.run([sys.executable, "-m", "venv", str(PEERS / "djstripe")], check=True)
        pip = [str(DJSTRIPE), "-m", "pip", "install", "--quiet"]
        subprocess.run([*pip, *DJSTRIPE_NEEDS, "django-environ"], check=True)
    if not GUNICORN.exists():
        pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--target", str(GUNICORN)]
        subprocess.run([*pip, GUNICORN_VERSION, "packaging"], check=True)


def prepare_djstripe(env: Mapping[str, str]) -> None:
    command = [str(DJSTRIPE), "-m", "bench.hooks.djstripe_site"]
    subprocess.run(command, cwd=ROOT, env=os.environ | env | PEER, check=True)
