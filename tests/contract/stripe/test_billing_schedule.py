"""What may be set about billing: the draft hour, retries and what follows them, notices; and printed invoices."""

from typing import Any

import pytest
import requests
import stripe

from sandbox.stripe.amounts import shown
from tests.contract.stripe.conftest import set_up_card
from tests.contract.stripe.side import StripeSide
from tests.contract.stripe.test_subscriptions import charge_failing_card, subscribe


@pytest.fixture
def made(client: stripe.StripeClient, customer: Any, price: Any) -> Any:
    set_up_card(client, customer)
    return subscribe(client, customer, price)


def set_to(side: StripeSide, monkeypatch: pytest.MonkeyPatch, **settings: Any) -> None:
    for name, value in settings.items():
        monkeypatch.setattr(side.world.settings, name, value)


def latest(client: stripe.StripeClient, subscription: Any) -> Any:
    return client.v1.invoices.list({"subscription": subscription.id}).data[0]


def test_a_renewal_is_a_draft_for_an_hour(
    client: stripe.StripeClient, made: Any, side: StripeSide, monkeypatch: pytest.MonkeyPatch
) -> None:
    set_to(side, monkeypatch, draft_hour=True)
    end = made.items.data[0].current_period_end
    side.advance(seconds=end - side.world.clock.timestamp() + 60)
    draft = latest(client, made)
    assert (draft.status, draft.automatically_finalizes_at) == ("draft", end + 3600)
    assert client.v1.subscriptions.retrieve(made.id).status == "active"
    side.advance(hours=1)
    assert latest(client, made).status == "paid"


@pytest.mark.parametrize(("chosen", "status"), [("cancel", "canceled"), ("unpaid", "unpaid"), ("past_due", "past_due")])
def test_what_follows_the_last_retry(
    client: stripe.StripeClient,
    customer: Any,
    made: Any,
    side: StripeSide,
    monkeypatch: pytest.MonkeyPatch,
    chosen: str,
    status: str,
) -> None:
    set_to(side, monkeypatch, retry_days=(1, 2), after_retries=chosen)
    charge_failing_card(client, customer)
    end = made.items.data[0].current_period_end
    side.advance(seconds=end - side.world.clock.timestamp() + 60)
    tried = latest(client, made)
    assert tried.next_payment_attempt == end + 86400
    side.advance(days=4)
    invoice = client.v1.invoices.retrieve(tried.id)
    assert (invoice.attempt_count, invoice.next_payment_attempt) == (3, None)
    assert client.v1.subscriptions.retrieve(made.id).status == status
    if chosen == "unpaid":
        side.advance(days=31)
        assert (latest(client, made).status, latest(client, made).auto_advance) == ("draft", False)


def test_a_renewal_is_announced(client: stripe.StripeClient, made: Any, side: StripeSide) -> None:
    side.advance(days=25)
    notice = side.events("invoice.upcoming")[0]["data"]["object"]
    assert (notice["total"], notice["billing_reason"]) == (4900, "upcoming")
    assert len(client.v1.invoices.list({"subscription": made.id}).data) == 1
    client.v1.subscriptions.update(made.id, {"cancel_at_period_end": True})
    side.advance(days=40)
    assert len(side.events("invoice.upcoming")) == 1


def test_an_invoice_is_a_pdf(made: Any) -> None:
    answer = requests.get(made.latest_invoice.invoice_pdf, timeout=5)
    assert answer.headers["content-type"] == "application/pdf"
    assert answer.headers["content-disposition"] == f'inline; filename="Invoice-{made.latest_invoice.number}.pdf"'
    assert answer.content.startswith(b"%PDF-1.4")
    assert answer.content.rstrip().endswith(b"%%EOF")
    assert b"49.00 USD" in answer.content
    start = int(answer.content.split(b"startxref\n")[1].split(b"\n")[0])
    assert answer.content[start:].startswith(b"xref")


@pytest.mark.parametrize(
    ("amount", "currency", "text"),
    [
        (4900, "usd", "49.00 USD"),
        (-5, "eur", "-0.05 EUR"),
        (1200, "jpy", "1,200 JPY"),
        (1234567, "kwd", "1,234.567 KWD"),
    ],
)
def test_amounts_are_shown_with_their_decimals(amount: int, currency: str, text: str) -> None:
    assert shown(amount, currency) == text
