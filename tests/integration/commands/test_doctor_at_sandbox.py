"""The doctor against the sandbox: the whole chain over HTTP, as in the demo."""

from __future__ import annotations

import contextlib
from datetime import timedelta
from io import StringIO

import pytest
import requests
from django.core.management import call_command
from django.utils import timezone

from billing.gateways.stripe.client import API_VERSION
from billing.models import WorkerHeartbeat
from billing.services import customers
from billing.webhooks.handlers import stripe
from tests.people import person
from tests.sandbox_process import STRIPE_KEY, free_port


@pytest.fixture
def installation(sandbox, recorder):
    """As the demo sets it up: our address registered at Stripe, a worker alive."""
    fields = {
        "url": f"{recorder.url}/hooks/stripe/",
        "api_version": API_VERSION,
        **{f"enabled_events[{number}]": name for number, name in enumerate(stripe.worked_types())},
    }
    url = f"{sandbox.stripe_url}/v1/webhook_endpoints"
    assert requests.post(url, data=fields, auth=(STRIPE_KEY, ""), timeout=5).status_code == 200
    WorkerHeartbeat.objects.create(worker_id="worker-1", beat_at=timezone.now())


def examine() -> list[str]:
    out = StringIO()
    with contextlib.suppress(SystemExit):
        call_command("billing_doctor", stdout=out, no_color=True)
    return out.getvalue().splitlines()


def nothing_is_registered(sandbox, settings):
    for endpoint in sandbox.objects("stripe", "webhook_endpoints"):
        url = f"{sandbox.stripe_url}/v1/webhook_endpoints/{endpoint['id']}"
        requests.delete(url, auth=(STRIPE_KEY, ""), timeout=5).raise_for_status()


def wrong_stigg_key(sandbox, settings):
    settings.TOLLGATE_STIGG_API_KEY = "server-of-another-environment"


def wrong_stripe_key(sandbox, settings):
    settings.TOLLGATE_STRIPE_SECRET_KEY = "sk_test_of_another_account"


def no_webhook_secret(sandbox, settings):
    settings.TOLLGATE_STIGG_WEBHOOK_SECRETS = ()


def product_of_nobody(sandbox, settings):
    settings.TOLLGATE_PRODUCT_ID = "product-of-nobody"


def stigg_elsewhere(sandbox, settings):
    settings.TOLLGATE_STIGG_API_URL = f"http://127.0.0.1:{free_port()}"


def worker_died(sandbox, settings):
    WorkerHeartbeat.objects.update(beat_at=timezone.now() - timedelta(hours=1))


# What is broken, the check that finds it, and what its advice names.
BROKEN = {
    wrong_stigg_key: ("Stigg key", "STIGG_API_KEY"),
    wrong_stripe_key: ("Stripe secret key", "STRIPE_SECRET_KEY"),
    no_webhook_secret: ("Stigg webhook secret", "STIGG_WEBHOOK_SECRETS"),
    nothing_is_registered: ("Stripe webhook endpoint", "Register it"),
    product_of_nobody: ("catalog", "PRODUCT_ID"),
    stigg_elsewhere: ("Stigg key", "STIGG_API_URL"),
    worker_died: ("worker", "billing_worker"),
}


@pytest.mark.usefixtures("installation")
@pytest.mark.parametrize("break_it", BROKEN, ids=lambda broken: broken.__name__)
def test_a_broken_installation_is_told_what_to_mend(sandbox, settings, break_it):
    break_it(sandbox, settings)
    check, advice = BROKEN[break_it]
    lines = examine()
    told = [line for line in lines if line.startswith(f"fault   {check}:")]
    assert len(told) == 1, lines
    assert advice in told[0].partition("→")[2], told
    assert lines[-1].endswith(("fault.", "faults."))


@pytest.mark.parametrize("has_customer", [True, False])
def test_all_green(installation, has_customer):
    if has_customer:
        customers.provision(person("ada").customer.pk)
    *lines, _empty, last = examine()
    assert [line for line in lines if not line.startswith("ok ")] == []
    assert last == "No faults."
