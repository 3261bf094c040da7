"""What the receive path is measured against: a Django project with nothing but these views and one table.

No middleware at all, so that the comparison is as hard on us as it can be.
"""

from __future__ import annotations

import hmac
import json
import os
from hashlib import sha256
from typing import Any

import environ
from django.db import connection, models
from django.http import HttpRequest, HttpResponse
from django.urls import path

SECRET_KEY = "bench"
ALLOWED_HOSTS = ["*"]
ROOT_URLCONF = __name__
MIDDLEWARE: list[str] = []
INSTALLED_APPS: list[str] = []
USE_TZ = True
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
WSGI_APPLICATION = None

_config: dict[str, Any] = environ.Env().db_url_config(os.environ["DATABASE_URL"])
if _config["ENGINE"].endswith("sqlite3"):
    _config["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;",
    }
_config["CONN_MAX_AGE"] = 60
DATABASES = {"default": _config}

SECRET = os.environ["STRIPE_WEBHOOK_SECRETS"].encode()
_TABLE = "CREATE TABLE IF NOT EXISTS bench_event (id {key} PRIMARY KEY, external_id text UNIQUE, payload {json})"
TABLE = {
    "postgresql": _TABLE.format(key="bigserial", json="jsonb"),
    "sqlite": _TABLE.format(key="integer", json="text"),
}
INSERT = "INSERT INTO bench_event (external_id, payload) VALUES (%s, %s)"


def _event() -> type[models.Model]:
    """The model of the table; made late, for this module is the settings too."""

    class Event(models.Model):
        external_id = models.TextField(unique=True)
        payload = models.JSONField()

        class Meta:
            app_label = "bench"
            db_table = "bench_event"

        def __str__(self) -> str:
            return self.external_id

    return Event


def _verified(request: HttpRequest) -> dict[str, Any] | None:
    stamp, _, signature = request.headers["Stripe-Signature"].removeprefix("t=").partition(",v1=")
    expected = hmac.new(SECRET, stamp.encode() + b"." + request.body, sha256).hexdigest()
    return json.loads(request.body) if hmac.compare_digest(expected, signature) else None


def verify(request: HttpRequest) -> HttpResponse:
    return HttpResponse(status=400 if _verified(request) is None else 200)


def raw(request: HttpRequest) -> HttpResponse:
    event = _verified(request)
    if event is None:
        return HttpResponse(status=400)
    with connection.cursor() as cursor:
        cursor.execute(INSERT, (event["id"], request.body.decode()))
    return HttpResponse()


def orm(request: HttpRequest) -> HttpResponse:
    event = _verified(request)
    if event is None:
        return HttpResponse(status=400)
    _model().objects.create(external_id=event["id"], payload=event)
    return HttpResponse()


_kept: list[type[models.Model]] = []


def _model() -> Any:
    if not _kept:
        _kept.append(_event())
    return _kept[0]


urlpatterns = [path("verify", verify), path("raw", raw), path("orm", orm)]


def application(environ: dict[str, Any], start_response: Any) -> Any:
    """The WSGI application, set up at the first request."""
    return _handler()(environ, start_response)


_handlers: list[Any] = []


def _handler() -> Any:
    if not _handlers:
        import django
        from django.core.wsgi import WSGIHandler

        django.setup(set_prefix=False)
        with connection.cursor() as cursor:
            cursor.execute(TABLE[connection.vendor])
        _handlers.append(WSGIHandler())
    return _handlers[0]
