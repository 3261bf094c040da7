"""`--state-file`: what both sides hold, and the clock, written to a JSON file and read again at the next start.

Not kept: calls, deliveries, faults. A sandbox that is killed loses the last seconds at most.
"""

import asyncio
import contextlib
import json
import logging
import os
from dataclasses import asdict
from pathlib import Path
from typing import Any

from sandbox.frozen import NotFrozen, freeze, thaw
from sandbox.outgoing import Endpoint
from sandbox.settings import SettingsError
from sandbox.world import World

FORMAT = 1
PAUSE_SECONDS = 5.0

log = logging.getLogger("sandbox.keeping")


class Keeper:
    def __init__(self, world: World, path: Path) -> None:
        """Raises SettingsError for a file that cannot be read or written."""
        self._world, self._path = world, path
        self._task: asyncio.Task[None] | None = None
        self._written = -1
        self._kept = _read(path)

    def restore(self) -> bool:
        """Put in place what the file held; False when there was none."""
        if self._kept is None:
            return False
        world, kept = self._world, self._kept
        world.stripe, world.stigg = kept["stripe"], kept["stigg"]
        world.clock.set_offset(kept["clock_offset_seconds"])
        for endpoint in kept["endpoints"]:
            world.deliveries.register(Endpoint(**endpoint))
        self._kept = None
        return True

    def start(self) -> None:
        self._task = asyncio.get_running_loop().create_task(self._save_for_ever())

    async def stop(self) -> None:
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task
        self.save()

    def save(self) -> None:
        """The file is whole at every moment, and nobody else's to read."""
        self._written = self._world.changes
        made = [each for each in self._world.deliveries.endpoints() if each.made_by_api]
        kept = {
            "format": FORMAT,
            "clock_offset_seconds": self._world.clock.offset_seconds,
            "endpoints": [asdict(each) for each in made],
            "stripe": freeze(self._world.stripe),
            "stigg": freeze(self._world.stigg),
        }
        beside = self._path.with_name(f"{self._path.name}.new")
        with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
            json.dump(kept, file, ensure_ascii=False)
        beside.replace(self._path)

    async def _save_for_ever(self) -> None:
        while True:
            await asyncio.sleep(PAUSE_SECONDS)
            if self._world.changes == self._written:
                continue
            try:
                self.save()
            except (OSError, TypeError):
                log.exception("the state could not be kept in %s", self._path)


def _read(path: Path) -> dict[str, Any] | None:
    try:
        kept = json.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        if not path.parent.is_dir():
            raise SettingsError(f"There is no directory {path.parent} for the state file.") from None
        return None
    except (OSError, ValueError) as problem:
        raise SettingsError(f"The state file {path} cannot be read: {problem}.") from problem
    if not isinstance(kept, dict) or kept.get("format") != FORMAT:
        raise SettingsError(f"{path} is not a state file of this sandbox.")
    try:
        return {**kept, "stripe": thaw(kept["stripe"]), "stigg": thaw(kept["stigg"])}
    except (NotFrozen, KeyError) as problem:
        message = f"The state file {path} is of another version of the sandbox ({problem}); delete it to start anew."
        raise SettingsError(message) from problem
