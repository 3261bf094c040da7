"""`make demo`: the whole of Tollgate on this machine, with the sandbox for Stripe and Stigg, until Ctrl-C.

Needs neither root nor a browser nor the network. Everything that it writes is under one folder.
"""

from __future__ import annotations

import argparse
import fcntl
import json
import shutil
import sys
import time
from pathlib import Path
from typing import IO

from scripts.stack import stopping
from scripts.stack.commands import ROOT, manage, start_site, wait_for
from scripts.stack.environment import ADMIN_USER, Plan, Secrets, environment
from scripts.stack.ports import LOOPBACK, Ports, automatic, choose
from scripts.stack.processes import ChildFailed, Children

DATABASE_NAME = "tollgate.sqlite3"
CARDS = (
    ("4242 4242 4242 4242", "pays"),
    ("4000 0000 0000 0002", "is declined when it is entered"),
    ("4000 0000 0000 0341", "can be saved, then the payment fails"),
    ("4000 0025 0000 3155", "asks for 3-D Secure"),
)


class Refused(Exception):
    """The demo cannot start; the text is for the person who started it."""


def main() -> int:
    options = _parse()
    stopping.listen()
    try:
        with _lock(options.state_dir):
            return _demonstrate(_plan(options), options)
    except Refused as problem:
        print(problem, file=sys.stderr)
        return 1
    except stopping.Stopped:
        return 0


def _demonstrate(plan: Plan, options: argparse.Namespace) -> int:
    began_at = time.monotonic()
    with _children(plan) as children:
        try:
            _start(children, plan)
            _say_ready(plan, time.monotonic() - began_at)
            if options.json_ready:
                _write_ready(options.json_ready, plan)
            stopping.serve(children, with_parent=options.with_parent)
        except stopping.Stopped:
            print("\nStopping ...", flush=True)
            return 0
        except ChildFailed as problem:
            print(f"\n{problem}\n\nStopping ...", file=sys.stderr)
            return 1
        finally:
            stopping.ignore()


def _parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make demo", description=__doc__)
    parser.add_argument("--state-dir", type=Path, default=ROOT / "var" / "demo", help="everything it writes goes here")
    parser.add_argument("--web-port", type=int, default=Ports.web, help="the site's port")
    parser.add_argument("--ports", choices=("usual", "auto"), default="usual", help="auto: spare ports for everything")
    parser.add_argument("--database-url", default="", help="another database than a SQLite file of its own")
    parser.add_argument("--keep", action="store_true", help="go on with the database of the last run")
    parser.add_argument("--json-ready", type=Path, help="write addresses and keys to this file when all is up")
    parser.add_argument("--with-parent", action="store_true", help="stop when the process that started it is gone")
    options = parser.parse_args()
    options.state_dir = options.state_dir.resolve()
    return options


def _lock(state_dir: Path) -> IO[str]:
    """One demo to a folder. The lock goes with the process, however it ends."""
    state_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
    lock = (state_dir / "lock").open("w")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        raise Refused(f"A demo is running in {state_dir} already. Stop it, or take another --state-dir.") from None
    return lock


def _plan(options: argparse.Namespace) -> Plan:
    if options.ports == "auto":
        ports = automatic()
    else:
        ports, remarks = choose(Ports(web=options.web_port))
        for remark in remarks:
            print(remark)
    state_dir: Path = options.state_dir
    if not options.keep:
        _forget_last_run(state_dir)
    (state_dir / "mail").mkdir(exist_ok=True)
    database_url = options.database_url or f"sqlite:///{state_dir / DATABASE_NAME}"
    return Plan(ports=ports, state_dir=state_dir, database_url=database_url, secrets=Secrets())


def _forget_last_run(state_dir: Path) -> None:
    """The sandbox remembers nothing of it, so its customers would be unknown there."""
    for suffix in ("", "-wal", "-shm", "-journal"):
        (state_dir / f"{DATABASE_NAME}{suffix}").unlink(missing_ok=True)
    shutil.rmtree(state_dir / "mail", ignore_errors=True)


def _children(plan: Plan) -> Children:
    seed = {"DEMO_ADMIN_USER": ADMIN_USER, "DEMO_ADMIN_PASSWORD": plan.secrets.admin_password}
    return Children(cwd=ROOT, env=environment(plan) | seed, logs=plan.state_dir / "logs")


def _start(children: Children, plan: Plan) -> None:
    print("Starting the sandbox; preparing the database and the static files ...", flush=True)
    sandbox = children.start("sandbox", _sandbox_command(plan))
    static = children.start("collectstatic", manage("collectstatic", "--noinput", "--verbosity=0"), ends=True)
    children.run("migrate", manage("migrate", "--noinput"))
    wait_for(lambda: "sandbox ready" in sandbox.log.read_text(), sandbox, children)
    print("Seeding: an administrator and the price list ...", flush=True)
    children.run("seed", [sys.executable, "-m", "scripts.stack.seed"])
    children.finish(static)
    print("Starting the web server and the worker ...", flush=True)
    start_site(children, plan.ports.web)


def _sandbox_command(plan: Plan) -> list[str]:
    hooks = f"http://{LOOPBACK}:{plan.ports.web}/hooks"
    return [
        sys.executable,
        "-m",
        "sandbox",
        f"--stripe-port={plan.ports.stripe}",
        f"--stigg-port={plan.ports.stigg}",
        f"--console-port={plan.ports.console}",
        f"--stripe-secret-key={plan.secrets.stripe_secret_key}",
        f"--stripe-publishable-key={plan.secrets.stripe_publishable_key}",
        f"--stigg-api-key={plan.secrets.stigg_api_key}",
        f"--stripe-webhook-url={hooks}/stripe/",
        f"--stripe-webhook-secret={plan.secrets.stripe_webhook}",
        f"--stigg-webhook-url={hooks}/stigg/",
        f"--stigg-webhook-secret={plan.secrets.stigg_webhook}",
    ]


def _say_ready(plan: Plan, seconds: float) -> None:
    cards = "\n".join(f"      {number}  {what}" for number, what in CARDS)
    print(
        f"""
Tollgate is running (started in {seconds:.0f} s).

    Site           {plan.site_url}/
    Admin          {plan.site_url}/admin/    {ADMIN_USER}  /  {plan.secrets.admin_password}
    Control panel  {plan.console_url}/    the pretend Stripe and Stigg: clock, faults, webhooks, every object
    Mail           {plan.mail_dir}
    Logs           {plan.state_dir / "logs"}

    Cards (any future date, any CVC):
{cards}

Ctrl-C stops everything.""",
        flush=True,
    )


def _write_ready(path: Path, plan: Plan) -> None:
    """All at once, so that whoever waits for the file finds it whole."""
    facts = {
        "site_url": plan.site_url,
        "console_url": plan.console_url,
        "stripe_url": plan.stripe_url,
        "stigg_url": plan.stigg_url,
        "database_url": plan.database_url,
        "mail_dir": str(plan.mail_dir),
        "logs_dir": str(plan.state_dir / "logs"),
        "admin_user": ADMIN_USER,
        **vars(plan.secrets),
    }
    partial = path.with_suffix(".partial")
    partial.touch(mode=0o600)
    partial.write_text(json.dumps(facts, indent=2))
    partial.replace(path)


if __name__ == "__main__":
    sys.exit(main())
