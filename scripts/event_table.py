"""`python -m scripts.event_table`: writes the table of webhook events in docs/webhooks.md from the code."""

from __future__ import annotations

import os
from pathlib import Path

import django

PAGE = Path(__file__).resolve().parent.parent / "docs" / "webhooks.md"
BEGIN, END = "<!-- events: begin -->\n", "<!-- events: end -->\n"


def main() -> int:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "checkout_site.settings")
    django.setup()
    PAGE.write_text(with_table(PAGE.read_text()))
    return 0


def with_table(text: str) -> str:
    """The page with the table as the code has it now."""
    before, rest = text.split(BEGIN)
    after = rest.split(END)[1]
    return before + BEGIN + table() + END + after


def table() -> str:
    from billing.webhooks.dispatch import EFFECTS

    lines = ["| source | event | effect | what is done, or why nothing |", "|---|---|---|---|"]
    for source, effects in EFFECTS.items():
        for event_type, effect in sorted(effects.items()):
            lines.append(f"| {source} | `{event_type}` | {effect.kind} | {effect.summary} |")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    raise SystemExit(main())
