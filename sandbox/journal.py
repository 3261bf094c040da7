"""The last calls that reached Stripe's and Stigg's sides, without secrets and card numbers."""

import itertools
from collections import deque
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

KEPT_CALLS = 2000
LONGEST_VALUE = 200
SECRET_WORDS = (
    "secret",
    "number",
    "cvc",
    "exp_month",
    "exp_year",
    "key",
    "token",
    "password",
    "authorization",
)

_ids = itertools.count(1)


@dataclass(slots=True)
class Call:
    at: datetime
    provider: str
    operation: str
    method: str
    path: str
    status: int
    duration_ms: float
    request: dict[str, Any]
    request_id: str | None
    internal: bool
    fault: str | None = None
    id: int = field(default_factory=lambda: next(_ids))


class Journal:
    def __init__(self) -> None:
        self._calls: deque[Call] = deque(maxlen=KEPT_CALLS)
        self.added = 0

    def add(self, call: Call) -> None:
        self._calls.append(call)
        self.added += 1

    def clear(self) -> None:
        self._calls.clear()

    def list(self, provider: str | None = None, operation: str | None = None) -> list[Call]:
        """Newest first."""
        return [
            call
            for call in reversed(self._calls)
            if provider in {None, call.provider} and operation in {None, call.operation}
        ]


def without_secrets(value: Any, name: str = "") -> Any:
    """The same structure with secrets, card details and long texts cut out."""
    if isinstance(value, dict):
        return {key: without_secrets(inner, str(key)) for key, inner in value.items()}
    if isinstance(value, list):
        return [without_secrets(inner, name) for inner in value]
    if any(word in name.lower() for word in SECRET_WORDS):
        return "[hidden]"
    if isinstance(value, str) and len(value) > LONGEST_VALUE:
        return value[:LONGEST_VALUE] + "…"
    return value
