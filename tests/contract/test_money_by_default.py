"""Money agrees for what the sandbox sells by default, too: seats and storage in tiers, in three currencies.

The other catalog, with harder cases, is tried by test_money_agrees.
"""

import os
from collections.abc import Iterator
from typing import Any

import pytest
from django.core.cache import cache
from hypothesis import HealthCheck, given, seed, settings
from hypothesis import strategies as st

from billing.gateways.stigg.types import SubscriptionChoice
from billing.services import catalog
from tests.contract.stigg.servers import Servers
from tests.contract.test_money_agrees import Shop, Story

CARTS = int(os.environ.get("MONEY_CARTS", "25"))
PRODUCT = "product-tollgate"
PLANS = ["plan-free", "plan-starter", "plan-pro", "plan-business"]
COUPONS = ["", "WELCOME20", "SPRING"]
COUNTRIES = ["", "DE", "FR", "JP"]

pytestmark = pytest.mark.django_db


@st.composite
def choices(draw: st.DrawFn, country: str) -> SubscriptionChoice:
    plan_id = draw(st.sampled_from(PLANS))
    is_free, is_business = plan_id == "plan-free", plan_id == "plan-business"
    seats = 0 if is_free else draw(st.integers(0, 20))
    addons = [("addon-extra-seats", seats)] if seats else []
    if seats and is_business and draw(st.booleans()):
        addons.append(("addon-guests", 1))
    quantities = [("feature-seats", draw(st.integers(5, 500))), ("feature-storage", draw(st.integers(500, 10_000)))]
    return SubscriptionChoice(
        plan_id=plan_id,
        billing_period=None if is_free else draw(st.sampled_from(["MONTHLY", "ANNUALLY"])),
        unit_quantities=tuple(quantities) if is_business else (),
        addons=tuple(addons),
        coupon_id=draw(st.sampled_from(COUPONS)),
        country_code=country,
    )


@st.composite
def stories(draw: st.DrawFn) -> Story:
    """One who has had a trial: a trial costs nothing, which the other test looks at."""
    country = draw(st.sampled_from(COUNTRIES))
    changes = st.lists(st.tuples(st.integers(0, 40 * 86400), choices(country)), max_size=1)
    return Story(first=draw(choices(country)), changes=tuple(draw(changes)), had_trial=True)


@pytest.fixture(scope="module")
def running() -> Iterator[Servers]:
    servers = Servers()
    servers.start()
    yield servers
    servers.stop()


@pytest.fixture
def product(running: Servers, settings: Any) -> Servers:
    where = running.world.settings
    settings.TOLLGATE_STIGG_API_URL = settings.TOLLGATE_STIGG_EDGE_URL = where.stigg_url
    settings.TOLLGATE_STIGG_API_KEY = where.stigg_api_key
    settings.TOLLGATE_PRODUCT_ID = PRODUCT
    cache.clear()
    return running


@seed(20261127)
@settings(
    max_examples=CARTS,
    deadline=None,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(story=stories())
def test_what_is_shown_is_what_is_charged(product: Servers, story: Story) -> None:
    shop = Shop(product)
    shop.servers.world.stigg.customers[shop.customer.stigg_id].trialed.append((PRODUCT, "plan-business"))
    catalog.renew()
    for seconds, choice in ((0, story.first), *story.changes):
        product.advance(seconds=seconds)
        order = shop.shown(choice)
        shown, charged = order.total, shop.charged(choice, skip_trial=order.kind != "trial")
        assert shown is not None
        assert {code: due for code, due in charged.items() if due} == (
            {shown.currency: shown.amount_minor} if shown else {}
        )
