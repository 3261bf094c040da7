"""The doctor: all green where all is well, and each broken configuration named with its fix."""

from __future__ import annotations

import json
from collections.abc import Iterator
from io import StringIO
from typing import Any

import pytest
import responses
from django.core.management import call_command
from django.db import OperationalError, connection
from django.utils import timezone

from billing.gateways.stripe.client import API_VERSION
from billing.models import Customer, WorkerHeartbeat
from billing.webhooks.handlers import stripe
from tests.integration.commands.answers import STRIPE_CUSTOMER, World, endpoint
from tests.unit.gateways import answers

SECRETS = (
    "server-test",
    "sk_test_tests",
    "sk_live_tests",
    "whsec_test",
    "stigg-secret",
    "server-wrong",
    "sk_test_wrong",
)
CHECKS = 14


@pytest.fixture
def http() -> Iterator[responses.RequestsMock]:
    with responses.RequestsMock(assert_all_requests_are_fired=False) as mock:
        yield mock


@pytest.fixture
def world(http: responses.RequestsMock, db: None) -> World:
    """All is well: a worker lives, and a customer was provisioned."""
    WorkerHeartbeat.objects.create(worker_id="worker-1", beat_at=timezone.now())
    Customer.objects.create(name="Ada", email="a@example.com", stripe_id=STRIPE_CUSTOMER, provisioned_at=timezone.now())
    return World(http)


def examine() -> tuple[int, dict[str, dict[str, str]]]:
    """Exit code and findings by check. No secret is ever printed, whatever is wrong."""
    code, text = run("--json")
    report = json.loads(text)
    assert report["ok"] is (code == 0)
    return code, {row["check"]: row for row in report["checks"]}


def run(*arguments: str) -> tuple[int, str]:
    out = StringIO()
    code = 0
    try:
        call_command("billing_doctor", *arguments, stdout=out, no_color=True)
    except SystemExit as stopped:
        code = int(stopped.code or 0)
    text = out.getvalue()
    assert not [secret for secret in SECRETS if secret in text]
    return code, text


def faults(findings: dict[str, dict[str, str]]) -> dict[str, dict[str, str]]:
    found = {check: row for check, row in findings.items() if row["status"] == "fault"}
    assert all(row["fix"] for row in found.values())
    return found


def only_fault(check: str) -> dict[str, str]:
    code, findings = examine()
    assert code == 1
    assert list(faults(findings)) == [check]
    return findings[check]


def test_all_green(world):
    code, findings = examine()
    assert code == 0
    assert len(findings) == CHECKS
    assert {row["status"] for row in findings.values()} == {"ok"}


def test_lines(world):
    code, text = run()
    lines = text.splitlines()
    assert code == 0
    assert len([line for line in lines if line.startswith("ok ")]) == CHECKS
    assert lines[-1] == "No faults."
    world.endpoints = []
    code, text = run()
    assert code == 1
    assert "fault   Stripe webhook endpoint: none of the account's 0 endpoints" in text
    assert "→ Register it" in text
    assert text.splitlines()[-1] == "1 fault."


def test_wrong_stigg_key(world, settings):
    settings.TOLLGATE_STIGG_API_KEY = "server-wrong"
    found = only_fault("Stigg key")
    assert "refuses the key" in found["message"]
    assert "STIGG_API_KEY" in found["fix"]
    _code, findings = examine()
    assert findings["catalog"]["message"] == "not checked: the Stigg key has to work first"


@pytest.mark.parametrize(
    ("key", "message"),
    [("", "is empty"), ("client-abc", "publishable key"), ("server-te st", "spaces"), ("server-test\n", "line ends")],
)
def test_unusable_stigg_key(world, settings, key, message):
    settings.TOLLGATE_STIGG_API_KEY = key
    assert message in only_fault("Stigg key")["message"]


def test_wrong_stripe_key(world, settings):
    settings.TOLLGATE_STRIPE_SECRET_KEY = "sk_test_wrong"
    found = only_fault("Stripe secret key")
    assert "refuses the key" in found["message"]
    assert "STRIPE_SECRET_KEY" in found["fix"]


@pytest.mark.parametrize(("key", "message"), [("", "is empty"), ("pk_test_tests", "publishable key")])
def test_unusable_stripe_key(world, settings, key, message):
    settings.TOLLGATE_STRIPE_SECRET_KEY = key
    _code, findings = examine()
    assert message in faults(findings)["Stripe secret key"]["message"]


def test_mixed_live_and_test(world, settings):
    settings.TOLLGATE_STRIPE_SECRET_KEY = "sk_live_tests"
    settings.TOLLGATE_STRIPE_JS_URL = "https://js.stripe.com/endive/stripe.js"
    found = only_fault("Stripe publishable key")
    assert found["message"] == "the publishable key is a test key, the secret key a live key"
    assert "same mode of the same account" in found["fix"]


@pytest.mark.parametrize(("key", "message"), [("", "is empty"), ("sk_test_x", "secret key"), ("abc", "begin with pk_")])
def test_unusable_publishable_key(world, settings, key, message):
    settings.TOLLGATE_STRIPE_PUBLISHABLE_KEY = key
    _code, findings = examine()
    assert message in faults(findings)["Stripe publishable key"]["message"]


@pytest.mark.parametrize("source", ["stripe", "stigg"])
def test_missing_webhook_secret(world, settings, source):
    setattr(settings, f"TOLLGATE_{source.upper()}_WEBHOOK_SECRETS", ())
    found = only_fault(f"{source.title()} webhook secret")
    assert f"{source.upper()}_WEBHOOK_SECRETS" in found["fix"]
    assert f"/hooks/{source}/" in found["fix"]


def test_two_webhook_secrets(world, settings):
    settings.TOLLGATE_STRIPE_WEBHOOK_SECRETS = ("whsec_test", "whsec_old")
    _code, findings = examine()
    assert findings["Stripe webhook secret"]["message"].startswith("2 are live")


def test_strange_webhook_secret(world, settings):
    settings.TOLLGATE_STRIPE_WEBHOOK_SECRETS = ("we_1",)
    code, findings = examine()
    assert code == 0
    assert findings["Stripe webhook secret"]["status"] == "warning"


@pytest.mark.parametrize(
    ("listed", "message"),
    [
        ([], "none of the account's 0 endpoints"),
        ([endpoint(url="http://testserver/other/")], "none of the account's 1 endpoints"),
        ([endpoint(url="https://elsewhere.example/hooks/stripe/")], "there are some for elsewhere.example"),
        ([endpoint(status="disabled")], "is disabled"),
        ([endpoint(enabled_events=["invoice.paid"])], "is not sent"),
        ([endpoint(api_version="2020-08-27")], "speaks API version 2020-08-27"),
        ([endpoint(api_version=None)], "(the default of the account)"),
    ],
)
def test_endpoint(world, listed, message):
    world.endpoints = listed
    found = only_fault("Stripe webhook endpoint")
    assert message in found["message"]


def test_endpoint_fix_says_what_to_register(world):
    world.endpoints = []
    fix = only_fault("Stripe webhook endpoint")["fix"]
    assert "/hooks/stripe/" in fix
    assert API_VERSION in fix
    assert all(event_type in fix for event_type in stripe.worked_types())


def test_one_good_endpoint_is_enough(world):
    world.endpoints = [endpoint(status="disabled"), endpoint(enabled_events=["*"])]
    assert examine()[0] == 0


def test_stigg_linked_to_another_stripe_account(world):
    world.stripe_objects = {}
    found = only_fault("Stigg linked to Stripe")
    assert "not in the Stripe account of the secret key" in found["message"]
    assert "Integrations → Stripe" in found["fix"]


def test_stigg_of_another_environment(world):
    world.stigg_customer = None
    assert "Stigg knows none of our newest customers" in only_fault("Stigg linked to Stripe")["message"]


def test_stigg_not_linked_at_all(world):
    world.stigg_customer = answers.stigg_customer(billingId=None)
    assert "has not given them a Stripe id" in only_fault("Stigg linked to Stripe")["message"]


def test_link_is_not_yet_knowable(world):
    Customer.objects.all().delete()
    code, findings = examine()
    assert code == 0
    assert findings["Stigg linked to Stripe"]["status"] == "warning"
    assert findings["Stigg linked to Stripe"]["message"].startswith("not yet knowable")


def test_link_is_known_by_the_catalog(world):
    Customer.objects.all().delete()
    world.paywall = answers.paywall(plans=[answers.plan(prices=[answers.price(billingId="price_1")])])
    assert "not in the account" in only_fault("Stigg linked to Stripe")["message"]
    world.stripe_objects["prices/price_1"] = {"id": "price_1"}
    _code, findings = examine()
    assert findings["Stigg linked to Stripe"]["status"] == "ok"


def test_edge_is_away(world):
    world.edge_is_up = False
    assert "STIGG_EDGE_URL" in only_fault("Stigg edge")["fix"]


@pytest.mark.parametrize(
    ("plans", "message"),
    [([], "no plan is published"), ([answers.plan(pricingType="FREE", prices=[])], "none with a price")],
)
def test_catalog_with_nothing_to_sell(world, plans, message):
    world.paywall = answers.paywall(plans=plans)
    assert message in only_fault("catalog")["message"]


def test_catalog_with_gaps(world, settings):
    world.paywall = answers.paywall(plans=[answers.plan(), answers.plan(displayName="Scale", prices=[])])
    assert examine()[1]["catalog"]["message"] == "no price yet: Scale"
    world.paywall = answers.paywall(plans=[answers.plan(), answers.plan(product={"refId": "another"})])
    assert "2 products" in examine()[1]["catalog"]["message"]
    world.paywall = answers.paywall()
    settings.TOLLGATE_HIGHLIGHTED_PLAN_ID = "plan-gone"
    assert examine()[1]["catalog"]["status"] == "warning"


@pytest.mark.parametrize(("seconds", "side"), [(3600, "behind"), (-3600, "ahead of")])
def test_clock(world, seconds, side):
    world.clock_skew_seconds = seconds
    found = only_fault("clock")
    assert f"{side} Stripe's" in found["message"]
    assert "NTP" in found["fix"]


def test_worker_is_missing(world):
    WorkerHeartbeat.objects.update(beat_at=timezone.now() - timezone.timedelta(minutes=5))
    assert "billing_worker" in only_fault("worker")["fix"]
    WorkerHeartbeat.objects.all().delete()
    assert "ever been heard of" in only_fault("worker")["message"]


def test_stripe_js(world, settings):
    settings.TOLLGATE_STRIPE_JS_URL = "https://evil.example/stripe.js"
    assert "not Stripe's own" in only_fault("Stripe.js")["message"]
    settings.TOLLGATE_STRIPE_JS_URL = "https://js.stripe.com/v3/"
    assert examine()[1]["Stripe.js"]["status"] == "warning"


def test_restricted_key(world, settings):
    world.refused_paths = {"account", "webhook_endpoints"}
    code, findings = examine()
    assert code == 0
    assert findings["Stripe secret key"]["status"] == "warning"
    assert findings["Stripe webhook endpoint"]["status"] == "warning"


def test_nobody_answers(db, http):
    """Every line is there, each with a word, when nothing works at all."""
    code, findings = examine()
    assert code == 1
    assert set(faults(findings)) == {"Stigg key", "Stripe secret key", "worker"}
    assert len(findings) == CHECKS


def test_migrations_missing(world, monkeypatch):
    executor = "billing.services.doctor.here.MigrationExecutor.migration_plan"
    migration = type("Migration", (), {"app_label": "billing"})()
    monkeypatch.setattr(executor, lambda _self, _targets: [(migration, False)])
    assert "manage.py migrate" in only_fault("migrations")["fix"]


def test_database_takes_no_writes(world):
    def refuse(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if sql.startswith("INSERT"):
            raise OperationalError("attempt to write a readonly database")
        return execute(sql, params, many, context)

    with connection.execute_wrapper(refuse):
        found = only_fault("database")
    assert "DATABASE_URL" in found["fix"]


def test_a_broken_check_stops_none_of_the_others(world, monkeypatch):
    def broken(*_args: Any) -> None:
        raise RuntimeError("broke over sk_test_tests")

    monkeypatch.setattr("billing.services.doctor.clock.parsedate_to_datetime", broken)
    assert "the check itself broke" in only_fault("clock")["message"]
