"""Webhooks that never came (R17): reconcile finds what they would have told, and a second run finds nothing."""

from __future__ import annotations

import subprocess
import sys

from tests.chaos import truth
from tests.chaos.events import Mint
from tests.chaos.processes import ROOT
from tests.chaos.results import Results
from tests.chaos.stack import Stack, running_stack

PART = "missed"
SHARE = 0.05
DRIFTS = "SELECT count(*) FROM billing_reconciledrift"


def run(results: Results, *, people: int, seed: int) -> None:
    with running_stack("postgresql") as stack:
        mint = Mint(stack.crowd(people, seed), seed)
        everybody = {person["customer_id"] for person in mint.people}
        _reconcile(stack)  # the mirror as it was before the silence
        known = _count(stack)
        moves = [mint.move()[0] for _ in range(max(5, int(people * SHARE)))]
        stack.sandbox.post("crowd/moves", moves=moves)
        _mend(results, stack, everybody, known)


def _mend(results: Results, stack: Stack, everybody: set[str], known: int) -> None:
    before = len(truth.differences(stack, everybody))
    code = _reconcile(stack)
    found = _count(stack)
    results.figure(PART, "differences before / drifts found", f"{before} / {found - known}")
    results.check(PART, "exit code of the first run", code, code == 0)
    results.nothing(PART, "differences after it", truth.differences(stack, everybody))
    code = _reconcile(stack)
    results.check(PART, "exit code of a second run", code, code == 0)
    results.nothing(PART, "drifts that it found", _count(stack) - found)


def _reconcile(stack: Stack) -> int:
    command = [sys.executable, "manage.py", "reconcile", "--fresh", "--limit-per-minute=60000"]
    log = stack.supervisor.log("reconcile")
    with log.open("ab") as output:
        return subprocess.run(command, cwd=ROOT, env=stack.env, stdout=output, stderr=output, check=False).returncode


def _count(stack: Stack) -> int:
    return int(stack.rows(DRIFTS)[0][0])
