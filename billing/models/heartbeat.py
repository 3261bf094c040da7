"""WorkerHeartbeat: proof that somebody works the inbox."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import models

ALIVE_WITHIN = timedelta(seconds=30)


class WorkerHeartbeat(models.Model):
    """One row per worker process, renewed while it lives."""

    worker_id = models.CharField(max_length=64, primary_key=True)
    beat_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.worker_id

    def is_alive(self, now: datetime) -> bool:
        """Whether it was heard of lately."""
        return self.beat_at > now - ALIVE_WITHIN
