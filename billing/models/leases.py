"""A lease on a row: one worker at a time, without a transaction open across the network.

The token is a fencing token: it grows with each lease, and a holder whose lease was taken over
can no longer write, because its writes ask for the token that it was given. Nor can it overwrite what
somebody without the lease (the customer, in the browser) has decided meanwhile: see `moves_by`.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any, ClassVar, Self

from django.db import models
from django.db.models import F, Q
from django.utils import timezone


class LeaseLost(Exception):
    """The lease ran out and somebody else took it, or the row moved on without us: stop, the other one goes on."""


class Leased(models.Model):
    """Adds `lease_token` and `leased_until`."""

    lease_token = models.PositiveBigIntegerField(default=0, editable=False)
    leased_until = models.DateTimeField(null=True, blank=True, editable=False)

    moves_by: ClassVar[str] = ""
    """Field that others change without the lease: whoever holds it writes this field only over what they have read."""

    class Meta:
        abstract = True

    @classmethod
    def take_lease(cls, pk: Any, *, seconds: float, now: datetime | None = None) -> Self | None:
        """Take the row's lease and return the row, fresh; None when somebody holds it."""
        moment = now or timezone.now()
        rows = cls._default_manager.filter(pk=pk).filter(Q(leased_until=None) | Q(leased_until__lte=moment))
        if not rows.update(lease_token=F("lease_token") + 1, leased_until=moment + timedelta(seconds=seconds)):
            return None
        return cls._default_manager.get(pk=pk)

    def write_under_lease(self, **values: Any) -> None:
        """Write `values` to the row and to `self`, only while the lease is still ours and the row where we left it.

        Raises: LeaseLost.
        """
        rows = type(self)._default_manager.filter(pk=self.pk, lease_token=self.lease_token)
        if self.moves_by in values:
            rows = rows.filter(**{self.moves_by: getattr(self, self.moves_by)})
        if not rows.update(**values):
            raise LeaseLost(f"{type(self).__name__} {self.pk}")
        computed = [name for name, value in values.items() if hasattr(value, "resolve_expression")]
        for name, value in values.items():
            setattr(self, name, value)
        if computed:
            self.refresh_from_db(fields=computed)

    def release_lease(self) -> None:
        """Give the lease back, unless it has been taken over."""
        type(self)._default_manager.filter(pk=self.pk, lease_token=self.lease_token).update(leased_until=None)

    @classmethod
    @contextmanager
    def lease(cls, pk: Any, *, seconds: float) -> Iterator[Self | None]:
        """`with Model.lease(pk, seconds=60) as row:`; the row is None when somebody else holds the lease."""
        row = cls.take_lease(pk, seconds=seconds)
        try:
            yield row
        finally:
            if row is not None:
                row.release_lease()
