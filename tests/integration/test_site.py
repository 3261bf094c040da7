"""What every answer of the site has: headers, errors in words, health, and settings that stand in production."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.db import OperationalError
from django.db.backends.base.base import BaseDatabaseWrapper
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from billing import errors
from billing.models import CheckoutSession, WebhookEvent, WorkerHeartbeat
from billing.services import card_entry
from billing.webhooks import inbox
from tests.people import Person, begin, person, subscribe
from tests.sandbox_process import ROOT, SandboxClient

pytestmark = pytest.mark.django_db


def signed_in(who: Person) -> Client:
    client = Client()
    client.force_login(who.user)
    return client


# Headers


def policy_of(answer: HttpResponse) -> dict[str, list[str]]:
    parts = [part.split() for part in answer["Content-Security-Policy"].split(";") if part.strip()]
    return {name: sources for name, *sources in parts}


@pytest.mark.usefixtures("price_list")
@pytest.mark.parametrize("path", ["/", "/pricing/", "/accounts/login/", "/accounts/signup/", "/no-such-page/"])
def test_every_page_has_a_strict_content_security_policy(client: Client, path: str) -> None:
    policy = policy_of(client.get(path))
    assert policy["default-src"] == policy["frame-ancestors"] == policy["base-uri"] == ["'none'"]
    assert policy["form-action"] == ["'self'"]
    assert policy["style-src"] == ["'self'"]
    allowed = " ".join(source for sources in policy.values() for source in sources)
    assert "unsafe" not in allowed
    assert "http://stripe.test" in policy["script-src"]
    assert not {"*", "https:", "http:"} & set(allowed.split())


def test_with_stripes_own_addresses_the_policy_names_stripe_and_nobody_else() -> None:
    from checkout_site import csp

    policy = csp.policy(stripe_js_url="https://js.stripe.com/endive/stripe.js", stripe_api_url="")["DIRECTIVES"]
    assert policy["script-src"] == ["'self'", "https://js.stripe.com", "https://*.js.stripe.com"]
    assert policy["connect-src"] == ["'self'", "https://api.stripe.com"]
    assert "https://hooks.stripe.com" in policy["frame-src"]


@pytest.mark.usefixtures("price_list")
def test_no_page_of_the_journey_needs_inline_code(sandbox: SandboxClient) -> None:
    carol = person("carol")
    failed = subscribe(carol, sandbox, card="pm_card_chargeCustomerFail")
    card_entry.prepare_card(failed)
    client = signed_in(carol)
    paths = ["/", "/pricing/", "/billing/", "/checkout/start/?plan=plan-pro&period=MONTHLY", "/accounts/logout/"]
    paths += [reverse(f"billing:{name}", args=[failed.pk]) for name in ("checkout", "checkout_status")]
    for path in paths:
        page = client.get(path).content.decode()
        assert not re.search(r"<style|\sstyle=|\son[a-z]+=|javascript:", page), path
        scripts = re.findall(r"<script([^>]*)>", page)
        assert all(re.search(r'src=|type="application/(ld\+)?json"', script) for script in scripts), path


def test_every_answer_refuses_frames_sniffing_and_talkative_referrers(client: Client) -> None:
    answer = client.get("/")
    assert answer["X-Frame-Options"] == "DENY"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Referrer-Policy"] == "same-origin"
    assert answer["Cross-Origin-Opener-Policy"] == "same-origin-allow-popups"


@pytest.mark.usefixtures("price_list")
def test_pages_of_a_customer_are_kept_by_nobody(sandbox: SandboxClient) -> None:
    ada = person("ada")
    session = begin(ada)
    client = signed_in(ada)
    for path in ("/billing/", "/billing/me.json", "/checkout/start/?plan=plan-pro&period=MONTHLY"):
        assert "no-store" in client.get(path)["Cache-Control"]
    for name in ("checkout", "checkout_status", "checkout_return"):
        assert "no-store" in client.get(reverse(f"billing:{name}", args=[session.pk]))["Cache-Control"]
    sandbox.fault("stripe", "status", status=500)
    assert "no-store" in client.get(reverse("billing:checkout", args=[session.pk]))["Cache-Control"]


# Errors in words


@pytest.mark.usefixtures("price_list")
def test_a_person_reads_a_page_and_a_script_reads_json() -> None:
    client = signed_in(person("ada"))
    page = client.get("/checkout/start/?plan=nothing", headers={"Accept": "text/html"})
    assert page.status_code == 404
    assert page["Content-Type"].startswith("text/html")
    script = client.get("/checkout/start/?plan=nothing", headers={"Accept": "application/json"})
    assert script.status_code == 404
    assert script.json()["error"]["code"] == "plan_not_offered"
    assert script.json()["error"]["message"] in page.content.decode()
    assert "no-store" in script["Cache-Control"]


@pytest.mark.usefixtures("price_list")
def test_too_many_cards_are_answered_with_the_time_to_wait(sandbox: SandboxClient, settings: Any) -> None:
    settings.TOLLGATE_SETUP_INTENTS_PER_10_MINUTES = 1
    ada = person("ada")
    begin(ada, plan="plan-starter")
    client = signed_in(ada)
    form = {"plan": "plan-pro", "period": "MONTHLY", "name": "Ada"}
    answer = client.post("/checkout/start/", form)
    assert answer.status_code == 429
    assert 0 < int(answer["Retry-After"]) <= 600
    assert "Please take a short break" in answer.content.decode()
    script = client.post("/checkout/start/", form, headers={"Accept": "application/json"})
    assert (script.status_code, script.json()["error"]["code"]) == (429, "too_many_attempts")


@pytest.mark.usefixtures("price_list")
def test_an_outage_is_answered_with_when_to_come_again(sandbox: SandboxClient, settings: Any) -> None:
    carol = person("carol")
    failed = subscribe(carol, sandbox, card="pm_card_chargeCustomerFail")
    settings.TOLLGATE_BREAKER_FAILURES = 1
    sandbox.fault("stripe", "down")
    answer = signed_in(carol).post(reverse("billing:checkout_card", args=[failed.pk]))
    assert answer.status_code == 503
    assert int(answer["Retry-After"]) > 0
    assert "We will be right back" in answer.content.decode()
    assert "breaker" not in answer.content.decode()


def all_errors(root: type[errors.BillingError] = errors.BillingError) -> list[type[errors.BillingError]]:
    return [root, *(found for child in root.__subclasses__() for found in all_errors(child))]


@pytest.mark.parametrize("kind", all_errors(), ids=lambda kind: kind.__name__)
def test_every_error_has_a_code_a_status_and_a_sentence_for_people(kind: type[errors.BillingError]) -> None:
    assert kind.code.islower()
    assert 400 <= kind.http_status < 600
    assert str(kind.public_message).endswith(".")


def test_no_two_errors_share_a_code() -> None:
    codes = [kind.code for kind in all_errors() if kind.__module__ == errors.__name__]
    assert len(codes) == len(set(codes))


# Secrets stay where they belong


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("price_list")
def test_no_secret_of_a_payment_is_ever_stored_or_logged(
    sandbox: SandboxClient, client: Client, recorder: Any, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    ada = person("ada")
    client.force_login(ada.user)
    session = begin(ada)
    client.get(reverse("billing:checkout", args=[session.pk]))
    intent = sandbox.confirm_card(str(session.setup_intent_id), "pm_card_chargeCustomerFail")
    secret = {"setup_intent_client_secret": str(intent["client_secret"])}
    client.get(reverse("billing:checkout_return", args=[session.pk]), secret)
    session.refresh_from_db()
    assert session.state == CheckoutSession.State.PAYMENT_FAILED
    for path, body, headers in list(recorder.messages):
        kept = {name: value for name, value in headers.items() if name.title().startswith(("Stripe-", "Stigg-"))}
        assert client.generic("POST", f"/hooks{path}/", body, "application/json", headers=kept).status_code == 200
    assert any(b"_secret_" in body for _path, body, _headers in recorder.messages)
    assert everything_stored().count("_secret_") == 0
    logged = caplog.text
    assert "gateway_call" in logged
    for word in ("_secret_", "sk_test_", "server-sandbox", "whsec_"):
        assert word not in logged


def everything_stored() -> str:
    from django.apps import apps

    models = [model for model in apps.get_models(include_auto_created=True) if model._meta.managed]
    return "\n".join(repr(list(model._default_manager.values())) for model in models)


# Health


def test_a_living_process_says_so_without_the_database(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patched:
        patched.setattr(BaseDatabaseWrapper, "ensure_connection", refuse)
        assert client.get("/healthz/live").json() == {"status": "ok"}


def refuse(_self: BaseDatabaseWrapper) -> None:
    raise OperationalError("the database is away")


def beat(*, seconds_ago: int = 0) -> None:
    WorkerHeartbeat.objects.create(worker_id="w", beat_at=timezone.now() - timedelta(seconds=seconds_ago))


def test_with_a_worker_and_an_empty_inbox_the_site_is_ready(client: Client) -> None:
    beat()
    answer = client.get("/healthz/ready")
    assert (answer.status_code, answer.json()["status"]) == (200, "ok")
    assert "no-store" in answer["Cache-Control"]


@pytest.mark.parametrize("seconds_ago", [None, 120])
def test_without_a_living_worker_the_site_is_not_ready(client: Client, seconds_ago: int | None) -> None:
    if seconds_ago is not None:
        beat(seconds_ago=seconds_ago)
    answer = client.get("/healthz/ready")
    assert (answer.status_code, answer.json()["worker"]) == (503, "missing")


@pytest.mark.parametrize(("state", "status"), [("received", 503), ("failed", 503), ("dead", 200), ("done", 200)])
def test_an_event_that_waits_too_long_makes_the_site_not_ready(client: Client, state: str, status: int) -> None:
    beat()
    inbox.store(source="stripe", external_id="evt_1", event_type="a", payload={})
    WebhookEvent.objects.update(state=state, received_at=timezone.now() - timedelta(minutes=6))
    assert client.get("/healthz/ready").status_code == status


def test_without_the_database_the_site_is_not_ready(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patched:
        patched.setattr(BaseDatabaseWrapper, "ensure_connection", refuse)
        answer = client.get("/healthz/ready")
    assert (answer.status_code, answer.json()["database"]) == (503, "down")


# Settings


PRODUCTION = {
    "SECRET_KEY": "b7Qz1x-9fKd_3mWn5vRt8yUp2sGh6jLc0aEoTiXkZqMw4rNu-HdYe",
    "ALLOWED_HOSTS": "billing.example.com",
    "DATABASE_URL": "sqlite:////tmp/never-opened.sqlite3",
    "STIGG_API_KEY": "server-key",
    "STIGG_WEBHOOK_SECRETS": "one,two",
    "STRIPE_SECRET_KEY": "rk_live_key",
    "STRIPE_PUBLISHABLE_KEY": "pk_live_key",
    "STRIPE_WEBHOOK_SECRETS": "whsec_one",
}


def check_deploy(**changes: str) -> subprocess.CompletedProcess[str]:
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    environment = kept | {"DJANGO_SETTINGS_MODULE": "checkout_site.settings"} | PRODUCTION | changes
    command = [sys.executable, "manage.py", "check", "--deploy", "--fail-level", "WARNING"]
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=60, check=False)


def test_production_settings_pass_every_check() -> None:
    done = check_deploy()
    assert done.returncode == 0, done.stderr
    assert "no issues" in done.stdout


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({"STRIPE_JS_URL": "http://127.0.0.1:12111/endive/stripe.js"}, "billing.E001"),
        ({"STRIPE_JS_URL": "https://js.stripe.com.evil.example/stripe.js"}, "billing.E001"),
        ({"STRIPE_PUBLISHABLE_KEY": "pk_test_key"}, "billing.E002"),
        ({"STRIPE_SECRET_KEY": "pk_live_key", "STRIPE_PUBLISHABLE_KEY": "sk_live_key"}, "billing.E003"),
    ],
)
def test_settings_that_would_harm_are_refused_before_the_first_request(changes: dict[str, str], complaint: str) -> None:
    done = check_deploy(**changes)
    assert done.returncode != 0
    assert complaint in done.stderr


def test_no_mail_is_sent_without_being_asked_for() -> None:
    person("ada")
    assert mail.outbox == []


@pytest.mark.parametrize("path", ["/pricing/", "/contact/"])
def test_an_address_with_too_many_parameters_is_refused_and_no_fault_of_ours(path: str) -> None:
    answer = Client(raise_request_exception=False).get(f"{path}?" + "&" * 1200)
    assert answer.status_code == 400
