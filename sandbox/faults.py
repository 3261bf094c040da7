"""Faults on demand: what goes wrong, where, and how many times. Applied by `middleware`."""

import itertools
import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal, get_args

Provider = Literal["stripe", "stigg"]
Kind = Literal["latency", "status", "hang", "reset", "garbage", "graphql_error", "down"]
PROVIDERS: tuple[str, ...] = get_args(Provider)
KINDS: tuple[str, ...] = get_args(Kind)

_ids = itertools.count(1)


@dataclass(slots=True)
class Fault:
    """`operation`: "POST /v1/setup_intents/{id}" at Stripe, a GraphQL root field or an edge path at Stigg;
    None means every call of the provider. `times` None lasts until removed. `share` of the calls, by chance,
    meet the fault.
    """

    provider: Provider
    kind: Kind
    operation: str | None = None
    status: int = 500
    seconds: float = 0.0
    code: str = ""
    times: int | None = None
    share: float = 1.0
    id: str = field(default_factory=lambda: f"fault_{next(_ids)}")

    def __post_init__(self) -> None:
        if self.provider not in PROVIDERS:
            raise ValueError(f"provider must be one of {', '.join(PROVIDERS)}")
        if self.kind not in KINDS:
            raise ValueError(f"kind must be one of {', '.join(KINDS)}")


class Faults:
    def __init__(self) -> None:
        self._faults: list[Fault] = []

    def add(self, fault: Fault) -> Fault:
        self._faults.append(fault)
        return fault

    def remove(self, fault_id: str) -> bool:
        before = len(self._faults)
        self._faults = [fault for fault in self._faults if fault.id != fault_id]
        return len(self._faults) < before

    def clear(self) -> None:
        self._faults.clear()

    def list(self) -> list[Fault]:
        return self._faults[:]

    def take(self, provider: str, operations: Sequence[str], *, named_only: bool = False) -> Fault | None:
        """The first fault for one call, counted down; `named_only` leaves aside those for every call."""
        for fault in self._faults:
            if fault.provider != provider or (named_only and fault.operation is None):
                continue
            if fault.share < 1 and random.random() >= fault.share:  # noqa: S311 - chance, no secret
                continue
            if fault.operation is None or fault.operation in operations:
                self._count_down(fault)
                return fault
        return None

    def _count_down(self, fault: Fault) -> None:
        if fault.times is None:
            return
        fault.times -= 1
        if fault.times <= 0:
            self.remove(fault.id)
