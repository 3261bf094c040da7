"""Reads a catalogue file into the values of `model`, and refuses what could not be sold.

A refusal names the file, the line and the key. What the words mean is explained in default.yaml itself.
"""

from collections.abc import Collection, Iterable
from pathlib import Path

from sandbox.catalog.model import (
    Addon,
    Behaviour,
    Catalog,
    Coupon,
    Credit,
    Feature,
    Plan,
    Product,
    Trial,
)
from sandbox.catalog.money import to_minor
from sandbox.catalog.nodes import CatalogError, Section, read
from sandbox.catalog.offers import CURRENCY_PATTERN, credit_grants, grants, prices

DEFAULT = Path(__file__).with_name("default.yaml")

PRICING_TYPES = {"free": "FREE", "paid": "PAID", "custom": "CUSTOM"}
FEATURE_TYPES = {"boolean": "BOOLEAN", "number": "NUMBER", "enum": "ENUM"}
METERS = {"none": "None", "fluctuating": "Fluctuating", "incremental": "Incremental"}
TIMES = {"immediate": "IMMEDIATE", "end_of_billing_period": "END_OF_BILLING_PERIOD"}
STARTS = {"plan_selection": "PLAN_SELECTION", "free_plan": "FREE_PLAN", "trial_period": "TRIAL_PERIOD"}
ENDS = {"cancel_subscription": "CANCEL_SUBSCRIPTION", "downgrade_to_free": "DOWNGRADE_TO_FREE"}
TRIAL_UNITS = {"day": "DAY", "month": "MONTH"}
TRIAL_ENDS = {"convert_to_paid": "CONVERT_TO_PAID", "cancel_subscription": "CANCEL_SUBSCRIPTION"}
WIDGETS = {"paywall": "PAYWALL", "checkout": "CHECKOUT", "customer_portal": "CUSTOMER_PORTAL"}


def load(path: Path = DEFAULT) -> Catalog:
    """Raises CatalogError, whose message is fit to be shown to whoever edits the file."""
    root = read(path)
    currency = root.text("currency", "USD")
    if not CURRENCY_PATTERN.match(currency):
        raise root.fail("currency", "must be an ISO code in capitals, such as USD")
    catalog = Catalog(
        currency=currency,
        products={ref: _product(ref, s) for ref, s in root.sections("products")},
        plans={ref: _plan(ref, s, order, currency) for order, (ref, s) in enumerate(root.sections("plans"))},
        addons={ref: _addon(ref, s, currency) for ref, s in root.sections("addons")},
        features={ref: _feature(ref, s) for ref, s in root.sections("features")},
        coupons={ref: _coupon(ref, s) for ref, s in root.sections("coupons")},
        behaviour=_behaviour(root.section("behaviour")),
        paywall=root.free("paywall"),
        credits={ref: _credit(ref, s) for ref, s in root.sections("credits")},
    )
    root.finish()
    _check_references(catalog, root)
    return catalog


def _product(ref_id: str, section: Section) -> Product:
    product = Product(
        ref_id=ref_id,
        display_name=section.text("name"),
        description=section.optional_text("description"),
        downgrade_time=section.choice("downgrade", TIMES, "immediate"),
        cancellation_time=section.choice("cancellation", TIMES, "end_of_billing_period"),
        start_setup=section.choice("start", STARTS, "plan_selection"),
        start_plan_id=section.optional_text("start_plan"),
        end_setup=section.choice("end", ENDS, "cancel_subscription"),
        downgrade_plan_id=section.optional_text("downgrade_plan"),
        metadata=section.free("metadata"),
    )
    section.finish()
    return product


def _plan(ref_id: str, section: Section, order: int, currency: str) -> Plan:
    plan = Plan(
        ref_id=ref_id,
        order=order,
        product_id=section.text("product"),
        display_name=section.text("name"),
        description=section.optional_text("description"),
        pricing_type=section.choice("pricing", PRICING_TYPES),
        base_plan_id=section.optional_text("base_plan"),
        prices=prices(section, currency),
        grants=grants(section),
        credits=credit_grants(section),
        addon_ids=section.words("addons"),
        trial=_trial(section),
        hidden_from=_widgets(section),
        metadata=section.free("metadata"),
    )
    section.finish()
    if plan.pricing_type != "PAID" and plan.prices:
        raise section.fail("prices", "only a paid plan has prices")
    return plan


def _trial(section: Section) -> Trial | None:
    trial = section.section("trial")
    if not trial:
        return None
    enabled = trial.flag("enabled", True)
    duration = trial.whole("duration")
    if not duration:
        raise trial.fail("duration", "must be at least 1")
    found = Trial(
        duration=duration,
        units=trial.choice("units", TRIAL_UNITS, "day"),
        end_behavior=trial.choice("at_end", TRIAL_ENDS, "convert_to_paid"),
    )
    trial.finish()
    return found if enabled else None


def _addon(ref_id: str, section: Section, currency: str) -> Addon:
    addon = Addon(
        ref_id=ref_id,
        display_name=section.text("name"),
        description=section.optional_text("description"),
        pricing_type=section.choice("pricing", PRICING_TYPES, "paid"),
        prices=prices(section, currency),
        grants=grants(section, behavior="increment"),
        credits=credit_grants(section, behavior="increment"),
        max_quantity=section.whole("max_quantity"),
        dependencies=section.words("requires"),
        hidden_from=_widgets(section),
        metadata=section.free("metadata"),
    )
    section.finish()
    return addon


def _widgets(section: Section) -> tuple[str, ...]:
    words = section.words("hidden_from")
    for word in words:
        if word not in WIDGETS:
            raise section.fail("hidden_from", f"{word!r} is not one of {', '.join(WIDGETS)}")
    return tuple(WIDGETS[word] for word in words)


def _feature(ref_id: str, section: Section) -> Feature:
    feature = Feature(
        ref_id=ref_id,
        display_name=section.text("name"),
        description=section.optional_text("description"),
        feature_type=section.choice("type", FEATURE_TYPES),
        meter_type=section.choice("meter", METERS, "none"),
        unit=section.optional_text("unit"),
        units=section.optional_text("units"),
        enum_values=section.words("values"),
        event_name=section.optional_text("event"),
        credit_id=section.optional_text("credit"),
        credit_rate=float(section.number("credit_rate") or 1),
        metadata=section.free("metadata"),
    )
    section.finish()
    return feature


def _credit(ref_id: str, section: Section) -> Credit:
    credit = Credit(
        ref_id=ref_id,
        display_name=section.text("name"),
        description=section.optional_text("description"),
        unit=section.optional_text("unit"),
        units=section.optional_text("units"),
        symbol=section.optional_text("symbol"),
    )
    section.finish()
    return credit


def _coupon(ref_id: str, section: Section) -> Coupon:
    percent = section.number("percent_off")
    amounts = section.section("amounts_off")
    if (percent is None) == (not amounts):
        raise section.fail("percent_off", "a coupon takes either percent_off or amounts_off")
    if percent is not None and not 0 < percent <= 100:
        raise section.fail("percent_off", "must be above 0 and at most 100")
    coupon = Coupon(
        ref_id=ref_id,
        name=section.text("name"),
        description=section.optional_text("description"),
        percent_off=None if percent is None else float(percent),
        amounts_off={code: to_minor(amounts.number(code) or 0, code) for code in amounts},
        duration_months=section.whole("months"),
        once=section.flag("once"),
        status="ARCHIVED" if section.flag("archived") else "ACTIVE",
        promotion_codes=section.words("promotion_codes"),
        metadata=section.free("metadata"),
    )
    section.finish()
    return coupon


def _behaviour(section: Section) -> Behaviour:
    found = Behaviour(
        duplicate_customer=_one_of(section, "duplicate_customer", "refuse", "update"),
        unknown_customer=_one_of(section, "unknown_customer", "null", "error"),
        pending_is_active=section.flag("pending_is_active"),
        trial_conversion=_one_of(section, "trial_conversion", "immediate", "at_trial_end"),
        tax_name=section.text("tax_name", "Tax"),
        tax_percentage=float(section.number("tax_percentage") or 0),
        tax_included=section.flag("tax_included"),
        rate_limits=section.flag("rate_limits"),
        planned_end=_one_of(section, "planned_end", "active", "canceled"),
        error_codes=_one_of(section, "error_codes", "CustomerNotFound", "CUSTOMER_NOT_FOUND"),
        trial_events=_one_of(section, "trial_events", "subscription.trial_started", "trial.started"),
        promotional_events=_one_of(
            section, "promotional_events", "promotionalEntitlement.granted", "promotional_entitlement.granted"
        ),
    )
    section.finish()
    return found


def _one_of(section: Section, key: str, usual: str, other: str) -> str:
    return section.choice(key, {usual: usual, other: other}, usual)


def _check_references(catalog: Catalog, root: Section) -> None:
    """Every id that one entry says about another must exist, or a sale would fail much later."""
    for ref_id, plan in catalog.plans.items():
        section = root.section("plans").section(ref_id)
        _known(section, "product", [plan.product_id], catalog.products)
        _known(section, "base_plan", [plan.base_plan_id] if plan.base_plan_id else [], catalog.plans)
        _known(section, "addons", plan.addon_ids, catalog.addons)
        _known(section, "entitlements", [g.feature_id for g in plan.grants], catalog.features)
        _known(section, "prices", [p.feature_id for p in plan.prices if p.feature_id], catalog.features)
        if plan.base_plan_id is not None and catalog.plans[plan.base_plan_id].order >= plan.order:
            raise section.fail("base_plan", "must stand above the plan that builds on it")
        _known(section, "credits", [g.credit_id for g in plan.credits], catalog.credits)
    for ref_id, feature in catalog.features.items():
        section = root.section("features").section(ref_id)
        _known(section, "credit", [feature.credit_id] if feature.credit_id else [], catalog.credits)
    for ref_id, addon in catalog.addons.items():
        section = root.section("addons").section(ref_id)
        _known(section, "credits", [g.credit_id for g in addon.credits], catalog.credits)
        _known(section, "requires", addon.dependencies, catalog.addons)
        _known(section, "entitlements", [g.feature_id for g in addon.grants], catalog.features)
    for ref_id, product in catalog.products.items():
        section = root.section("products").section(ref_id)
        downgrade, start = product.downgrade_plan_id, product.start_plan_id
        _known(section, "downgrade_plan", [downgrade] if downgrade else [], catalog.plans)
        _known(section, "start_plan", [start] if start else [], catalog.plans)


def _known(section: Section, key: str, names: Iterable[str], there: Collection[str]) -> None:
    for name in names:
        if name not in there:
            raise section.fail(key, f"there is no {name!r} in this catalogue")


__all__ = ["DEFAULT", "CatalogError", "load"]
