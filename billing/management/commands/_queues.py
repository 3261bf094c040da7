"""What the ticker asks of the queue, whichever it is: which wake-ups wait in it, and what of ours may go."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.utils import timezone
from django_tasks import task_backends
from django_tasks_db import DatabaseBackend
from django_tasks_db.models import DBTaskResult

from billing import tasks

FINISHED_TASKS_KEPT = timedelta(hours=1)
ABANDONED_TASKS_KEPT = timedelta(days=1)
LOOKED_AT = 100


def is_database() -> bool:
    """Whether wake-ups wait in the database."""
    return isinstance(task_backends["default"], DatabaseBackend)


def is_redis() -> bool:
    """Whether they wait in Redis; its packages are imported only then."""
    return type(task_backends["default"]).__module__.startswith("django_tasks_rq")


def waiting_kinds() -> set[str]:
    """Kinds for which somebody was woken already and has not begun."""
    if is_redis():
        return {job.args[0] for job in _redis_queue().get_jobs(0, LOOKED_AT) if _is_ours(job)}
    waiting = DBTaskResult.objects.ready().filter(task_path=tasks.work.module_path)
    return {arguments["args"][0] for arguments in waiting.values_list("args_kwargs", flat=True)[:LOOKED_AT]}


def prune() -> int:
    """Delete our finished wake-ups, and those whose worker was killed; how many. The rows are the record."""
    now = timezone.now()
    if is_redis():
        return _prune_redis(now.timestamp() - FINISHED_TASKS_KEPT.total_seconds())
    ours = DBTaskResult.objects.filter(task_path=tasks.work.module_path)
    finished, _by_model = ours.finished().filter(finished_at__lt=now - FINISHED_TASKS_KEPT).delete()
    abandoned, _by_model = ours.running().filter(started_at__lt=now - ABANDONED_TASKS_KEPT).delete()
    return int(finished + abandoned)


def _prune_redis(before: float) -> int:
    """Finished ones expire by themselves; those that failed, killed workers' among them, RQ would keep for a year."""
    registry = _redis_queue().failed_job_registry
    count = 0
    for job_id in registry.get_job_ids(0, LOOKED_AT):
        job = _redis_queue().fetch_job(job_id)
        if job is None or (_is_ours(job) and job.ended_at is not None and job.ended_at.timestamp() < before):
            registry.remove(job_id, delete_job=job is not None)
            count += 1
    return count


def _is_ours(job: Any) -> bool:
    return bool(job.func_name == tasks.work.module_path)


def _redis_queue() -> Any:
    import django_rq
    from django_tasks_rq import Job

    return django_rq.get_queue("default", job_class=Job)
