"""A site with nothing but dj-stripe, for its own virtual environment: settings, addresses and application in one.

`BENCH_ACK_FIRST=1`: its mode that hands the event to a callback and answers, here to one that does nothing.
"""

from __future__ import annotations

import os
from typing import Any

import environ

SECRET_KEY = "bench"
ALLOWED_HOSTS = ["*"]
ROOT_URLCONF = __name__
MIDDLEWARE: list[str] = []
INSTALLED_APPS = ["django.contrib.auth", "django.contrib.contenttypes", "djstripe"]
USE_TZ = True
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
DATABASES = {"default": {**environ.Env().db_url_config(os.environ["DATABASE_URL"]), "CONN_MAX_AGE": 60}}
DJSTRIPE_FOREIGN_KEY_TO_FIELD = "id"
STRIPE_LIVE_MODE = False
STRIPE_TEST_SECRET_KEY = "sk_test_" + "b" * 24
STRIPE_TEST_PUBLIC_KEY = "pk_test_" + "b" * 24
ENDPOINT = "11111111-1111-4111-8111-111111111111"
if os.environ.get("BENCH_ACK_FIRST"):
    DJSTRIPE_WEBHOOK_EVENT_CALLBACK = f"{__name__}.keep"


def keep(trigger: Any, **_more: Any) -> None:
    """The trigger's row is written by then."""


def prepare() -> None:
    """Tables, and the endpoint's row with its secret."""
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    from djstripe.models import WebhookEndpoint

    WebhookEndpoint.objects.get_or_create(
        id="we_bench",
        defaults={
            "secret": os.environ["STRIPE_WEBHOOK_SECRETS"],
            "djstripe_uuid": ENDPOINT,
            "url": "http://localhost/",
            "status": "enabled",
            "enabled_events": ["*"],
            "livemode": False,
            "api_version": "2020-08-27",
        },
    )


def _set_up() -> None:
    import django
    import stripe

    django.setup(set_prefix=False)
    stripe.api_base = os.environ["STRIPE_API_URL"]


def application(environ: dict[str, Any], start_response: Any) -> Any:
    """The WSGI application, set up at the first request."""
    if not _handlers:
        from django.core.wsgi import WSGIHandler

        _set_up()
        _handlers.append(WSGIHandler())
    return _handlers[0](environ, start_response)


_handlers: list[Any] = []


def __getattr__(name: str) -> Any:
    """`urlpatterns`, only once Django is set up."""
    if name != "urlpatterns":
        raise AttributeError(name)
    from django.urls import include, path

    return [path("stripe/", include("djstripe.urls", namespace="djstripe"))]


if __name__ == "__main__":
    _set_up()
    prepare()
