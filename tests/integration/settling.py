"""Waiting until the sandbox's two sides have told each other, and us, all that they have to say."""

from __future__ import annotations

import time

from tests.sandbox_process import SandboxClient


def settled(sandbox: SandboxClient) -> None:
    """Until nothing is on its way any more."""
    give_up_at, before = time.monotonic() + 20, -1
    while True:
        deliveries = sandbox.get("deliveries")["data"]
        if len(deliveries) == before and not any(one["status"] == "pending" for one in deliveries):
            return
        assert time.monotonic() < give_up_at, "the sandbox does not come to rest"
        before = len(deliveries)
        time.sleep(0.05)
