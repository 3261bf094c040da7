"""The designer's configuration as one stylesheet for the paywall's container, and what had to be left out of it. Pure.

Its colours are for the light scheme: the designer knows no other, and the dark one keeps our own.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from billing.services.theme import colours
from billing.services.theme.colours import Colour
from billing.services.theme.custom_css import scoped

SCOPE = ".tollgate-paywall"
# As tokens.css has them in the light scheme: the page around the paywall, its text, and its links and ticks.
OUR_CANVAS, OUR_TEXT, OUR_MUTED = Colour(0xF5, 0xF9, 0xF6), Colour(0x11, 0x24, 0x1D), Colour(0x4C, 0x5C, 0x56)
OUR_BRAND = Colour(0x00, 0x62, 0x43)
FAMILY = re.compile(r"[A-Za-z][A-Za-z0-9 _-]{0,60}")
WEIGHTS = {"NORMAL": "400", "BOLD": "700"}
ALIGNMENTS = {"LEFT": "start", "CENTER": "center", "RIGHT": "end"}
TEXTS = {"h1": "h1", "h2": "h2", "h3": ":is(h3, .plan__heading)", "body": ""}
# Whatever the rules above do, nothing is painted outside of the paywall.
HELD_IN = f"{SCOPE} {{ contain: paint; isolation: isolate; }}"


@dataclass(frozen=True, slots=True)
class Theme:
    """A stylesheet; `version` changes with it, `notices` tell staff what was left out and why."""

    css: str
    version: str
    notices: tuple[str, ...] = ()


def theme(configuration: Mapping[str, Any]) -> Theme | None:
    """The stylesheet for Stigg's `PaywallConfiguration`; None when there is nothing in it."""
    tokens, notices = _palette(_part(configuration, "palette"))
    custom = configuration.get("customCss")
    parts = [
        f"@media not (prefers-color-scheme: dark) {{\n{tokens}\n}}" if tokens else "",
        *_typography(_part(configuration, "typography")),
        *_layout(_part(configuration, "layout")),
        scoped(custom, SCOPE) if isinstance(custom, str) else "",
    ]
    rules = [part for part in parts if part]
    if not rules:
        return None
    css = "\n".join((*rules, HELD_IN, ""))
    return Theme(css, hashlib.sha256(css.encode()).hexdigest()[:16], tuple(notices))


def _part(configuration: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    found = configuration.get(name)
    return found if isinstance(found, Mapping) else {}


def _palette(given: Mapping[str, Any]) -> tuple[str, list[str]]:
    """Rules for the light scheme; colours that cannot be read on each other are left out, text first."""
    notices = [
        f"{name}: {value!r} is no opaque colour" for name, value in given.items() if value and not colours.parse(value)
    ]
    ground, text, primary, line, current = (
        colours.parse(given.get(name))
        for name in ("backgroundColor", "textColor", "primary", "borderColor", "currentPlanBackground")
    )
    if text and not colours.is_readable(text, ground or colours.WHITE, OUR_CANVAS):
        notices.append(f"textColor: {text.css} cannot be read on the background (WCAG AA)")
        text = None
    ink = text or OUR_TEXT
    if ground and not colours.is_readable(ink, ground):
        notices.append(f"backgroundColor: {ink.css} cannot be read on {ground.css} (WCAG AA)")
        ground = None
    if current and not colours.is_readable(ink, current):
        notices.append(f"currentPlanBackground: {ink.css} cannot be read on {current.css} (WCAG AA)")
        current = None
    grounds = [each for each in (ground, current) if each]
    if primary and not colours.is_readable(primary, OUR_CANVAS, *(grounds or [colours.WHITE])):
        notices.append(f"primary: {primary.css} cannot be read as a link (WCAG AA)")
        primary = None
    if not primary and not colours.is_readable(OUR_BRAND, *grounds):
        primary = ink
    tokens = _tokens(ground=ground, text=text, primary=primary, line=line)
    if grounds and not colours.is_readable(OUR_MUTED, *grounds):
        tokens["--color-muted"] = ink.css
    rules = [f"{SCOPE} {{ {' '.join(f'{name}: {value};' for name, value in tokens.items())} }}"] if tokens else []
    if text:
        rules.append(f"{SCOPE}, {SCOPE} .plan:not(.plan--highlighted) {{ color: {text.css}; }}")
    if current:
        rules.append(f"{SCOPE} .plan--current:not(.plan--highlighted) {{ background: {current.css}; }}")
    return "\n".join(rules), notices


def _tokens(
    *, ground: Colour | None, text: Colour | None, primary: Colour | None, line: Colour | None
) -> dict[str, str]:
    """Our tokens by the designer's colours."""
    found: dict[str, str] = {}
    if primary:
        found |= {"--color-brand": primary.css, "--color-brand-hover": primary.css}
        found["--color-on-brand"] = colours.ink_on(primary).css
    for name, colour in (("--color-text", text), ("--color-surface", ground), ("--color-line", line)):
        if colour:
            found[name] = colour.css
    return found


def _typography(given: Mapping[str, Any]) -> list[str]:
    rules = []
    family = given.get("fontFamily")
    if isinstance(family, str) and FAMILY.fullmatch(family.strip()):
        # By name only: a face that the visitor does not have is not fetched from anywhere.
        face = f'"{family.strip()}", system-ui, sans-serif'
        rules.append(f"{SCOPE} {{ --font-text: {face}; --font-display: {face}; font-family: {face}; }}")
    for name, element in TEXTS.items():
        font = _part(given, name)
        size, weight = _pixels(font.get("fontSize"), 10, 72), WEIGHTS.get(str(font.get("fontWeight")))
        declarations = [f"font-size: {size / 16:g}rem;"] if size else []
        declarations += [f"font-weight: {weight};"] if weight else []
        if declarations:
            rules.append(f"{SCOPE} {element}".rstrip() + f" {{ {' '.join(declarations)} }}")
    return rules


def _layout(given: Mapping[str, Any]) -> list[str]:
    """Widths and gaps hold from the tablet up: a phone has its own."""
    rules = []
    alignment = ALIGNMENTS.get(str(given.get("alignment")))
    width, gap = _pixels(given.get("planWidth"), 160, 640), _pixels(given.get("planMargin"), 0, 96)
    padding = _pixels(given.get("planPadding"), 0, 64)
    if alignment:
        rules.append(f"{SCOPE} .plans {{ justify-content: {alignment}; }}")
    if width:
        columns = f"repeat(auto-fit, minmax(min(100%, {width / 16:g}rem), 1fr))"
        rules.append(f"@media (width >= 68rem) {{ {SCOPE} .plans {{ grid-template-columns: {columns}; }} }}")
    if gap is not None:
        rules.append(f"@media (width >= 42rem) {{ {SCOPE} .plans {{ gap: {gap / 16:g}rem; }} }}")
    if padding is not None:
        rules.append(f"@media (width >= 42rem) {{ {SCOPE} .plan {{ padding: {padding / 16:g}rem; }} }}")
    return rules


def _pixels(value: object, least: float, most: float) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float) or not least <= value <= most:
        return None
    return float(value)
