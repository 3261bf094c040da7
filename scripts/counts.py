"""`python -m scripts.counts [NAME ...]`: how many tests passed and failed in these lanes, or in all that ran."""

from __future__ import annotations

import sys
import xml.etree.ElementTree as ET
from pathlib import Path

REPORTS = Path(__file__).resolve().parent.parent / "var" / "reports"


def main() -> int:
    names = sys.argv[1:] or sorted(path.name for path in REPORTS.glob("*"))
    print(sentence(names))
    return 0


def sentence(names: list[str]) -> str:
    """ "12 passed, 0 failed", summed over the lanes; tests that were skipped are told only when there are some."""
    passed = failed = skipped = 0
    for name in names:
        for suite in _suites(REPORTS / name):
            broken = int(suite.get("failures", 0)) + int(suite.get("errors", 0))
            left_out = int(suite.get("skipped", 0))
            failed += broken
            skipped += left_out
            passed += int(suite.get("tests", 0)) - broken - left_out
    aside = f"{skipped} skipped, " if skipped else ""
    return f"{aside}{passed} passed, {failed} failed"


def _suites(lane: Path) -> list[ET.Element]:
    """Of all parts of a lane."""
    roots = [ET.parse(report).getroot() for report in lane.glob("*.xml")]  # noqa: S314 - pytest wrote them just now
    return [suite for root in roots for suite in root.iter("testsuite")]


if __name__ == "__main__":
    sys.exit(main())
