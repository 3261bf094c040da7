"""A shop in this process: the site's production settings, a fresh database, the sandbox's price list, one customer."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bench.pages.server import Wire
from tests.sandbox_process import STIGG_KEY, STRIPE_KEY, STRIPE_PUBLISHABLE_KEY, running_sandbox


@contextmanager
def shop(folder: Path) -> Iterator[dict[str, Wire]]:
    """Visitors by name: somebody, and a subscriber who is signed in."""
    with running_sandbox() as sandbox:
        os.environ |= {
            "DJANGO_SETTINGS_MODULE": "checkout_site.settings",
            "SECRET_KEY": "bench-" + "x" * 50,
            "ALLOWED_HOSTS": "localhost",
            "SECURE": "False",
            "DEBUG": "False",
            "LOG_LEVEL": "ERROR",
            "DATABASE_URL": f"sqlite:///{folder / 'pages.sqlite3'}",
            "STATIC_ROOT": str(folder / "static"),
            "STIGG_API_URL": sandbox.stigg_url,
            "STIGG_EDGE_URL": sandbox.stigg_url,
            "STIGG_API_KEY": STIGG_KEY,
            "STRIPE_API_URL": sandbox.stripe_url,
            "STRIPE_SECRET_KEY": STRIPE_KEY,
            "STRIPE_PUBLISHABLE_KEY": STRIPE_PUBLISHABLE_KEY,
            "HIGHLIGHTED_PLAN_ID": "plan-pro",
        }
        import django
        from django.conf import settings
        from django.core.management import call_command
        from django.core.wsgi import get_wsgi_application

        django.setup()
        settings.ROOT_URLCONF = "bench.pages.site"
        call_command("migrate", verbosity=0)
        call_command("collectstatic", interactive=False, verbosity=0)
        application = get_wsgi_application()
        yield {"anonymous": Wire(application, {}), "signed in": Wire(application, {"HTTP_COOKIE": _subscriber()})}


def _subscriber() -> str:
    """The cookie of a customer with a subscription."""
    from django.conf import settings
    from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
    from django.contrib.sessions.backends.db import SessionStore
    from django.utils import timezone

    from billing.models import Subscription
    from billing.services import catalog
    from tests.people import person

    catalog.renew()
    ada = person("ada")
    Subscription.objects.create(
        customer=ada.customer,
        stigg_id="subscription-ada",
        plan_id="plan-starter",
        plan_name="Starter",
        pricing_type="PAID",
        billing_period="MONTHLY",
        currency="USD",
        status="ACTIVE",
        mirrored_at=timezone.now(),
    )
    session = SessionStore()
    session[SESSION_KEY] = str(ada.user.pk)
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    session[HASH_SESSION_KEY] = ada.user.get_session_auth_hash()
    session.create()
    return f"{settings.SESSION_COOKIE_NAME}={session.session_key}"
