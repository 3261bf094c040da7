"""What a webhook on its way out is made of: endpoint, policy, delivery, attempt. `delivery` moves them."""

import itertools
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, get_args

Mode = Literal["deliver", "drop", "double", "delay", "shuffle", "hold"]
Status = Literal["pending", "held", "dropped", "delivered", "failed"]
MODES: tuple[str, ...] = get_args(Mode)
SOURCES = ("stripe", "stigg")

_ids = itertools.count(1)


@dataclass(slots=True)
class Endpoint:
    """`events` None takes all; `internal` is Stigg's side listening to Stripe's: no policy applies."""

    id: str
    source: str
    url: str
    secret: str
    events: list[str] | None = None
    internal: bool = False
    enabled: bool = True

    @property
    def made_by_api(self) -> bool:
        """Through /v1/webhook_endpoints, not at the start or in the console."""
        return not self.internal and not self.id.startswith("we_application_")

    def takes(self, source: str, kind: str) -> bool:
        wanted = self.events is None or "*" in self.events or kind in self.events
        return self.enabled and self.source == source and wanted


@dataclass(slots=True)
class Policy:
    mode: Mode = "deliver"
    seconds: float = 0.0


@dataclass(slots=True)
class Attempt:
    at: datetime
    status_code: int | None
    milliseconds: float
    error: str | None


@dataclass(slots=True)
class Delivery:
    source: str
    endpoint_id: str
    url: str
    event_id: str
    kind: str
    body: bytes
    internal: bool
    created_at: datetime
    lane: str
    status: Status = "pending"
    attempts: list[Attempt] = field(default_factory=list)
    next_try_at: datetime | None = None
    id: str = field(default_factory=lambda: f"dlv_{next(_ids)}")
