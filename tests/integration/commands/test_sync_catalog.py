"""sync_catalog: all stored price lists, now."""

from __future__ import annotations

from io import StringIO

import pytest
import responses
from django.core.management import CommandError, call_command

from billing.models import CatalogSnapshot
from tests.integration.commands import rows
from tests.unit.gateways import answers

pytestmark = pytest.mark.django_db
EDGE = f"{answers.EDGE_URL}/v1/paywall.json"


@responses.activate
def test_default_and_every_stored_country():
    responses.add("GET", EDGE, json={"data": {"paywall": answers.paywall()}})
    rows.snapshot(country_code="DE", seconds_old=10_000)
    out = StringIO()
    call_command("sync_catalog", stdout=out)
    assert [line.partition(" (")[0] for line in out.getvalue().splitlines()] == ["default: plan-pro", "DE: plan-pro"]
    assert CatalogSnapshot.objects.count() == 2
    assert CatalogSnapshot.objects.get(country_code="DE").payload["plans"]


@responses.activate
def test_a_fault_is_told_and_the_stored_list_stays():
    responses.add("GET", EDGE, status=401)
    row = rows.snapshot(seconds_old=10_000)
    with pytest.raises(CommandError, match="billing_doctor"):
        call_command("sync_catalog", stdout=StringIO())
    row.refresh_from_db()
    assert row.payload == {"plans": []}
