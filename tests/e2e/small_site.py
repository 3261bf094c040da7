"""`python -m tests.e2e.small_site`: the site alone, for browser tests that need other addresses or another price list.

Without worker and demo, on a database of its own and a free port, which it prints; the environment says the rest.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
EMAIL, PASSWORD = "bob@example.com", "correct-horse-battery"


@contextmanager
def running_site(folder: Path, *, stigg_url: str, urls: str = "checkout_site.urls", **env: str) -> Iterator[str]:
    """Its address, until the block ends."""
    given = {
        "DJANGO_SETTINGS_MODULE": "tests.settings",
        "DATABASE_URL": f"sqlite:///{folder / 'site.sqlite3'}",
        "SMALL_SITE_STIGG_URL": stigg_url,
        "SMALL_SITE_URLS": urls,
    }
    command = [sys.executable, "-m", "tests.e2e.small_site"]
    log = (folder / "site.log").open("wb")
    with (
        log,
        subprocess.Popen(command, cwd=ROOT, env=os.environ | given | env, stdout=subprocess.PIPE, stderr=log) as it,
    ):
        try:
            assert it.stdout is not None
            line = it.stdout.readline().decode()
            assert line.startswith("http"), (folder / "site.log").read_text()
            yield line.strip()
        finally:
            it.terminate()
            it.wait(10)


def main() -> None:
    import django
    from django.conf import settings

    django.setup()
    settings.ROOT_URLCONF = os.environ["SMALL_SITE_URLS"]
    settings.TOLLGATE_STIGG_API_URL = settings.TOLLGATE_STIGG_EDGE_URL = os.environ["SMALL_SITE_STIGG_URL"]
    settings.TOLLGATE_STIGG_API_KEY = "server-sandbox"
    fill()
    serve()


def fill() -> None:
    """The price list, and bob on the free plan, who has used all of his three projects."""
    from django.contrib.auth import get_user_model
    from django.core.management import call_command
    from django.utils import timezone

    from billing.models import Entitlement, Subscription
    from billing.services import catalog, customers

    call_command("migrate", verbosity=0)
    catalog.renew()
    user = get_user_model().objects.create_user(username="bob", email=EMAIL, password=PASSWORD)
    customer = customers.create_customer(user, name="Bob", email=EMAIL)
    now = timezone.now()
    names = {"plan_id": "plan-free", "plan_name": "Free", "product_id": "product-tollgate", "pricing_type": "FREE"}
    Subscription.objects.create(
        customer=customer, stigg_id="subscription-bob", status="ACTIVE", mirrored_at=now, **names
    )
    feature = {"feature_id": "feature-projects", "display_name": "Projects", "units_plural": "projects"}
    usage = {"feature_type": "NUMBER", "meter_type": "Fluctuating", "usage_limit": 3, "current_usage": 3}
    Entitlement.objects.create(customer=customer, is_granted=True, mirrored_at=now, **feature, **usage)


def serve() -> None:
    from django.core.handlers.wsgi import WSGIHandler
    from django.core.servers.basehttp import ThreadedWSGIServer, WSGIRequestHandler

    server = ThreadedWSGIServer(("127.0.0.1", 0), WSGIRequestHandler)
    server.set_app(WSGIHandler())
    print(f"http://localhost:{server.server_port}", flush=True)  # noqa: T201 - whoever started us reads it
    server.serve_forever()


if __name__ == "__main__":
    main()
