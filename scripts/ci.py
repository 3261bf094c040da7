"""`make ci`: every check, as one list. All steps run, also after one that failed; the last lines say how it went."""

from __future__ import annotations

import argparse
import os
import secrets
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

from scripts.counts import sentence

ROOT = Path(__file__).resolve().parent.parent
BIN = Path(sys.executable).parent
TEMPLATES = [str(path) for path in sorted((ROOT / "templates").rglob("*.html"))]

PRODUCTION = {
    "DJANGO_SETTINGS_MODULE": "checkout_site.settings",
    "DEBUG": "False",
    "SECRET_KEY": secrets.token_urlsafe(50),
    "ALLOWED_HOSTS": "billing.example.com",
    "SECURE": "True",
    "DATABASE_URL": "sqlite:///:memory:",
}


@dataclass(frozen=True)
class Step:
    name: str
    command: list[str]
    env: dict[str, str] = field(default_factory=dict)


def _tool(name: str, *arguments: str) -> list[str]:
    return [str(BIN / name), *arguments]


def _python(*arguments: str) -> list[str]:
    return [sys.executable, *arguments]


ON_POSTGRESQL = _python("-m", "scripts.postgres", sys.executable, "-m", "scripts.lane", "postgresql")

# The sandbox has no database: its own tests would say the same again.
WITHOUT_DATABASE = [f"tests/contract/{side}" for side in ("stripe", "stigg", "elements")]

# What Stigg's documentation leaves open, each the other way round than in sandbox/catalog/default.yaml.
OTHER_ANSWERS = (
    "duplicate_customer=update,unknown_customer=error,pending_is_active=true,trial_conversion=at_trial_end,"
    "planned_end=canceled,error_codes=CUSTOMER_NOT_FOUND,trial_events=trial.started,"
    "promotional_events=promotional_entitlement.granted"
)

STEPS = (
    Step("python style", _tool("ruff", "check", ".")),
    Step("python format", _tool("ruff", "format", "--check", ".")),
    Step("python types", _tool("mypy")),
    Step("architecture", _tool("lint-imports", "--no-logo")),
    Step("template format", _tool("djade", "--check", "--target-version", "5.2", *TEMPLATES)),
    Step("translations", _python("-m", "scripts.messages", "--check")),
    Step("javascript types", _python("-m", "scripts.js_types")),
    Step("migrations", _python("manage.py", "makemigrations", "--check", "--dry-run"), PRODUCTION),
    Step("settings", _python("manage.py", "check", "--deploy", "--fail-level", "WARNING"), PRODUCTION),
    Step("tests on sqlite", _python("-m", "scripts.lane", "sqlite")),
    Step("tests on postgresql", [*ON_POSTGRESQL, *[f"--ignore={path}" for path in WITHOUT_DATABASE]]),
    Step(
        "tests on other-answers",
        _python("-m", "scripts.lane", "other-answers", "tests/integration"),
        {"SANDBOX_BEHAVIOUR": OTHER_ANSWERS},
    ),
    Step("webhooks under fire", _python("-m", "tests.chaos")),
)


def main() -> int:
    options = _parse()
    steps = [
        step for step in STEPS if step.name not in options.without and (not options.only or step.name in options.only)
    ]
    results = [(step, *_run(step)) for step in steps]
    print(
        "\n"
        + "\n".join(f"{'ok    ' if ok else 'FAILED'}  {step.name:<22}{seconds:6.1f} s" for step, ok, seconds in results)
    )
    lanes = [step.name.removeprefix("tests on ") for step in steps if step.name.startswith("tests on ")]
    if lanes:
        print(sentence(lanes))
    return 0 if all(ok for _step, ok, _seconds in results) else 1


def _parse() -> argparse.Namespace:
    names = [step.name for step in STEPS]
    parser = argparse.ArgumentParser(prog="make ci", description=__doc__)
    parser.add_argument("--only", action="append", default=[], choices=names, metavar="STEP", help="just this step")
    parser.add_argument("--without", action="append", default=[], choices=names, metavar="STEP", help="all but this")
    return parser.parse_args()


def _run(step: Step) -> tuple[bool, float]:
    print(f"\n── {step.name}", flush=True)
    began_at = time.monotonic()
    env = os.environ | step.env
    result = subprocess.run(step.command, cwd=ROOT, env=env, stdin=subprocess.DEVNULL, check=False)
    return result.returncode == 0, time.monotonic() - began_at


if __name__ == "__main__":
    sys.exit(main())
