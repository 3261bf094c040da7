"""The customer's lease: what happens to one customer, in requests and in workers, happens in single file."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

from billing.errors import Busy
from billing.models import Customer

LEASE_SECONDS = 60
POLL_SECONDS = 0.05
GLANCE_SECONDS = 0.2
"""How long a worker waits for a customer that somebody else works on: other events are waiting, too."""


@contextmanager
def leased(customer_id: UUID, *, wait_seconds: float) -> Iterator[Customer]:
    """The customer's row, fresh, under its lease.

    Raises: Busy, when somebody else still holds it after `wait_seconds`.
    """
    give_up_at = time.monotonic() + wait_seconds
    while (customer := Customer.take_lease(customer_id, seconds=LEASE_SECONDS)) is None:
        if time.monotonic() >= give_up_at:
            raise Busy(f"customer {customer_id} is being worked on")
        time.sleep(POLL_SECONDS)
    try:
        yield customer
    finally:
        customer.release_lease()
