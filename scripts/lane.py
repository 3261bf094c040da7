"""`python -m scripts.lane NAME [pytest arguments]`: all tests once; the counts are kept for `scripts.counts`."""

from __future__ import annotations

import os
import subprocess
import sys

from scripts.counts import REPORTS


def main() -> int:
    name, *arguments = sys.argv[1:]
    REPORTS.mkdir(parents=True, exist_ok=True)
    report = REPORTS / f"{name}.xml"
    report.unlink(missing_ok=True)
    # A DATABASE_URL of the developer's own shell is for the site, not for the tests.
    env = dict(os.environ)
    if name != "postgresql":
        env.pop("DATABASE_URL", None)
    command = [sys.executable, "-m", "pytest", f"--junitxml={report}", *arguments]
    return subprocess.run(command, env=env, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
