"""The trace id that a request, its errors and the webhooks it causes have in common."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from uuid import uuid4

_current: ContextVar[str | None] = ContextVar("stigg_trace_id", default=None)


def trace_id() -> str:
    return _current.get() or str(uuid4())


@contextmanager
def traced() -> Iterator[str]:
    token = _current.set(str(uuid4()))
    try:
        yield trace_id()
    finally:
        _current.reset(token)
