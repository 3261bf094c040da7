"""The two lists that plans and add-ons share: what they cost and what they grant."""

import re
from decimal import Decimal

from sandbox.catalog.model import CreditGrant, Grant, Price, Tier
from sandbox.catalog.money import to_exact_minor, to_minor
from sandbox.catalog.nodes import Section

CURRENCY_PATTERN = re.compile(r"^[A-Z]{3}$")
PERIODS = {"monthly": "MONTHLY", "annually": "ANNUALLY"}
MODELS = {"flat_fee": "FLAT_FEE", "per_unit": "PER_UNIT", "usage_based": "USAGE_BASED"}
TIERS_MODES = {"graduated": "GRADUATED", "volume": "VOLUME"}
RESETS = {"hour": "HOUR", "day": "DAY", "week": "WEEK", "month": "MONTH", "year": "YEAR"}
CADENCES = {"month": "MONTH", "year": "YEAR"}
BEHAVIORS = {"increment": "Increment", "override": "Override"}


def prices(section: Section, currency: str) -> tuple[Price, ...]:
    return tuple(price for entry in section.listed("prices") for price in _prices_of(entry, currency))


def grants(section: Section, behavior: str = "override") -> tuple[Grant, ...]:
    """`feature: true` grants it, `feature: 5` limits it, `feature: unlimited`; or a mapping with details."""
    parent = section.section("entitlements")
    return tuple(_grant(parent, feature_id, behavior) for feature_id in parent)


def credit_grants(section: Section, behavior: str = "override") -> tuple[CreditGrant, ...]:
    return tuple(_credit_grant(credit_id, entry, behavior) for credit_id, entry in section.sections("credits"))


def _credit_grant(credit_id: str, entry: Section, behavior: str) -> CreditGrant:
    amount = entry.number("amount")
    if amount is None or amount <= 0:
        raise entry.fail("amount", "must be above 0")
    grant = CreditGrant(
        credit_id,
        amount=float(amount),
        cadence=entry.choice("per", CADENCES, "month"),
        soft_limit=entry.flag("soft_limit"),
        behavior=BEHAVIORS[behavior],
    )
    entry.finish()
    return grant


def _prices_of(entry: Section, currency: str) -> list[Price]:
    """One price, or the same one for each of `countries`."""
    countries = entry.words("countries")
    if countries and "country" in entry:
        raise entry.fail("countries", "a price takes either country or countries")
    return [_price(entry, currency, country) for country in countries or [entry.optional_text("country")]]


def _price(entry: Section, default_currency: str, country: str | None) -> Price:
    currency = entry.text("currency", default_currency)
    if not CURRENCY_PATTERN.match(currency):
        raise entry.fail("currency", "must be an ISO code in capitals, such as USD")
    model = entry.choice("model", MODELS, "flat_fee")
    period = entry.choice("period", PERIODS)
    feature_id = entry.optional_text("feature")
    tiers = tuple(_tier(tier, currency) for tier in entry.listed("tiers"))
    price = Price(
        key="-".join(part for part in (model, feature_id, period, country) if part).lower().replace("_", "-"),
        billing_model=model,
        billing_period=period,
        currency=currency,
        amount=(_amount if model == "FLAT_FEE" else _unit_amount)(entry, "amount", currency),
        feature_id=feature_id,
        tiers_mode=entry.choice("tiers_mode", TIERS_MODES) if tiers else None,
        tiers=tiers,
        min_quantity=entry.whole("min"),
        max_quantity=entry.whole("max"),
        block_size=entry.whole("block"),
        country=country,
    )
    entry.finish()
    _check_price(price, entry)
    return price


def _check_price(price: Price, entry: Section) -> None:
    if (price.amount is None) == (not price.tiers):
        raise entry.fail("amount", "a price takes either an amount or tiers")
    if price.billing_model != "FLAT_FEE" and price.feature_id is None:
        raise entry.fail("feature", "a price per unit says which feature it counts")
    if price.billing_model == "USAGE_BASED" and (price.min_quantity or price.max_quantity or price.block_size):
        raise entry.fail("model", "usage is counted unit by unit, without min, max or block")
    if price.tiers and price.block_size is not None:
        raise entry.fail("block", "units of a price in tiers do not come in blocks")
    if price.tiers and [t.up_to for t in price.tiers if t.up_to is None] != [None]:
        raise entry.fail("tiers", "exactly the last tier has no up_to")
    bounds = [tier.up_to for tier in price.tiers[:-1] if tier.up_to is not None]
    if len(bounds) != len(price.tiers[:-1]) or bounds != sorted(set(bounds)):
        raise entry.fail("tiers", "must rise from one up_to to the next, the last without")


def _tier(entry: Section, currency: str) -> Tier:
    tier = Tier(
        up_to=entry.whole("up_to"),
        unit_amount=_unit_amount(entry, "unit", currency) or 0,
        flat_amount=_amount(entry, "flat", currency) or 0,
    )
    entry.finish()
    return tier


def _unit_amount(entry: Section, key: str, currency: str) -> int | Decimal | None:
    number = entry.number(key)
    if number is None:
        return None
    minor = to_exact_minor(number, currency)
    if minor < 0:
        raise entry.fail(key, "must not be negative")
    return minor


def _amount(entry: Section, key: str, currency: str) -> int | None:
    number = entry.number(key)
    if number is None:
        return None
    try:
        minor = to_minor(number, currency)
    except ValueError as error:
        raise entry.fail(key, str(error)) from error
    if minor < 0:
        raise entry.fail(key, "must not be negative")
    return minor


def _grant(parent: Section, feature_id: str, behavior: str) -> Grant:
    value = parent[feature_id]
    parent.known.add(feature_id)
    wire = BEHAVIORS[behavior]
    if value is True:
        return Grant(feature_id, behavior=wire)
    if value == "unlimited":
        return Grant(feature_id, unlimited=True, behavior=wire)
    if isinstance(value, (int, float, Decimal)) and not isinstance(value, bool):
        return Grant(feature_id, usage_limit=float(value), behavior=wire)
    if not isinstance(value, Section):
        raise parent.fail(feature_id, "must be true, a number, unlimited, or details")
    return _detailed_grant(value, feature_id, behavior)


def _detailed_grant(entry: Section, feature_id: str, behavior: str) -> Grant:
    limit = entry.number("limit")
    grant = Grant(
        feature_id,
        usage_limit=None if limit is None else float(limit),
        unlimited=entry.flag("unlimited"),
        soft_limit=entry.flag("soft_limit"),
        custom=entry.flag("custom"),
        reset_period=entry.choice("resets", RESETS) if "resets" in entry else None,
        enum_values=entry.words("values"),
        behavior=entry.choice("behavior", BEHAVIORS, behavior),
        display_name=entry.optional_text("label"),
        description=entry.optional_text("description"),
        hidden_from=("PAYWALL",) if entry.flag("hidden") else (),
    )
    entry.finish()
    return grant
