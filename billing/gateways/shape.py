"""What both gateways put around parsing: a strange answer is a GatewayProtocolError, not a crash."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from billing.errors import GatewayProtocolError

LONGEST_MESSAGE = 300


@contextmanager
def shaped(provider: str, operation: str) -> Iterator[None]:
    """Around parsing only: whatever does not fit is the provider's answer, not our bug."""
    try:
        yield
    except (KeyError, TypeError, ValueError, AttributeError, ArithmeticError) as error:
        message = f"the answer is not of the agreed shape ({type(error).__name__}: {error})"
        raise GatewayProtocolError(message[:LONGEST_MESSAGE], provider=provider, operation=operation) from error
