"""The reader of catalogues: what it takes, and how it says what is wrong."""

import pytest

from sandbox.catalog.loader import load
from sandbox.catalog.nodes import CatalogError
from sandbox.settings import SettingsError

SMALL = """\
currency: EUR
products:
  product-a: {name: A}
features:
  feature-seats: {name: Seats, type: number, meter: fluctuating}
plans:
  plan-a:
    product: product-a
    name: A
    pricing: paid
    prices:
      - {period: monthly, amount: 9.5}
    entitlements:
      feature-seats: 5
"""


@pytest.fixture
def read(tmp_path):
    def read(text):
        path = tmp_path / "catalog.yaml"
        path.write_text(text)
        return load(path)

    return read


def test_a_small_catalogue(read):
    catalog = read(SMALL)
    plan = catalog.plans["plan-a"]
    assert (plan.prices[0].amount, plan.prices[0].currency) == (950, "EUR")
    assert plan.grants[0].usage_limit == 5


def test_the_one_that_comes_along():
    catalog = load()
    assert list(catalog.plans) == ["plan-free", "plan-starter", "plan-pro", "plan-business", "plan-enterprise"]
    assert [plan for plan, it in catalog.plans.items() if it.trial] == ["plan-business"]
    assert {price.tiers_mode for price in catalog.plans["plan-business"].prices} == {"GRADUATED", "VOLUME"}
    assert catalog.addons["addon-guests"].dependencies == ("addon-extra-seats",)
    assert {feature.feature_type for feature in catalog.features.values()} == {"BOOLEAN", "NUMBER", "ENUM"}
    assert {feature.meter_type for feature in catalog.features.values()} == {"None", "Fluctuating", "Incremental"}
    assert (list(catalog.credits), list(catalog.coupons)) == (["credit-ai"], ["WELCOME20", "SPRING"])


def test_whatever_is_sold_is_sold_in_every_currency():
    catalog = load()
    sold = [item for item in (*catalog.plans.values(), *catalog.addons.values()) if item.prices]
    assert {price.currency for item in sold for price in item.prices} == {"USD", "EUR", "JPY"}
    for item in sold:
        charges = {price.key.removesuffix(f"-{price.country}".lower()) for price in item.prices}
        for country in ("DE", "FR", "JP"):
            assert {f"{charge}-{country}".lower() for charge in charges} <= {price.key for price in item.prices}


def test_one_price_for_several_countries(read):
    catalog = read(SMALL.replace("amount: 9.5", "amount: 9.5, countries: [AT, FR]"))
    assert [(price.country, price.amount) for price in catalog.plans["plan-a"].prices] == [("AT", 950), ("FR", 950)]


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("amount: 9.5", "amount: nine", "line 12: amount: must be a number"),
        ("amount: 9.5", "amount: 9.555", "line 12: amount: 9.555 has more decimals"),
        ("amount: 9.5", "amuont: 9.5", "line 12: amuont: is not a key"),
        ("period: monthly", "period: weekly", "line 12: period: 'weekly' is not one of"),
        ("amount: 9.5", "amount: 9.5, country: DE, countries: [AT]", "line 12: countries: a price takes either"),
        (
            "amount: 9.5",
            "tiers_mode: volume, block: 10, tiers: [{unit: 1}]",
            "line 12: block: units of a price in tiers",
        ),
        (
            "    entitlements:",
            "    credits: {credit-a: {amount: 5}}\n    entitlements:",
            "credits: there is no 'credit-a'",
        ),
        ("product: product-a", "product: product-b", "line 8: product: there is no 'product-b'"),
        ("feature-seats: 5", "feature-beds: 5", "line 13: entitlements: there is no 'feature-beds'"),
        ("    name: A\n", "", "line 8: name: is missing"),
        ("pricing: paid", "pricing: free", "line 11: prices: only a paid plan"),
        ("currency: EUR", "currency: euro", "line 1: currency: must be an ISO code"),
        ("plans:", "plans: [", "line"),
    ],
)
def test_a_mistake_is_named_with_its_line(read, old, new, said):
    assert old in SMALL
    with pytest.raises(CatalogError, match=r"catalog\.yaml, line") as refused:
        read(SMALL.replace(old, new))
    assert said in str(refused.value)


def test_a_file_that_is_not_there(tmp_path):
    with pytest.raises(SettingsError, match="No such file"):
        load(tmp_path / "nowhere.yaml")
