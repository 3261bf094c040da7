"""`python -m scripts.lane NAME [pytest arguments]`: all tests once; the counts are kept for `scripts.counts`.

First those without a browser, in several processes; then those in the browser, in two: a person's walk is half
waiting, and each of the two has a whole stack of its own to walk through.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys

from scripts.counts import REPORTS

PARTS = {
    "without-browser": ["--browser-tests=none", "--numprocesses=auto", "--maxprocesses=4", "--dist=loadfile"],
    "in-browser": ["--browser-tests=only", "--numprocesses=2", "--dist=loadfile"],
}
PASSED, NOTHING_TO_DO = 0, 5  # https://docs.pytest.org/en/stable/reference/exit-codes.html


def main() -> int:
    name, *arguments = sys.argv[1:]
    reports = REPORTS / name
    shutil.rmtree(reports, ignore_errors=True)
    reports.mkdir(parents=True)
    # A DATABASE_URL of the developer's own shell is for the site, not for the tests.
    env = dict(os.environ)
    if name != "postgresql":
        env.pop("DATABASE_URL", None)
    codes = []
    for part, options in PARTS.items():
        command = [sys.executable, "-m", "pytest", f"--junitxml={reports / part}.xml", *options, *arguments]
        codes.append(subprocess.run(command, env=env, check=False).returncode)
    if set(codes) == {NOTHING_TO_DO}:
        return NOTHING_TO_DO
    return next((code for code in codes if code not in {PASSED, NOTHING_TO_DO}), PASSED)


if __name__ == "__main__":
    sys.exit(main())
