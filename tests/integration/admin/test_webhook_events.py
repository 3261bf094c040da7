"""The event's page: its payload pretty and escaped, without secrets."""

from __future__ import annotations

from billing.admin.words import without_secrets
from tests.integration.admin import rows
from tests.integration.admin.test_pages import page_url

SECRETIVE = {
    "id": "evt_1",
    "data": {
        "object": {
            "id": "seti_1",
            "client_secret": "seti_1_secret_hush",
            "note": "<script>alert(1)</script>",
            "latest": {"paymentSecret": "pi_1_secret_hush", "text": "see pi_2_secret_hush and whsec_hush"},
            "list": [{"client_secret": None}, "sk_test_hush"],
            "last4": "4242",
        }
    },
}


def test_payload_is_pretty_escaped_and_without_secrets(staff):
    page = staff.get(page_url(rows.event(payload=SECRETIVE))).content.decode()
    assert "hush" not in page
    assert "(hidden)" in page
    assert "<script>alert(1)" not in page
    assert "&lt;script&gt;alert(1)" in page
    assert "&quot;last4&quot;: &quot;4242&quot;" in page
    assert "\n  &quot;data&quot;" in page


def test_what_is_no_secret_stays():
    harmless = {"id": "in_1", "client_secret": None, "amount": 4990, "list": [1, "two"], "secret": {"id": "x"}}
    assert without_secrets(harmless) == harmless


def test_fate_reads_without_colour(staff):
    for state, words in {"dead": "✗ dead", "failed": "! failed, will be retried", "ignored": "– ignored"}.items():
        event = rows.event(state=state, last_error="GatewayUnavailable: stigg is away")
        page = staff.get(page_url(event)).content.decode()
        assert words in page
        assert "stigg is away" in page
