"""The sandbox with other answers to what Stigg's documentation leaves open.

`SANDBOX_BEHAVIOUR=unknown_customer=error,pending_is_active=true pytest tests/integration` runs the product's
tests against them. The words are those of `behaviour` in sandbox/catalog/default.yaml.
"""

from __future__ import annotations

import os
import re
from pathlib import Path

VARIABLE = "SANDBOX_BEHAVIOUR"
CATALOG = Path(__file__).resolve().parent.parent / "sandbox" / "catalog" / "default.yaml"


def arguments(directory: Path) -> list[str]:
    """What `python -m sandbox` is started with; nothing when the variable is not set."""
    wanted = os.environ.get(VARIABLE, "")
    if not wanted:
        return []
    path = directory / "catalog.yaml"
    path.write_text(changed(CATALOG.read_text(encoding="utf-8"), wanted), encoding="utf-8")
    return ["--catalog", str(path)]


def changed(catalog: str, wanted: str) -> str:
    """The catalogue with `name=value,name=value` in its behaviour.

    Raises: ValueError, for a name that it does not have.
    """
    for pair in wanted.split(","):
        name, _, value = pair.strip().partition("=")
        catalog, count = re.subn(rf"(?m)^(  {re.escape(name)}:) \S+", rf'\1 "{value}"', catalog, count=1)
        if count == 0:
            raise ValueError(f"{VARIABLE}: the catalog has no behaviour {name!r}")
    return re.sub(r'"(true|false)"', r"\1", catalog)
