"""The page of the showcase: quantities without a script, add-ons, tiers, entitlements, the table, shareable links."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from django.test import Client
from django.utils import timezone

from billing import conf
from billing.services import paywall as service
from tests.integration.paywall.shopping import paywall

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("price_lists")]


def html(**query: str) -> str:
    return Client().get("/pricing/", query).content.decode()


@pytest.mark.shows("P13")
def test_the_public_page_has_no_token_and_only_forms_that_read() -> None:
    page = html(period="MONTHLY")
    assert "csrf" not in page.lower()
    assert set(re.findall(r'<form [^>]*method="(\w+)"', page)) == {"get"}
    assert "<form" not in re.sub(r'<form [^>]*method="get"', "", page)


@pytest.mark.shows("P4")
@pytest.mark.parametrize(
    ("editors", "price"),
    [("1", "Starts at $99"), ("5", "$99"), ("6", "$109"), ("20", "$249"), ("21", "$257"), ("120", "$1,049")],
)
def test_slices_without_a_script(editors: str, price: str) -> None:
    card = paywall(period="MONTHLY", **{"quantity-plan-agency": editors})["plan-agency"]
    assert f"{price} per month" in card
    assert card.url.endswith(f"quantity-feature-editors={editors}")


@pytest.mark.shows("P4")
@pytest.mark.parametrize(
    ("editors", "price"), [("10", "$102.50"), ("11", "$402.50"), ("50", "$402.50"), ("51", "$409.50")]
)
def test_bundles_without_a_script(editors: str, price: str) -> None:
    assert f"{price} per month" in paywall(period="MONTHLY", **{"quantity-plan-bulk": editors})["plan-bulk"]


@pytest.mark.shows("P2", "P4")
def test_a_year_of_slices_to_the_cent() -> None:
    card = paywall(period="ANNUALLY", **{"quantity-plan-agency": "22"})["plan-agency"]
    assert "$2,635.23 billed once a year, you save $544.77" in card  # 950.40 + 15 * 99.99 + 2 * 79.99 + 25


@pytest.mark.shows("P4")
def test_one_card_keeps_what_was_set_on_another_and_so_do_the_periods() -> None:
    page = html(period="MONTHLY", **{"quantity-plan-agency": "7", "quantity-plan-bulk": "50"})
    agency = page.partition('data-plan="plan-agency"')[2].partition("</article>")[0]
    assert '<input type="hidden" name="quantity-plan-bulk" value="50">' in agency
    assert 'type="hidden" name="quantity-plan-agency"' not in agency
    assert "period=ANNUALLY&amp;quantity-plan-agency=7&amp;quantity-plan-bulk=50" in page


@pytest.mark.shows("P4", "P6", "P7")
def test_cards_tell_add_ons_tiers_credits_and_ranges() -> None:
    found = paywall(period="MONTHLY")
    team, agency = found["plan-team"], found["plan-agency"]
    for words in (
        "2–50 editors",
        "100 credits per month",
        "Unlimited pictures",
        "500 exports per week",
        "Formats: png, pdf",
        "Everything in Hobby, plus:",
        "Adds: 1,000 renders per month",
        "Adds: 20 credits per month",
        "Priority $9 per month",
        "Needs Renders",
        "2 add-ons",
    ):
        assert words in team, words
    for words in ("1–5 Included", "6–20 $10 each", "21 and more $8 each"):
        assert words in agency, words


@pytest.mark.shows("P6", "P12")
def test_the_table_writes_out_what_is_inherited() -> None:
    table = html(period="MONTHLY").partition("<table>")[2].partition("</table>")[0]
    storage = table.partition('<th scope="row"><bdi>Storage')[2].partition("</tr>")[0]
    assert [re.sub(r"<[^>]+>", "", cell) for cell in re.findall(r"<td.*?</td>", storage)] == [
        "–Not included",
        "50 GB of storage",
        "50 GB of storage",
        "–Not included",
        "Custom GB of storage",
    ]
    assert 'scope="rowgroup"' in table


@pytest.mark.shows("P4")
def test_usage_is_on_the_card_with_its_exact_price() -> None:
    assert "plus $0.0015 per render that you use" in paywall(period="MONTHLY")["plan-agency"]
    assert "plus ¥0.25 per render that you use" in paywall(period="MONTHLY", country="JP")["plan-agency"]


@pytest.mark.shows("P6", "P12")
def test_credits_that_are_inherited_stand_in_the_table() -> None:
    row = html(period="MONTHLY").partition("AI credits")[2].partition("</tr>")[0]
    cells = [re.sub(r"<[^>]+>|\s+", " ", cell).strip() for cell in re.findall(r"<td[^>]*>(.*?)</td>", row, re.DOTALL)]
    assert [" ".join(cell.split()) for cell in cells][1:3] == ["100 credits per month"] * 2


@pytest.mark.shows("P2", "P9")
@pytest.mark.parametrize(
    ("hidden", "saving", "periods"),
    [
        ((), "Save up to 20%", ["MONTHLY", "ANNUALLY"]),
        (("plan-agency",), "Save up to 17%", ["MONTHLY", "ANNUALLY"]),
        (("plan-agency", "plan-team"), "", []),
    ],
)
def test_the_switch_promises_only_what_the_plans_on_show_keep(
    hidden: tuple[str, ...], saving: str, periods: list[str]
) -> None:
    options = replace(conf.current(), hidden_plan_ids=hidden)
    page = service.page(customer=None, wanted_period="ANNUALLY", now=timezone.now(), options=options)
    assert (page.saving_label, [option.value for option in page.periods]) == (saving, periods)
    assert page.period == ("ANNUALLY" if periods else "MONTHLY")
