"""`make run`: the site with your own keys from `.env`: database, web server and worker, until Ctrl-C."""

from __future__ import annotations

import argparse
import os
import sys

from scripts.stack import stopping
from scripts.stack.commands import ROOT, manage, start_site
from scripts.stack.ports import LOOPBACK, Ports, is_free
from scripts.stack.processes import ChildFailed, Children

LOGS = ROOT / "var" / "logs"


def main() -> int:
    parser = argparse.ArgumentParser(prog="make run", description=__doc__)
    parser.add_argument("--web-port", type=int, default=Ports.web)
    parser.add_argument("--with-parent", action="store_true", help="stop when the process that started it is gone")
    options = parser.parse_args()
    if not (ROOT / ".env").exists() and "SECRET_KEY" not in os.environ:
        print(
            "Copy .env.example to .env and fill in your keys first. Without keys of your own: make demo.",
            file=sys.stderr,
        )
        return 1
    if not is_free(options.web_port):
        print(f"Port {options.web_port} is taken. Another one: make run ARGS=--web-port=8001", file=sys.stderr)
        return 1
    stopping.listen()
    return _serve(options)


def _serve(options: argparse.Namespace) -> int:
    with Children(cwd=ROOT, env=os.environ, logs=LOGS) as children:
        try:
            children.run("check", manage("check"))
            children.run("migrate", manage("migrate", "--noinput"))
            children.run("collectstatic", manage("collectstatic", "--noinput", "--verbosity=0"))
            start_site(children, options.web_port)
            print(f"Running at http://{LOOPBACK}:{options.web_port}/ ; logs in {LOGS}. Ctrl-C stops it.", flush=True)
            stopping.serve(children, with_parent=options.with_parent)
        except stopping.Stopped:
            return 0
        except ChildFailed as problem:
            print(f"\n{problem}", file=sys.stderr)
            return 1
        finally:
            stopping.ignore()


if __name__ == "__main__":
    sys.exit(main())
