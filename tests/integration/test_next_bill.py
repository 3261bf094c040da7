"""The next bill, on the account and in the receipt: the sum that is charged then, tax and discount counted, or none."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.urls import reverse
from django.utils import timezone

from billing.models import Invoice
from billing.services import emails
from tests.integration.ordering import Shopper, shopper
from tests.sandbox_process import SandboxClient

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("studio"), pytest.mark.shows("C2")]

EDITORS = "quantity-feature-editors"


@pytest.fixture
def ada(studio: SandboxClient) -> Shopper:
    return shopper(studio)


def buy(who: Shopper, **order: Any) -> None:
    who.order(**order)
    checkout = who.checkout()
    if checkout.state == "open":
        who.sandbox.confirm_card(str(checkout.setup_intent_id))
        who.client.post(reverse("billing:checkout_complete", args=[checkout.pk]))
    assert who.checkout().state == "succeeded"
    who.refresh()


def a_month_later(who: Shopper) -> None:
    who.sandbox.advance(hours=24 * 31)
    who.sandbox.settle()
    who.refresh()


def said(who: Shopper) -> str:
    """The sentence of the account page."""
    found = re.findall(r"Next bill[^<]*", who.client.get("/billing/").content.decode())
    assert len(found) == 1
    return str(found[0])


def test_tax_is_in_it_on_the_account_the_success_page_and_the_receipt(ada: Shopper) -> None:
    shown = ada.summary(plan="plan-bulk")
    assert shown.recurring_sentence.startswith("Then $121.98 per month")
    buy(ada, plan="plan-bulk")
    assert said(ada).startswith("Next bill: $121.98 on ")
    page = ada.client.get(f"/checkout/{ada.checkout().pk}/status/").content.decode()
    assert "The next bill, $121.98, is due on" in page
    emails.work_due(timezone.now() + timedelta(minutes=11))
    assert "The next bill, $121.98, is due on" in mail.outbox[-1].body
    a_month_later(ada)
    assert ada.invoices()[0]["total"] == 12198


def test_what_has_not_been_billed_yet_is_said_to_come_with_tax(ada: Shopper) -> None:
    buy(ada, plan="plan-bulk")
    ada.order(plan="plan-bulk", **{EDITORS: "20"})
    row = ada.refresh()
    assert row.total is not None
    assert said(ada).startswith("Next bill: $402.50 plus tax on ")
    a_month_later(ada)
    assert ada.invoices()[0]["total"] == round(40250 * 1.19)


@pytest.mark.parametrize("code", ["SPRING", "FIRST"])
def test_while_a_discount_runs_or_has_just_ended_no_sum_is_promised(ada: Shopper, code: str) -> None:
    buy(ada, plan="plan-bulk", coupon=code)
    page = ada.client.get(f"/checkout/{ada.checkout().pk}/status/").content.decode()
    assert "The next bill is due on" in page
    for _ in range(4):
        promised = re.fullmatch(r"Next bill: (?:\$([\d.]+) on )?\w+ \d+, \d{4}", said(ada))
        assert promised is not None
        a_month_later(ada)
        charged = ada.invoices()[0]["total"]
        assert promised[1] in (None, f"{charged / 100:.2f}")
    assert promised[1] == "121.98", "the discount is over for good"


def test_a_bill_that_depends_on_use_has_no_sum_yet(ada: Shopper) -> None:
    for _ in ("tried", "bought"):
        buy(ada, plan="plan-agency", **{EDITORS: "6"})
    assert ada.refresh().status == "ACTIVE"
    assert re.fullmatch(r"Next bill: \w+ \d+, \d{4}", said(ada))


def test_until_the_invoice_is_known_only_the_day_is_said(ada: Shopper) -> None:
    buy(ada, plan="plan-bulk")
    Invoice.objects.all().delete()
    assert re.fullmatch(r"Next bill: \w+ \d+, \d{4}", said(ada))


def test_an_invoice_that_was_mirrored_before_taxes_were_is_no_proof_that_there_is_none(ada: Shopper) -> None:
    buy(ada, plan="plan-bulk")
    Invoice.objects.update(tax_on_top_minor=None, discount_minor=None)
    assert re.fullmatch(r"Next bill: \w+ \d+, \d{4}", said(ada))
    a_month_later(ada)
    assert said(ada).startswith("Next bill: $121.98 on ")


def test_a_trial_says_that_tax_may_be_added_to_its_price(ada: Shopper) -> None:
    buy(ada, plan="plan-team", **{EDITORS: "3"})
    account = ada.client.get("/billing/").content.decode()
    assert "it becomes $36 per month plus any tax, unless you cancel before" in account
    ada.sandbox.advance(hours=24 * 15)
    ada.sandbox.settle()
    ada.refresh()
    assert ada.invoices()[0]["total"] == 4284
    assert said(ada).startswith("Next bill: $42.84 on ")


@pytest.mark.parametrize(("tax", "words"), [(0, "$36 per month"), (190, "$36 per month plus tax")])
def test_a_trial_knows_from_an_older_bill_whether_tax_is_added(ada: Shopper, tax: int, words: str) -> None:
    Invoice.objects.create(
        customer=ada.who.customer,
        stripe_id="in_older",
        status="paid",
        currency="USD",
        total_minor=1000 + tax,
        amount_due_minor=1000 + tax,
        amount_remaining_minor=0,
        tax_on_top_minor=tax,
        discount_minor=0,
        issued_at=timezone.now(),
        mirrored_at=timezone.now(),
    )
    buy(ada, plan="plan-team", **{EDITORS: "3"})
    assert f"it becomes {words}, unless you cancel before" in ada.client.get("/billing/").content.decode()


def test_a_trial_with_a_discount_names_no_price(ada: Shopper) -> None:
    buy(ada, plan="plan-team", coupon="SPRING", **{EDITORS: "3"})
    account = ada.client.get("/billing/").content.decode()
    assert "it becomes a paid plan, unless you cancel before" in account
    assert "it becomes $" not in account
