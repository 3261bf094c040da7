"""Where wake-up calls and the cache live: in the database and in each process, or both in one Redis.

The rows are the record of what there is to do, so either may be lost or swapped at any time.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from django.core.exceptions import ImproperlyConfigured

SCHEMES = ("redis", "rediss")
PATIENCE = {"socket_connect_timeout": "1", "socket_timeout": "2"}
"""Seconds: Redis answers in less than one thousandth of that, or not at all."""
LONGEST_TASK_SECONDS = 300
FINISHED_KEPT_SECONDS = 600

Settings = dict[str, Any]


def config(url: str) -> tuple[Settings, Settings, Settings]:
    """TASKS, CACHES and RQ_QUEUES for `url`; the last is empty without Redis."""
    if not url:
        tasks = {"BACKEND": "django_tasks_db.DatabaseBackend", "QUEUES": ["default"]}
        cache = {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}
        return {"default": tasks}, {"default": cache}, {}
    parts = urlsplit(url)
    if parts.scheme not in SCHEMES or not parts.hostname:
        raise ImproperlyConfigured("TASKS_URL must be empty (the database) or begin with redis:// or rediss://.")
    # Its own values come last, so that they win.
    query = urlencode(PATIENCE | dict(parse_qsl(parts.query)))
    patient = urlunsplit(parts._replace(query=query))
    queue = {
        "URL": patient,
        "DEFAULT_TIMEOUT": LONGEST_TASK_SECONDS,
        "DEFAULT_RESULT_TTL": FINISHED_KEPT_SECONDS,
    }
    return (
        {"default": {"BACKEND": "django_tasks_rq.RQBackend", "QUEUES": ["default"]}},
        {"default": {"BACKEND": "checkout_site.cache.ForgetfulRedisCache", "LOCATION": patient}},
        {"default": queue},
    )
