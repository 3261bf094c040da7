"""Whatever is sold, and whatever is chosen of it: paywall, order summary, preview and first invoice agree to the minor
unit, and the summary's lines add up.

Catalogs are generated, with the choice. The long form is `MONEY_MARKETS=500`.
"""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.cache import cache
from django.utils import timezone
from hypothesis import HealthCheck, given, note, seed, settings

from billing.gateways import stigg
from billing.money import Money
from billing.services import catalog, paywall
from billing.services.order_lines import Line
from billing.services.plan_quantities import parameter
from billing.services.text import money
from tests.contract.markets import CURRENCIES, PRODUCT, Market, markets
from tests.contract.stigg.servers import Servers
from tests.contract.test_money_agrees import Shop

MARKETS = int(os.environ.get("MONEY_MARKETS", "10"))

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def stall(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the catalog of the day is written."""
    path = tmp_path_factory.mktemp("market") / "catalog.yaml"
    path.write_text(f"currency: USD\nproducts: {{{PRODUCT}: {{name: Market}}}}\nfeatures: {{}}\nplans: {{}}\n")
    return path


@pytest.fixture(scope="module")
def running(stall: Path) -> Iterator[Servers]:
    servers = Servers(catalog=stall)
    servers.start()
    yield servers
    servers.stop()


@pytest.fixture
def product(running: Servers, settings: Any) -> Servers:
    """The product pointed at the sandbox."""
    where = running.world.settings
    settings.TOLLGATE_STIGG_API_URL = settings.TOLLGATE_STIGG_EDGE_URL = where.stigg_url
    settings.TOLLGATE_STIGG_API_KEY = where.stigg_api_key
    settings.TOLLGATE_PRODUCT_ID = PRODUCT
    cache.clear()
    return running


def on_the_paywall(market: Market) -> Money:
    """What the plan's card says that a period costs, for a visitor who set these quantities."""
    choice = market.choice
    asked = {
        parameter(choice.plan_id, feature_id, is_first=index == 0): str(count)
        for index, (feature_id, count) in enumerate(market.quantities)
    }
    shown = paywall.page(
        customer=None,
        wanted_period=choice.billing_period or "",
        now=timezone.now(),
        asked=paywall.Asked.of(asked | {"country": choice.country_code}),
    )
    (card,) = [card for card in shown.cards if card.plan_id == choice.plan_id]
    assert shown.period == choice.billing_period
    assert card.price.charged is not None
    return card.price.charged


def total(lines: list[Line] | tuple[Line, ...], currency: str) -> Money:
    for line in lines:
        assert line.value is None or line.amount == money(line.value)
    return sum((line.value for line in lines if line.value is not None), Money(0, currency))


@pytest.mark.shows("P4", "P5", "C2", "C3")
@seed(20261127)
@settings(
    max_examples=MARKETS,
    deadline=None,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(market=markets())
def test_paywall_summary_preview_and_first_invoice_agree(product: Servers, stall: Path, market: Market) -> None:
    market.write(stall)
    shop, choice = Shop(product), market.choice
    currency = CURRENCIES[choice.country_code]
    for country in CURRENCIES:
        catalog.renew(country_code=country)

    order = shop.shown(choice)
    preview = stigg.current().preview_subscription(customer_id=shop.customer.stigg_id, choice=choice)
    shop.charged(choice, skip_trial=True)
    invoices = list(shop.invoices().values())
    assert len(invoices) == 1
    (invoice,) = invoices
    note(f"{invoice['lines']['data']}")

    addons = [line for line in order.lines if line.kind == "charge"][-len(choice.addons) :] if choice.addons else []
    charges = [line for line in order.lines if line.kind == "charge"]
    subtotal = Money.from_stripe(invoice["subtotal"], invoice["currency"])
    assert on_the_paywall(market) + total(addons, currency) == total(charges, currency)
    assert total(charges, currency) == preview.subtotal == subtotal
    due = Money.from_stripe(invoice["amount_due"], invoice["currency"])
    assert total(order.lines, currency) == order.total == preview.due_now == due
