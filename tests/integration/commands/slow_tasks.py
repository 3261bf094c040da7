"""A task that takes its time, for workers that are told to stop meanwhile."""

import time

from django_tasks import task


@task()
def doze(seconds: float) -> None:
    time.sleep(seconds)
