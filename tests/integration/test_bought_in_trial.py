"""A plan that is bought during a trial and begins only when the trial ends: nothing says that nothing follows."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.urls import reverse
from django.utils import timezone

from billing.services import catalog, emails, text
from sandbox.catalog import loader
from tests.integration.ordering import Shopper, shopper
from tests.sandbox_process import SandboxClient, running_sandbox

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("studio"), pytest.mark.shows("C6")]

AGENCY = {"plan": "plan-agency", "quantity-feature-editors": "6"}


@pytest.fixture(scope="module")
def waiting(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SandboxClient]:
    """The showcase, where what is bought during a trial begins at its end."""
    words = loader.DEFAULT.with_name("showcase.yaml").read_text(encoding="utf-8")
    path = tmp_path_factory.mktemp("studio") / "catalog.yaml"
    changed = words.replace("  tax_name: VAT", "  tax_name: VAT\n  trial_conversion: at_trial_end")
    path.write_text(changed, encoding="utf-8")
    with running_sandbox("--catalog", str(path)) as client:
        yield client


@pytest.fixture
def studio(sandbox: SandboxClient, waiting: SandboxClient, settings: Any) -> SandboxClient:
    """The product pointed at the showcase."""
    waiting.reset()
    settings.TOLLGATE_STIGG_API_URL = settings.TOLLGATE_STIGG_EDGE_URL = waiting.stigg_url
    settings.TOLLGATE_STRIPE_API_URL = waiting.stripe_url
    settings.TOLLGATE_PRODUCT_ID = "product-studio"
    catalog.renew()
    return waiting


@pytest.fixture
def ada(studio: SandboxClient) -> Shopper:
    """Tries Agency and has bought it."""
    who = shopper(studio)
    who.order(**AGENCY)
    who.refresh()
    who.order(**AGENCY)
    checkout = who.checkout()
    studio.confirm_card(str(checkout.setup_intent_id))
    who.client.post(reverse("billing:checkout_complete", args=[checkout.pk]))
    who.refresh()
    return who


def start_of(who: Shopper) -> str:
    bought = who.checkout().subscription
    assert bought is not None
    assert (bought.status, who.checkout().state) == ("NOT_STARTED", "succeeded")
    assert bought.started_at is not None
    return text.date(bought.started_at)


def test_the_account_says_when_it_starts_and_does_not_sell_it_again(ada: Shopper) -> None:
    page = ada.client.get("/billing/").content.decode()
    assert f"Agency starts on {start_of(ada)}. Until then your trial goes on." in page
    assert "ends by itself" not in page
    assert "Upgrade now" not in page
    assert "Add a card" not in page
    assert "Cancel the trial" in page
    assert f"Starts on {start_of(ada)}." in page
    assert f"Since {start_of(ada)}." not in page


def test_a_trial_without_a_plan_bought_still_offers_it(studio: SandboxClient) -> None:
    bob = shopper(studio, "bob")
    bob.order(**AGENCY)
    bob.refresh()
    page = bob.client.get("/billing/").content.decode()
    assert "ends by itself" in page
    assert "Upgrade now" in page


def test_the_mail_says_when_it_starts_and_not_that_it_has(ada: Shopper) -> None:
    mail.outbox.clear()
    emails.work_due(timezone.now() + timedelta(minutes=11))
    letter = mail.outbox[-1]
    assert letter.subject == f"Agency starts on {start_of(ada)}, Tollgate"
    html = str(letter.alternatives[0].content)  # type: ignore[attr-defined]
    assert re.search("<h1>(.*)</h1>", html)[1] == "Your plan is set"  # type: ignore[index]
    for page in (letter.body, html):
        assert f"Agency starts on {start_of(ada)}. Until then your trial goes on." in page
        assert "from now on" not in page
        assert "has started" not in page
        assert "next bill" not in page
