"""Tax in the order summary, on top of the price and included in it: with its name and rate, and billed as shown."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import pytest
from django.urls import reverse

from billing.gateways import stigg
from billing.money import Money
from billing.services import catalog
from billing.services.order_lines import Line
from billing.services.summary import OrderSummary
from sandbox.catalog import loader
from tests.integration.ordering import Shopper, shopper
from tests.sandbox_process import SandboxClient, running_sandbox

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("studio"), pytest.mark.shows("C2")]

EDITORS, RENDERS = "quantity-feature-editors", "quantity-feature-renders"
BULK = {"plan": "plan-bulk", EDITORS: "60", RENDERS: "2000", "addon-addon-renders": "3"}


@pytest.fixture(scope="module", params=["on top", "included"])
def taxing(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """The showcase, whose seller taxes every order."""
    text = loader.DEFAULT.with_name("showcase.yaml").read_text(encoding="utf-8")
    path = tmp_path_factory.mktemp("studio") / "catalog.yaml"
    included = "true" if request.param == "included" else "false"
    taxed = f"  tax_name: VAT\n  tax_percentage: 8.875\n  tax_included: {included}"
    path.write_text(text.replace("  tax_name: VAT", taxed), encoding="utf-8")
    with running_sandbox("--catalog", str(path)) as client:
        yield client, request.param == "included"


@pytest.fixture
def studio(sandbox: SandboxClient, taxing: Any, settings: Any) -> SandboxClient:
    """The product pointed at the showcase."""
    client: SandboxClient = taxing[0]
    client.reset()
    settings.TOLLGATE_STIGG_API_URL = settings.TOLLGATE_STIGG_EDGE_URL = client.stigg_url
    settings.TOLLGATE_STRIPE_API_URL = client.stripe_url
    settings.TOLLGATE_PRODUCT_ID = "product-studio"
    catalog.renew()
    return client


@pytest.fixture
def ada(studio: SandboxClient) -> Shopper:
    return shopper(studio)


def total(lines: Sequence[Line]) -> Money:
    return sum((line.value for line in lines if line.value is not None), Money(0, "USD"))


def assert_tax_is_told(shown: OrderSummary, page: str, *, included: bool) -> None:
    for lines in (shown.lines, shown.later_lines):
        for line in (line for line in lines if line.kind == "tax"):
            assert line.label == ("Included: VAT" if included else "VAT")
            assert line.note.startswith("8.875")
            assert line.note.endswith("%")
            assert (line.value is None) is included
            assert f"<dt>{line.label}<small>{line.note}</small></dt>" in page
            assert f"<dd>{line.amount}</dd>" in page
    assert [line.kind for line in shown.lines].count("tax") == 1


def pay(who: Shopper, answer: Any) -> None:
    """With a new card where the order asks for one; else the card on file has paid already."""
    checkout = who.checkout()
    if answer.url == f"/checkout/{checkout.pk}/":
        who.sandbox.confirm_card(str(checkout.setup_intent_id))
        who.client.post(reverse("billing:checkout_complete", args=[checkout.pk]))


@pytest.mark.parametrize("coupon", ["", "SPRING"])
def test_a_first_order_is_taxed_as_it_was_shown(ada: Shopper, taxing: Any, coupon: str) -> None:
    order = BULK | {"coupon": coupon}
    page = ada.look(**order)
    shown: OrderSummary = page.context["summary"]
    assert_tax_is_told(shown, page.content.decode(), included=taxing[1])
    assert shown.choice is not None
    preview = stigg.current().preview_subscription(customer_id=ada.who.customer.stigg_id, choice=shown.choice)
    assert total(shown.lines) == shown.total == preview.due_now
    if shown.later_lines:
        assert total(shown.later_lines) == preview.recurring
    assert preview.recurring is not None

    pay(ada, ada.order(**order))
    (invoice,) = ada.invoices()
    assert invoice["status"] == "paid"
    assert Money.from_stripe(invoice["amount_paid"], "usd") == shown.total
    (tax,) = invoice["total_taxes"]
    assert Money.from_stripe(tax["amount"], "usd") == preview.tax


def test_a_change_in_mid_period_is_taxed_and_so_is_the_credit_for_the_rest_of_the_old_one(
    ada: Shopper, taxing: Any
) -> None:
    pay(ada, ada.order(**BULK))
    ada.refresh()
    more = BULK | {EDITORS: "90"}
    page = ada.look(**more)
    shown: OrderSummary = page.context["summary"]
    assert_tax_is_told(shown, page.content.decode(), included=taxing[1])
    assert shown.choice is not None
    preview = stigg.current().preview_subscription(customer_id=ada.who.customer.stigg_id, choice=shown.choice)
    assert total(shown.lines) == shown.total
    assert any(line.value is not None and line.value.amount_minor < 0 for line in shown.lines)
    assert total(shown.later_lines) == preview.recurring

    pay(ada, ada.order(**more))
    due = Money.from_stripe(ada.invoices()[0]["amount_due"], "usd")
    assert shown.total is not None
    assert abs(due.amount_minor - shown.total.amount_minor) <= 1  # the clock went on between the two


def test_the_next_bill_is_what_each_period_after_costs(ada: Shopper, studio: SandboxClient) -> None:
    shown = ada.summary(**BULK)
    assert shown.total is not None
    pay(ada, ada.order(**BULK))
    studio.advance(hours=32 * 24)
    invoices = ada.invoices()
    assert [Money.from_stripe(row["total"], "usd") for row in invoices] == [shown.total, shown.total]
    sentence = f"Then {shown.due_now} per month"
    assert sentence in shown.recurring_sentence
