"""Property tests without a time limit per example: locale data is read at first use, and the machine may be busy."""

from __future__ import annotations

from hypothesis import settings

settings.register_profile("tollgate", deadline=None)
settings.load_profile("tollgate")
