"""The showcase catalog at the wire: tiers, bundles, trials, three currencies."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.integration.paywall.shopping import SHOWCASE
from tests.sandbox_process import SandboxClient, running_sandbox


@pytest.fixture(scope="session")
def sandbox_process() -> Iterator[SandboxClient]:
    with running_sandbox("--catalog", str(SHOWCASE)) as client:
        yield client
