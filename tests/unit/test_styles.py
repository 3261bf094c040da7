"""Styles that read the same from either side: nothing in them says left or right."""

from __future__ import annotations

import re

import pytest

from tests.sandbox_process import ROOT

STYLES = sorted((ROOT / "static" / "billing" / "css").rglob("*.css"))
ONE_SIDED = re.compile(
    r"""^\s*(?:
        (?:margin|padding|border)-(?:left|right)(?:-\w+)? | left | right
        | border-(?:top|bottom)-(?:left|right)-radius
    )\s*: | :\s*(?:left|right)\s*;""",
    re.VERBOSE | re.MULTILINE,
)
SHORTHAND = re.compile(r"(?:padding|margin|border-radius|inset):([^;/]+);")


@pytest.mark.parametrize("path", STYLES, ids=lambda path: path.name)
def test_styles_know_start_and_end_but_not_left_and_right(path) -> None:
    style = path.read_text()
    assert ONE_SIDED.findall(style) == []
    # Four values go round from the top: the second is the right side, the fourth the left.
    for values in SHORTHAND.findall(style):
        sides = re.findall(r"(?:[\w.-]+\([^;]*?\)|[\w.-]+)", values)
        assert len(sides) < 4 or sides[1] == sides[3], values
