"""A server killed in the middle of a checkout, wherever it hurts: the subscription still comes about, once."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from datetime import timedelta
from urllib.parse import quote

import pytest
from django.conf import settings
from django.db import connection
from django.utils import timezone

from billing.models import CheckoutSession, Subscription, SubscriptionChange
from billing.services import checkout, completion
from tests.people import begin, person
from tests.sandbox_process import ROOT, SandboxClient

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("price_list")]
State = CheckoutSession.State
PLACES = {
    "the card is known to be saved": ("billing.services.completion", "_has_card"),
    "the card is the default": ("billing.services.payments", "make_default"),
    "Stigg has made the subscription and charged": ("billing.services.provisioning", "_provision_at_stigg"),
    "our row is written and not yet committed": ("billing.services.provisioning", "upsert_subscription"),
}


@pytest.mark.shows("C11")
@pytest.mark.parametrize("place", PLACES.values(), ids=PLACES.keys())
def test_a_server_that_dies_in_the_middle_sells_one_subscription(
    sandbox: SandboxClient, place: tuple[str, str]
) -> None:
    ada = person("ada")
    session = begin(ada)
    sandbox.confirm_card(str(session.setup_intent_id))
    assert die_while_completing(session, *place) == -signal.SIGKILL
    session.refresh_from_db()
    assert session.is_live
    the_lease_runs_out(session)
    checkout.work_due(timezone.now() + timedelta(minutes=10))
    session.refresh_from_db()
    assert session.state == State.SUCCEEDED
    assert completion.complete(session.pk, cause="a late webhook").state == State.SUCCEEDED
    assert [row["status"] for row in sandbox.objects("stigg", "subscriptions")] == ["ACTIVE"]
    assert len(sandbox.objects("stripe", "payment_intents", status="succeeded")) == 1
    assert Subscription.objects.get().status == Subscription.Status.ACTIVE
    assert SubscriptionChange.objects.filter(field="status").count() == 1


def die_while_completing(session: CheckoutSession, module: str, function: str) -> int:
    """In a process of its own, on the same database and the same sandbox; how it ended."""
    command = [sys.executable, "-m", "tests.integration.dies", str(session.pk), module, function]
    options = {name: getattr(settings, f"TOLLGATE_{name}") for name in ("STIGG_API_URL", "STIGG_API_KEY")}
    options |= {name: getattr(settings, f"TOLLGATE_{name}") for name in ("STRIPE_API_URL", "STRIPE_SECRET_KEY")}
    env = os.environ | options | {"DATABASE_URL": database_url(), "DJANGO_SETTINGS_MODULE": "checkout_site.settings"}
    return subprocess.run(command, cwd=ROOT, env=env, check=False, timeout=120).returncode


def database_url() -> str:
    """Of the tests' own database."""
    given = connection.settings_dict
    if connection.vendor == "sqlite":
        return f"sqlite:///{given['NAME']}"
    access = f"{quote(given['USER'])}:{quote(given['PASSWORD'])}@{given['HOST']}:{given['PORT']}"
    return f"postgres://{access}/{given['NAME']}"


def the_lease_runs_out(session: CheckoutSession) -> None:
    CheckoutSession.objects.filter(pk=session.pk).update(leased_until=timezone.now())
    type(session.customer).objects.update(leased_until=None)
