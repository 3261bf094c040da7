"""Colours from outside: which are valid, and whether text of one can be read on another. Pure.

Source: https://www.w3.org/TR/WCAG22/#dfn-contrast-ratio
"""

from __future__ import annotations

from dataclasses import dataclass

from tinycss2 import color4

READABLE = 4.5


@dataclass(frozen=True, slots=True)
class Colour:
    """An opaque colour; parts from 0 to 255."""

    red: int
    green: int
    blue: int

    @property
    def css(self) -> str:
        """As a stylesheet has it."""
        return f"#{self.red:02x}{self.green:02x}{self.blue:02x}"

    @property
    def luminance(self) -> float:
        """From 0 (black) to 1 (white)."""
        red, green, blue = (_linear(part / 255) for part in (self.red, self.green, self.blue))
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue


WHITE, BLACK = Colour(255, 255, 255), Colour(0, 0, 0)


def parse(text: object) -> Colour | None:
    """A colour in any sRGB notation of CSS; None for anything else, and for what one can see through."""
    found = color4.parse_color(text) if isinstance(text, str) and len(text) <= 64 else None
    if not isinstance(found, color4.Color) or found.space not in {"srgb", "hsl", "hwb"} or found.alpha != 1:
        return None
    parts = [part or 0.0 for part in found.to("srgb").coordinates]
    return Colour(*(round(255 * min(max(part, 0.0), 1.0)) for part in parts))


def contrast(one: Colour, other: Colour) -> float:
    """From 1 (the same) to 21 (black on white)."""
    lighter, darker = sorted((one.luminance, other.luminance), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def is_readable(text: Colour, *grounds: Colour) -> bool:
    """Whether text of this colour meets WCAG AA on each of the grounds."""
    return all(contrast(text, ground) >= READABLE for ground in grounds)


def ink_on(ground: Colour) -> Colour:
    """Black or white, whichever is read better."""
    return max(WHITE, BLACK, key=lambda ink: contrast(ink, ground))


def _linear(part: float) -> float:
    return part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4
