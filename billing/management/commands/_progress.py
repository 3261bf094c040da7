"""How a long command shows how far it is: on a terminal a bar that redraws itself, elsewhere a line now and then."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TextIO

BAR_WIDTH = 30
REDRAW_SECONDS = 0.1
LINE_SECONDS = 10.0


class Progress:
    """`update` as often as you like; `clear` before other text is printed."""

    def __init__(self, out: TextIO, *, noun: str, clock: Callable[[], float] = time.monotonic) -> None:
        self._out = out
        self._noun = noun
        self._clock = clock
        self._is_terminal = out.isatty()
        self._begun_at = self._shown_at = clock()
        self._begun_with: int | None = None
        self._shown = ""

    def update(self, done: int, total: int, note: str = "") -> None:
        """`note` stands behind the figures."""
        if self._begun_with is None:
            self._begun_with = done
        pause = REDRAW_SECONDS if self._is_terminal else LINE_SECONDS
        if self._clock() - self._shown_at < pause and done < total:
            return
        self._shown_at = self._clock()
        line = self._line(done, total, note)
        if line == self._shown:
            return
        self._shown = line
        self._out.write(f"\r\x1b[K{line}" if self._is_terminal else f"{line}\n")
        self._out.flush()

    def clear(self) -> None:
        """Take the bar away, so that a line can be printed in its place."""
        self._shown = ""
        if self._is_terminal:
            self._out.write("\r\x1b[K")
            self._out.flush()

    def _line(self, done: int, total: int, note: str) -> str:
        share = min(1.0, done / total) if total else 1.0
        filled = round(share * BAR_WIDTH)
        bar = f"[{'#' * filled}{'.' * (BAR_WIDTH - filled)}] " if self._is_terminal else ""
        parts = [f"{bar}{share:4.0%}  {done:,} of {total:,} {self._noun}", note, self._time_left(done, total)]
        return ", ".join(part for part in parts if part)

    def _time_left(self, done: int, total: int) -> str:
        elapsed, worked = self._clock() - self._begun_at, done - (self._begun_with or 0)
        if worked <= 0 or elapsed < 1 or done >= total:
            return ""
        seconds = elapsed / worked * (total - done)
        return f"{seconds:.0f} s left" if seconds < 90 else f"{seconds / 60:.0f} min left"
