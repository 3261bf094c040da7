"""The behaviours with the tests that show each, as a page: `python -m tests.contract.stripe.behaviours.table`."""

from pathlib import Path

from tests.contract.stripe.behaviours import test_calls, test_cards, test_subscriptions, test_time
from tests.contract.stripe.behaviours.names import BEHAVIOURS, shown_by

ROOT = Path(__file__).parents[4]
PAGE = ROOT / "docs" / "sandbox-stripe.md"
MODULES = (test_calls, test_cards, test_subscriptions, test_time)
INTRODUCTION = """\
# What the sandbox's Stripe does

The {count} behaviours of Stripe that a checkout with Elements needs, each with the tests that show it. Every test runs
through Stripe's official Python SDK and again through plain HTTP; every answer is held against the schema of the API
(version 2026-10-28.endive, each documented key present), and every request that was taken against the schema of its
parameters. How the Stripe.js stand-in looks and behaves in a browser is shown by `tests/contract/elements`.

This page is written by `python -m tests.contract.stripe.behaviours.table`; a test compares the two.

| # | Behaviour | Shown by (`tests/contract/stripe/behaviours/`) |
|---|---|---|
"""


def by_behaviour() -> dict[str, list[str]]:
    """`test_cards.py::test_…`, by behaviour."""
    found: dict[str, list[str]] = {name: [] for name in BEHAVIOURS}
    for module in MODULES:
        file = Path(module.__file__ or "").name
        for name, tests in shown_by(module).items():
            found[name] += [f"{file}::{test}" for test in tests]
    return found


def page() -> str:
    rows = [
        f"| {number} | {BEHAVIOURS[name]} | {', '.join(f'`{test}`' for test in tests)} |"
        for number, (name, tests) in enumerate(by_behaviour().items(), 1)
    ]
    return INTRODUCTION.format(count=len(BEHAVIOURS)) + "\n".join(rows) + "\n"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
