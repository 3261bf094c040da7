"""`python -m scripts.feature_table`: writes docs/features.md from docs/features.toml and the tests that show each line.

A test says what it shows by `@pytest.mark.shows("P1", "P2")`, a whole module by its `pytestmark`. The sources are
read, not run: that takes no settings, database or browser.
"""

from __future__ import annotations

import ast
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "features.md"
DATA = ROOT / "docs" / "features.toml"
HEAD = """# What it does, and which tests show it

Written by `python -m scripts.feature_table` from [features.toml](features.toml) and the marks on the tests
(`@pytest.mark.shows("P1")`). "In part": the tests do not show the whole line yet.
"""


@dataclass(frozen=True, slots=True, order=True)
class Shown:
    """A test that shows a feature, or with all others of its `file`, below tests/, where the whole module is marked."""

    feature: str
    file: str
    test: str
    is_whole_file: bool = False


def main() -> int:
    PAGE.write_text(page())
    return 0


def page() -> str:
    """The page as data and tests have it now."""
    data = read_data()
    shown = sorted(found())
    parts = [HEAD]
    for title, features in groups(data).items():
        parts += [f"## {title}\n", "| | what | shown by |\n|---|---|---|"]
        parts[-1] += (
            "".join(f"\n| {key} | {text} | {_cell(key, shown, data)} |" for key, text in features.items()) + "\n"
        )
    return "\n".join(parts)


def read_data() -> dict[str, Any]:
    return tomllib.loads(DATA.read_text())


def groups(data: dict[str, Any]) -> dict[str, dict[str, str]]:
    """Features by heading."""
    return {title: features for title, features in data.items() if isinstance(features, dict)}


def _cell(feature: str, shown: list[Shown], data: dict[str, Any]) -> str:
    files: dict[str, list[str]] = {}
    for each in shown:
        if each.feature == feature:
            files.setdefault(each.file, []).append(each.test.removeprefix("test_").replace("_", " "))
    whole = {each.file for each in shown if each.feature == feature and each.is_whole_file}
    lines = [
        f"[{name}](../tests/{name}): {'all of it' if name in whole else '; '.join(tests)}"
        for name, tests in files.items()
    ]
    if feature in data["in_part"]:
        lines.insert(0, "*In part*" if lines else "*Not yet*")
    return "<br>".join(lines)


def found() -> Iterator[Shown]:
    """What every test says that it shows."""
    for path in sorted((ROOT / "tests").rglob("test_*.py")):
        yield from shown_in(path.read_text(), path.relative_to(ROOT / "tests").as_posix())


def shown_in(source: str, file: str) -> Iterator[Shown]:
    """The marks in one file."""
    module = ast.parse(source)
    everywhere = [key for node in module.body if _is_pytestmark(node) for key in _marks(node)]
    for node in module.body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name.startswith("test_"):
            yield from (Shown(key, file, node.name, is_whole_file=True) for key in everywhere)
            own = [key for decorator in node.decorator_list for key in _marks(decorator)]
            yield from (Shown(key, file, node.name) for key in own)


def _is_pytestmark(node: ast.stmt) -> bool:
    return isinstance(node, ast.Assign) and any(isinstance(t, ast.Name) and t.id == "pytestmark" for t in node.targets)


def _marks(node: ast.AST) -> Iterator[str]:
    for call in ast.walk(node):
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute) and call.func.attr == "shows":
            yield from (str(argument.value) for argument in call.args if isinstance(argument, ast.Constant))


if __name__ == "__main__":
    raise SystemExit(main())
