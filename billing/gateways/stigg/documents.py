"""Loads our GraphQL documents: one operation per file in documents/, fragments in documents/fragments/.

A file is named as the operation or fragment inside it. Only the fragments that an operation
really spreads are sent along. Stigg's server refuses aliases in bulk and directives: we use none.
"""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

FOLDER = Path(__file__).parent / "documents"
SPREAD = re.compile(r"\.\.\.\s*(?!on\b)(\w+)")


@cache
def load(operation: str) -> str:
    """The full document of `operation`, its fragments included."""
    text = _read(FOLDER / f"{operation}.graphql")
    return "\n".join([text, *(_read(FOLDER / "fragments" / f"{name}.graphql") for name in _fragments_of(text))])


def names() -> tuple[str, ...]:
    """Every operation that we have a document for."""
    return tuple(sorted(path.stem for path in FOLDER.glob("*.graphql")))


def _fragments_of(text: str) -> list[str]:
    found: list[str] = []
    waiting = SPREAD.findall(text)
    while waiting:
        name = waiting.pop(0)
        if name not in found:
            found.append(name)
            waiting += SPREAD.findall(_read(FOLDER / "fragments" / f"{name}.graphql"))
    return found


def _read(path: Path) -> str:
    return path.read_text(encoding="utf-8").strip()
