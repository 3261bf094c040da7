"""The order summary on a price list with tiers, currencies, add-ons that need others, and every kind of coupon."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from billing.services import catalog, receipts
from sandbox.catalog import loader
from tests.integration.ordering import Shopper, shopper
from tests.people import subscribe
from tests.sandbox_process import SandboxClient, running_sandbox

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("studio")]

EDITORS = "quantity-feature-editors"
RENDERS, PRIORITY = "addon-addon-renders", "addon-addon-priority-renders"


@pytest.fixture(scope="module")
def showcase() -> Iterator[SandboxClient]:
    with running_sandbox("--catalog", str(loader.DEFAULT.with_name("showcase.yaml"))) as client:
        yield client


@pytest.fixture
def studio(sandbox: SandboxClient, showcase: SandboxClient, settings: Any) -> SandboxClient:
    """The product pointed at the showcase."""
    showcase.reset()
    settings.TOLLGATE_STIGG_API_URL = settings.TOLLGATE_STIGG_EDGE_URL = showcase.stigg_url
    settings.TOLLGATE_STRIPE_API_URL = showcase.stripe_url
    settings.TOLLGATE_PRODUCT_ID = "product-studio"
    catalog.renew()
    for product_id, country_code in catalog.missing():
        catalog.renew(product_id=product_id, country_code=country_code)
    return showcase


@pytest.fixture
def ada(studio: SandboxClient) -> Shopper:
    """Has had her trial: she bought a plan without one, and has a card on file."""
    who = shopper(studio)
    assert subscribe(who.who, studio, plan="plan-bulk").state == "succeeded"
    who.refresh()
    return who


def amounts(lines: Any) -> list[tuple[str, str]]:
    return [(line.label, line.amount) for line in lines]


@pytest.mark.shows("C2", "C3")
def test_graduated_tiers_are_shown_slice_by_slice(ada: Shopper) -> None:
    shown = ada.summary(plan="plan-agency", **{EDITORS: "25"})
    editors = shown.later_lines[1]
    assert (editors.label, editors.amount) == ("Agency: 25 editors", "$190")
    assert [(part.label, part.amount) for part in editors.parts] == [
        ("1–5: $0 each", "$0"),
        ("6–20: $10 each", "$150"),
        ("21–25: $8 each", "$40"),
    ]


@pytest.mark.shows("C2", "C3")
def test_a_volume_tier_prices_all_units(studio: SandboxClient) -> None:
    new = shopper(studio)
    shown = new.summary(plan="plan-bulk", **{EDITORS: "60", "quantity-feature-renders": "2000"})
    assert amounts(shown.lines) == [("Bulk: 60 editors", "$470"), ("Bulk: 2,000 renders", "$5")]
    assert [(part.label, part.amount) for part in shown.lines[0].parts] == [("60: $7 each + $50 flat", "$470")]


@pytest.mark.shows("P5")
def test_the_country_decides_on_currency_and_price(studio: SandboxClient) -> None:
    new = shopper(studio)
    page = new.look(plan="plan-team", country="JP", **{EDITORS: "4", RENDERS: "1"})
    assert page.context["summary"].later_total == "¥7,900"
    assert "¥700 per month" in page.content.decode()
    assert new.summary(plan="plan-team", country="DE", **{EDITORS: "2"}).later_total == "€22"


@pytest.mark.shows("C4")
def test_a_missing_add_on_is_named_and_taken_with_one_click(studio: SandboxClient) -> None:
    new = shopper(studio)
    page = new.look(plan="plan-team", **{PRIORITY: "1"})
    assert page.context["form"].errors[PRIORITY] == ["Priority needs Renders, too. Add it, or take Priority off."]
    assert "Add Renders" in page.content.decode()
    order = {"plan": "plan-team", "period": "MONTHLY", "name": "Ada", "country": "", PRIORITY: "1"}
    taken = new.client.post("/checkout/start/", {**order, RENDERS: "0", "step": "take:addon-renders"})
    assert taken.context["form"].is_valid()
    assert taken.context["form"][RENDERS].value() == "1"
    assert not new.who.customer.checkouts.exists()


@pytest.mark.shows("C3")
def test_more_units_than_the_plan_has_are_refused_beside_the_field(studio: SandboxClient) -> None:
    page = shopper(studio).client.get(
        "/checkout/start/",
        {"plan": "plan-team", "period": "MONTHLY", EDITORS: "51"},
        headers={"HX-Request": "true"},
    )
    text = page.content.decode()
    assert f'id="id_{EDITORS}_errors" hx-swap-oob="innerHTML"' in text
    assert "less than or equal to 50" in text
    assert "Something in the form needs your attention" in text


@pytest.mark.shows("C10")
def test_a_quantity_goes_up_at_once_and_down_with_credit_as_this_product_says(ada: Shopper) -> None:
    up = ada.summary(plan="plan-bulk", **{EDITORS: "20"})
    assert (up.kind, up.is_scheduled) == ("change", False)
    ada.order(plan="plan-bulk", **{EDITORS: "20"})
    assert ada.refresh().quantities["feature-editors"] == 20
    assert abs(ada.invoices()[0]["amount_due"] - up.total.amount_minor) <= 2
    down = ada.look(plan="plan-bulk", **{EDITORS: "5"})
    shown = down.context["summary"]
    assert shown.due_now == "$0"
    assert "worth more than the change costs" in shown.reason
    assert any("of credit is left after this" in note for note in shown.notes)
    assert "becomes credit" in down.context["review"].effect
    ada.order(plan="plan-bulk", **{EDITORS: "5"})
    assert ada.refresh().quantities["feature-editors"] == 5
    (customer,) = (c for c in ada.sandbox.objects("stripe", "customers") if c["id"] == ada.who.customer.stripe_id)
    assert customer["balance"] < 0


@pytest.mark.shows("C10", "C2")
def test_credit_that_is_left_pays_the_next_change(ada: Shopper) -> None:
    ada.order(plan="plan-bulk", **{EDITORS: "20"})
    ada.refresh()
    ada.order(plan="plan-bulk", **{EDITORS: "5"})
    ada.refresh()
    shown = ada.summary(plan="plan-bulk", **{EDITORS: "5", "quantity-feature-renders": "9000"})
    assert "Account credit" in [line.label for line in shown.lines]
    assert (shown.due_now, shown.reason) == ("$0", "Nothing is due today: your account credit covers it.")
    ada.order(plan="plan-bulk", **{EDITORS: "5", "quantity-feature-renders": "9000"})
    ada.refresh()
    assert ada.invoices()[0]["total"] > 0
    assert receipts.receipt_of(ada.checkout()).paid == "", "credit is not charged"


@pytest.mark.shows("C10")
def test_down_to_free_happens_at_once_where_the_product_says_so(ada: Shopper) -> None:
    page = ada.look(plan="plan-hobby", period=None)
    assert page.context["summary"].kind == "to_free"
    assert "becomes credit" in page.context["review"].effect
    ada.order(plan="plan-hobby", period=None)
    assert ada.refresh().plan_id == "plan-hobby"


@pytest.mark.shows("C5", "C2")
@pytest.mark.parametrize(
    ("code", "note"),
    [
        ("LOYAL", ("Thank you", "17.5 %")),
        ("SPRING", ("Spring", "for 2 months")),
        ("FIRST", ("First month free", "100 %, once")),
    ],
)
def test_a_coupon_says_what_it_takes_off_and_how_long(studio: SandboxClient, code: str, note: tuple[str, str]) -> None:
    shown = shopper(studio).summary(plan="plan-bulk", coupon=code)
    (line,) = (line for line in shown.lines if line.kind == "discount")
    assert (line.label, line.note) == note
    ends = {"LOYAL": "", "SPRING": "The discount ends after 2 months.", "FIRST": "for this payment only"}[code]
    assert any(ends in note for note in shown.notes) == bool(ends)


@pytest.mark.shows("C5")
def test_a_coupon_that_is_over_is_refused_in_words(studio: SandboxClient) -> None:
    page = shopper(studio).look(plan="plan-bulk", coupon="GONE")
    assert page.context["form"].errors["coupon"] == ["This code is not valid any more."]


@pytest.mark.shows("C5")
def test_a_promotion_code_that_is_no_coupon_id_works_too(studio: SandboxClient) -> None:
    new = shopper(studio)
    page = new.look(plan="plan-bulk", coupon="spring")
    assert page.context["summary"].choice.promotion_code == "spring"
    assert "Take the code spring off" in page.content.decode()
    new.order(plan="plan-bulk", coupon="spring")
    assert new.checkout().promotion_code == "spring"
    new.sandbox.confirm_card(str(new.checkout().setup_intent_id))
    new.client.post(f"/checkout/{new.checkout().pk}/completion/")
    assert new.invoices()[0]["total"] == new.checkout().due_now_minor


@pytest.mark.shows("C5")
def test_a_code_is_taken_off_again(studio: SandboxClient) -> None:
    order = {"plan": "plan-bulk", "period": "MONTHLY", "name": "Ada", "country": "", "coupon": "LOYAL"}
    page = shopper(studio).client.post("/checkout/start/", {**order, "step": "remove-code"})
    assert page.context["form"]["coupon"].value() == ""
    assert "discount" not in [line.kind for line in page.context["summary"].lines]


@pytest.mark.shows("P4", "C2")
def test_usage_is_told_with_its_price_and_billed_when_a_period_ends(ada: Shopper) -> None:
    shown = ada.summary(plan="plan-agency", **{EDITORS: "6"})
    (usage,) = (line for line in shown.later_lines if line.kind == "usage")
    assert (usage.label, usage.amount, usage.value) == ("Renders", "$0.0015 per render", None)
    assert usage.note == "Billed for what you use, when a period ends"
    ada.order(plan="plan-agency", **{EDITORS: "6"})
    assert ada.refresh().plan_id == "plan-agency"
    (item,) = (
        i for i in ada.subscriptions()[-1]["items"]["data"] if i["price"]["recurring"]["usage_type"] == "metered"
    )
    assert (item["price"]["unit_amount"], item["price"]["unit_amount_decimal"]) == (None, "0.15")
    assert ada.invoices()[0]["amount_due"] == shown.total.amount_minor
