"""Money agrees: what the product shows is what Stigg previews, and what Stripe's side then charges.

Generated carts, to the minor unit. The long form is `MONEY_CARTS=1000 pytest tests/contract/test_money_agrees.py`.
"""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from django.core.cache import cache
from django.utils import timezone
from hypothesis import HealthCheck, given, seed, settings
from hypothesis import strategies as st

from billing.gateways import stigg
from billing.gateways.stigg.types import BillingInformation, SubscriptionChoice
from billing.models import Customer
from billing.services import catalog, customers, summary
from billing.services.summary import OrderSummary
from sandbox.catalog import loader
from tests.contract.stigg.callers import Stripe
from tests.contract.stigg.servers import Servers

CARTS = int(os.environ.get("MONEY_CARTS", "60"))
SHOWCASE = loader.DEFAULT.with_name("showcase.yaml")
PRODUCT = "product-studio"
COUPONS = ["", "LOYAL", "SPRING", "FIRST"]

pytestmark = pytest.mark.django_db


@dataclass(frozen=True)
class Offer:
    """A plan in a period, as it is sold in a country: what may be counted, and the add-ons that go with it."""

    plan_id: str
    period: str | None
    editors: tuple[int, int] | None = None
    renders: bool = False
    addons: bool = False


TEAM = [Offer("plan-team", period, (2, 50), addons=True) for period in ("MONTHLY", "ANNUALLY")]
AGENCY = Offer("plan-agency", "MONTHLY", (1, 120), addons=True)
BULK = Offer("plan-bulk", "MONTHLY", (1, 120), renders=True)
FREE = Offer("plan-hobby", None)
OFFERS = {
    "": [
        *TEAM,
        AGENCY,
        Offer("plan-agency", "ANNUALLY", (1, 120), addons=True),
        BULK,
        FREE,
    ],
    "DE": [*TEAM, AGENCY, FREE],
    "JP": [*TEAM, AGENCY, BULK, FREE],
}


@st.composite
def choices(draw: st.DrawFn, country: str, plan_id: str = "") -> SubscriptionChoice:
    """Anything that is sold in the country, or any form of one plan: other quantities, add-ons, period, coupon."""
    offer = draw(st.sampled_from([offer for offer in OFFERS[country] if plan_id in ("", offer.plan_id)]))
    quantities = []
    if offer.editors is not None:
        quantities.append(("feature-editors", draw(st.integers(*offer.editors))))
    if offer.renders:
        quantities.append(("feature-renders", draw(st.integers(1000, 20_000))))
    return SubscriptionChoice(
        plan_id=offer.plan_id,
        billing_period=offer.period,
        unit_quantities=tuple(quantities),
        addons=draw(addons()) if offer.addons else (),
        coupon_id=draw(st.sampled_from(COUPONS)),
        country_code=country,
    )


@st.composite
def addons(draw: st.DrawFn) -> tuple[tuple[str, int], ...]:
    """Up to ten bundles of renders; priority needs one of them."""
    bundles = draw(st.integers(0, 10))
    if bundles == 0:
        return ()
    priority = (("addon-priority-renders", 1),) if draw(st.booleans()) else ()
    return (("addon-renders", bundles), *priority)


@dataclass(frozen=True)
class Story:
    """A first order, and changes of it that follow after so many seconds: half of them of the same plan."""

    first: SubscriptionChoice
    changes: tuple[tuple[int, SubscriptionChoice], ...]
    had_trial: bool


@st.composite
def stories(draw: st.DrawFn) -> Story:
    country = draw(st.sampled_from(sorted(OFFERS)))
    first = draw(choices(country))
    change = st.one_of(choices(country, first.plan_id), choices(country))
    return Story(
        first=first,
        changes=tuple(draw(st.lists(st.tuples(st.integers(0, 40 * 86400), change), max_size=3))),
        had_trial=draw(st.sampled_from([True, True, True, False])),
    )


class Shop:
    """One customer with a card, who looks at the summary and then buys."""

    def __init__(self, servers: Servers) -> None:
        self.servers, self.stripe = servers, Stripe(servers.world)
        servers.run(servers.world.reset())
        servers.world.clock.hold()
        self.customer = Customer.objects.create(name="Ada Ltd", email="ada@example.com", provisioned_at=timezone.now())
        made = stigg.current().provision_customer(
            customer_id=self.customer.stigg_id, name="Ada Ltd", email="ada@example.com", metadata={}
        )
        self.billing_id = self.customer.stripe_id = str(made.billing_id)
        card = self.stripe.save_card(self.billing_id, "pm_card_visa")
        information = BillingInformation(payment_method_id=card)
        stigg.current().update_customer(customer_id=self.customer.stigg_id, billing_information=information)

    def had_trial(self) -> None:
        self.servers.world.stigg.customers[self.customer.stigg_id].trialed.append((PRODUCT, "plan-team"))

    def shown(self, choice: SubscriptionChoice) -> OrderSummary:
        """What the review page says to somebody whose rows are up to date."""
        cache.clear()
        self.customer = customers.refresh(self.customer.pk, cause="test")
        found, notice = summary.for_choice(self.customer, choice, now=self.servers.world.clock.now())
        assert notice == ""
        assert found is not None
        return found

    def charged(self, choice: SubscriptionChoice, *, skip_trial: bool) -> dict[str, int]:
        """By currency what Stripe's invoices of this order ask for, credit taken off."""
        before = self.invoices()
        result = stigg.current().provision_subscription(
            customer_id=self.customer.stigg_id,
            choice=choice,
            subscription_id="",
            metadata={},
            skip_trial=skip_trial,
        )
        assert result.status == "SUCCESS"
        new = [invoice for key, invoice in self.invoices().items() if key not in before]
        assert {invoice["status"] for invoice in new} <= {"paid"}
        due: dict[str, int] = {}
        for invoice in new:
            code = invoice["currency"].upper()
            due[code] = due.get(code, 0) + invoice["amount_due"]
        return due

    def invoices(self) -> dict[str, Any]:
        rows = self.servers.world.stripe.invoices.values()
        return {row["id"]: dict(row) for row in rows if row["customer"] == self.billing_id}


@pytest.fixture(scope="module")
def running() -> Iterator[Servers]:
    servers = Servers(catalog=SHOWCASE)
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


@seed(20261123)
@settings(
    max_examples=CARTS,
    deadline=None,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(story=stories())
def test_what_is_shown_is_what_is_charged(product: Servers, story: Story) -> None:
    shop = Shop(product)
    if story.had_trial:
        shop.had_trial()
    catalog.renew()
    for seconds, choice in ((0, story.first), *story.changes):
        product.advance(seconds=seconds)
        order = shop.shown(choice)
        shown, charged = order.total, shop.charged(choice, skip_trial=order.kind != "trial")
        assert shown is not None
        # Nothing may also be shown in the price list's currency, and needs no invoice.
        assert {code: due for code, due in charged.items() if due} == (
            {shown.currency: shown.amount_minor} if shown else {}
        )
