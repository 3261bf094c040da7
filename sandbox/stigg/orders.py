"""Reads what a caller wants to buy: checks it against the catalogue and gives it one shape, `Order`.

Used by provision, apply, preview and the initial subscription of provisionCustomer, whose inputs are alike.
"""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sandbox.catalog.model import Catalog, Coupon, Grant, Plan
from sandbox.stigg import coupons, overrides, pricing
from sandbox.stigg.errors import StiggError, unsupported
from sandbox.stigg.state import Choice, Customer, TaxRate

Given = dict[str, Any]

NOT_KNOWN = (
    "budget",
    "cancellationDate",
    "minimumSpend",
    "priceOverrides",
    "trialEndDate",
    "billingId",
)
BILLING_NOT_KNOWN = ("chargeOnBehalfOfAccount",)


@dataclass(frozen=True)
class Order:
    plan: Plan
    choice: Choice
    lines: list[pricing.Line]
    currency: str
    coupon: Coupon | None = None
    tax_percentage: float = 0.0
    tax_rate_ids: tuple[str, ...] = ()
    tax_rates: tuple[TaxRate, ...] = ()
    """What the two above come to, once Stripe has been asked: see `taxes`."""
    ref_id: str | None = None
    resource_id: str | None = None
    metadata: dict[str, Any] = field(default_factory=dict)
    collection_method: str = "CHARGE"
    await_payment: bool = True
    start_at: datetime | None = None
    schedule_strategy: str | None = None
    restart_cycle: bool = False
    skip_trial: bool = False
    trial_override: dict[str, Any] | None = None
    tax_ids: list[dict[str, Any]] | None = None
    billing_address: dict[str, Any] | None = None
    billing_metadata: dict[str, Any] = field(default_factory=dict)
    days_until_due: int | None = None
    overrides: tuple[Grant, ...] | None = None
    payer_ref_id: str | None = None
    """Another customer, who pays."""

    @property
    def amounts(self) -> list[int]:
        """Of each line, in minor units."""
        return [line.amount for line in self.lines]

    @property
    def subtotal(self) -> int:
        return sum(self.amounts)


def read(catalog: Catalog, customer: Customer, given: Given) -> Order:
    """Raises StiggError for what cannot be sold; nothing is changed."""
    unsupported(given, NOT_KNOWN)
    plan = find_plan(catalog, given["planId"])
    choice = read_choice(catalog, plan, given)
    lines = charges(catalog, plan, choice)
    billing = given.get("billingInformation") or {}
    unsupported(billing, BILLING_NOT_KNOWN)
    if billing.get("prorationBehavior") not in {None, "INVOICE_IMMEDIATELY"}:
        raise StiggError("UnsupportedParameter", "The sandbox prorates by INVOICE_IMMEDIATELY only")
    return Order(
        plan=plan,
        choice=choice,
        lines=lines,
        currency=lines[0].price.currency if lines else catalog.currency,
        coupon=coupons.read(catalog, customer, given),
        tax_percentage=billing.get("taxPercentage") or 0.0,
        tax_rate_ids=tuple(billing.get("taxRateIds") or ()),
        ref_id=given.get("refId") or given.get("subscriptionId"),
        resource_id=given.get("resourceId"),
        metadata=given.get("additionalMetaData") or {},
        collection_method=given.get("paymentCollectionMethod") or "CHARGE",
        await_payment=given.get("awaitPaymentConfirmation") is not False,
        start_at=given.get("startDate"),
        schedule_strategy=given.get("scheduleStrategy"),
        restart_cycle=given.get("billingCycleAnchor") == "NOW",
        skip_trial=bool(given.get("skipTrial")),
        trial_override=given.get("trialOverrideConfiguration"),
        tax_ids=billing.get("taxIds"),
        billing_address=billing.get("billingAddress"),
        billing_metadata=billing.get("metadata") or {},
        overrides=overrides.read(catalog, given),
        payer_ref_id=given.get("payingCustomerId"),
        days_until_due=int(billing.get("invoiceDaysUntilDue") or 0) or None,
    )


def find_plan(catalog: Catalog, plan_id: str) -> Plan:
    plan = catalog.plans.get(plan_id)
    if plan is None:
        raise StiggError("PlanNotFound", "Plan not found", planId=plan_id)
    return plan


def read_choice(catalog: Catalog, plan: Plan, given: Given) -> Choice:
    period = given.get("billingPeriod")
    if plan.pricing_type != "PAID":
        return Choice(plan_id=plan.ref_id, addons=read_addons(catalog, plan, given.get("addons")))
    if period is None:
        raise StiggError("BillingPeriodMissingError", "Billing period is missing for a paid plan")
    country = given.get("billingCountryCode")
    return Choice(
        plan_id=plan.ref_id,
        billing_period=period,
        country=country,
        addons=read_addons(catalog, plan, given.get("addons")),
        quantities=read_quantities(plan, period, country, given),
    )


def charges(catalog: Catalog, plan: Plan, choice: Choice) -> list[pricing.Line]:
    """Every line of the choice for one period; raises PriceNotFound when the period is not sold."""
    if plan.pricing_type != "PAID" or choice.billing_period is None:
        return []
    if not pricing.offered_prices(plan, choice.billing_period, choice.country):
        raise StiggError("PriceNotFound", f"Plan has no {choice.billing_period} price")
    addons = [(catalog.addons[ref_id], count) for ref_id, count in choice.addons]
    for addon, _ in addons:
        if addon.prices and not pricing.offered_prices(addon, choice.billing_period, choice.country):
            raise StiggError("PriceNotFound", f"Add-on {addon.ref_id} has no {choice.billing_period} price")
    found = pricing.lines(
        plan,
        choice.billing_period,
        quantities=dict(choice.quantities),
        addons=addons,
        country=choice.country,
    )
    if len({line.price.currency for line in found}) > 1:
        raise StiggError("PriceNotFound", "Not everything of this order is sold in one currency")
    return found


def read_addons(catalog: Catalog, plan: Plan, given: list[Given] | None) -> tuple[tuple[str, int], ...]:
    wanted: dict[str, int] = {}
    for entry in given or []:
        ref_id, count = entry["addonId"], entry.get("quantity", 1)
        if ref_id in wanted:
            raise StiggError("DuplicateAddonProvisionedError", f"Add-on {ref_id} is listed twice")
        wanted[ref_id] = count
    for ref_id, count in wanted.items():
        _check_addon(catalog, plan, ref_id, count, wanted)
    return tuple(sorted((ref_id, count) for ref_id, count in wanted.items() if count > 0))


def read_quantities(plan: Plan, period: str, country: str | None, given: Given) -> tuple[tuple[str, int], ...]:
    """Units per feature; `unitQuantity` and `priceUnitAmount` mean the only per-unit charge."""
    offered = pricing.offered_prices(plan, period, country)
    priced = {p.feature_id: p for p in offered if p.feature_id and p.billing_model == "PER_UNIT"}
    wanted: dict[str, float] = {f["featureId"]: f["quantity"] for f in given.get("billableFeatures") or []}
    for charge in given.get("charges") or []:
        if charge["type"] != "FEATURE":
            raise StiggError("UnsupportedParameter", "The sandbox does not sell credits by charges")
        wanted[charge["id"]] = charge["quantity"]
    single = _single_quantity(given)
    if single is not None and not wanted:
        if len(priced) != 1:
            raise StiggError("InvalidQuantity", "unitQuantity needs a plan with one charge per unit")
        wanted = {next(iter(priced)): single}
    found: dict[str, int] = {}
    for feature_id, price in priced.items():
        quantity = wanted.pop(feature_id, price.min_quantity or 1)
        if quantity != int(quantity) or quantity < (price.min_quantity or 1):
            raise StiggError("InvalidQuantity", f"Quantity of {feature_id} is too small")
        if price.max_quantity is not None and quantity > price.max_quantity:
            raise StiggError("InvalidQuantity", f"Quantity of {feature_id} is too large")
        found[feature_id] = int(quantity)
    if wanted:
        raise StiggError("InvalidQuantity", f"Plan does not charge for {', '.join(wanted)}")
    return tuple(sorted(found.items()))


def _single_quantity(given: Given) -> float | None:
    for name in ("unitQuantity", "priceUnitAmount"):
        value: float | None = given.get(name)
        if value is not None and value != -1:
            return value
    return None


def _check_addon(catalog: Catalog, plan: Plan, ref_id: str, count: int, wanted: dict[str, int]) -> None:
    addon = catalog.addons.get(ref_id)
    if addon is None:
        raise StiggError("AddonsNotFound", f"Add-on {ref_id} not found")
    if ref_id not in plan.addon_ids:
        raise StiggError("IncompatibleSubscriptionAddon", f"Add-on {ref_id} does not go with {plan.ref_id}")
    if count < 0:
        raise StiggError("InvalidQuantity", f"Quantity of add-on {ref_id} is too small")
    if addon.max_quantity is not None and count > addon.max_quantity:
        raise StiggError("AddonQuantityExceedsLimitError", f"At most {addon.max_quantity} of {ref_id}")
    missing = [needed for needed in addon.dependencies if not wanted.get(needed)]
    if missing:
        raise StiggError("AddonDependencyMissingError", f"Add-on {ref_id} needs {', '.join(missing)}")
