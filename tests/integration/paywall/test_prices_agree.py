"""Generated tiers and quantities: what a card says is what the price list adds up to and what Stigg previews."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import yaml

from billing.gateways import stigg
from billing.gateways.stigg.types import PlanSnapshot, PriceSnapshot, SubscriptionChoice
from billing.money import Money, exponent
from billing.services import catalog, customers, plan_cards
from billing.services.charges import charges
from billing.services.plan_visitor import Visitor
from tests.people import person
from tests.sandbox_process import SandboxClient, running_sandbox

pytestmark = pytest.mark.django_db(transaction=True)
SEED, PLANS, PERIODS = 20, 5, ("monthly", "annually")
CURRENCIES = {"": "USD", "JP": "JPY", "DE": "EUR"}


@dataclass
class Draw:
    """Prices by chance, the same in each run."""

    chance: random.Random

    def amount(self, currency: str, most: int) -> float:
        """To the minor unit. None of Stigg's currencies has three decimals; those are tested without it."""
        return float(Decimal(self.chance.randint(0, most)).scaleb(-exponent(currency)))

    def tiers(self, currency: str) -> list[dict[str, Any]]:
        bound, found = 0, []
        for _ in range(self.chance.randint(1, 4)):
            bound += self.chance.randint(1, 30)
            found.append({"up_to": bound} | self._tier(currency))
        return [*found, self._tier(currency)]

    def _tier(self, currency: str) -> dict[str, Any]:
        unit, flat = self.amount(currency, 9_999), self.amount(currency, 99_999)
        return self.chance.choice([{"unit": unit}, {"flat": flat}, {"unit": unit, "flat": flat}])

    def charge(self, period: str, country: str) -> dict[str, Any]:
        currency = CURRENCIES[country]
        price: dict[str, Any] = {"period": period, "model": "per_unit", "feature": "feature-units"}
        price |= {"country": country, "currency": currency} if country else {}
        kind = self.chance.choice(["graduated", "volume", "plain", "block"])
        if kind in ("graduated", "volume"):
            return price | {"tiers_mode": kind, "tiers": self.tiers(currency)}
        block = {"block": self.chance.choice([5, 10])} if kind == "block" else {}
        return price | {"amount": self.amount(currency, 9_999) or 1} | block

    def plan(self) -> dict[str, Any]:
        prices = []
        has_base = self.chance.random() < 0.5
        for country, currency in CURRENCIES.items():
            for period in PERIODS:
                where = {"country": country, "currency": currency} if country else {}
                base = {"period": period, "amount": self.amount(currency, 99_999)} | where
                prices += [base] if has_base else []
                prices.append(self.charge(period, country))
        return {"product": "product-chance", "name": "By chance", "pricing": "paid", "prices": prices}


def write_catalog(path: Path) -> Path:
    draw = Draw(random.Random(SEED))  # noqa: S311 - chance, not a secret
    described = {
        "currency": "USD",
        "products": {"product-chance": {"name": "Chance"}},
        "features": {"feature-units": {"name": "Units", "type": "number", "unit": "unit", "units": "units"}},
        "plans": {f"plan-{number}": draw.plan() for number in range(PLANS)},
    }
    path.write_text(yaml.safe_dump(described), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def sandbox_process(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SandboxClient]:
    path = write_catalog(tmp_path_factory.mktemp("chance") / "catalog.yaml")
    with running_sandbox("--catalog", str(path)) as client:
        yield client


def quantities(price: PriceSnapshot) -> list[int]:
    """At, below and beyond every boundary, and far beyond the last."""
    bounds = [int(tier.up_to) for tier in price.tiers if tier.up_to] or [int(price.block_size or 3)]
    near = {bound + step for bound in bounds for step in (-1, 0, 1)}
    return sorted(count for count in near | {1, max(bounds) * 3 + 7} if count > 0)


def cases(plan: PlanSnapshot) -> Iterator[tuple[str, int]]:
    for period in plan.periods:
        for price in plan.prices_in(period):
            if price.billing_model == "PER_UNIT":
                yield from ((period, count) for count in quantities(price))


@pytest.mark.parametrize("country", CURRENCIES)
def test_the_card_the_price_list_and_stigg_agree_to_the_minor_unit(sandbox: SandboxClient, country: str) -> None:
    catalog.renew()
    catalog.renew(country_code="JP")
    catalog.renew(country_code="DE")
    paywall = catalog.current(country_code=country).paywall
    assert paywall.currency == CURRENCIES[country]
    buyer = customers.provision(person("ada").customer.pk)
    compared = 0
    for plan in paywall.plans:
        for period, count in cases(plan):
            choice = SubscriptionChoice(
                plan.plan_id, period, unit_quantities=(("feature-units", count),), country_code=country
            )
            asked = {f"quantity-{plan.plan_id}": str(count)}
            shown = plan_cards.plan_cards(paywall, period=period, visitor=Visitor(), hidden=frozenset(), asked=asked)
            (card,) = [card for card in shown if card.plan_id == plan.plan_id]
            listed = sum((charge.amount for charge in charges(plan, choice)), Money(0, paywall.currency))
            preview = stigg.current().preview_subscription(customer_id=buyer.stigg_id, choice=choice)
            assert card.price.charged == listed == preview.subtotal, (plan.plan_id, period, count)
            compared += 1
    assert compared > 40
