"""Puts the catalogue in place: read from its file, and every package, price and coupon made at Stripe.

Source for the mapping: https://docs.stigg.io/documentation/native-integrations/billing/stripe/overview
"""

from decimal import Decimal

from sandbox.catalog.loader import DEFAULT, load
from sandbox.catalog.model import Addon, Coupon, Package, Plan, Price
from sandbox.stigg.side import Side

INTERVALS = {"MONTHLY": "month", "ANNUALLY": "year"}


async def seed(side: Side) -> None:
    """Reads the file anew, so that a reset shows what was edited meanwhile."""
    catalog = load(side.world.settings.catalog or DEFAULT)
    side.state.catalog = catalog
    packages: list[Plan | Addon] = [*catalog.plans.values(), *catalog.addons.values()]
    for package in packages:
        if package.pricing_type == "PAID":
            await _package(side, package)
    for coupon in catalog.coupons.values():
        if coupon.status == "ACTIVE":
            currencies: list[str | None] = [*coupon.amounts_off] or [None]
            for currency in currencies:
                await make_coupon(side, coupon, currency)


async def make_coupon(side: Side, coupon: Coupon, currency: str | None = None) -> str:
    """Stripe's id of the coupon: one for a percentage, for amounts one per currency (the first by default)."""
    duration = "once" if coupon.once else "repeating" if coupon.duration_months else "forever"
    params: dict[str, object] = {
        "id": coupon.ref_id,
        "name": coupon.name,
        "duration": duration,
        "duration_in_months": coupon.duration_months,
        "percent_off": coupon.percent_off,
        "metadata": {"stigg_coupon_id": coupon.ref_id},
    }
    if coupon.amounts_off:
        first = next(iter(coupon.amounts_off))
        code = currency or first
        params |= {"currency": code.lower(), "amount_off": coupon.amounts_off[code]}
        if code != first:
            params["id"] = f"{coupon.ref_id}-{code}"
    made = await side.stripe.post("/v1/coupons", params)
    billing_id = str(made["id"])
    side.state.stripe_coupons[(coupon.ref_id, currency if coupon.amounts_off else None)] = billing_id
    return billing_id


async def _package(side: Side, package: Package) -> None:
    product = await side.stripe.post(
        "/v1/products",
        {
            "name": package.display_name,
            "description": package.description,
            "metadata": {"stigg_package_id": package.ref_id},
        },
    )
    side.state.stripe_products[package.ref_id] = product["id"]
    for price in package.prices:
        made = await side.stripe.post("/v1/prices", _price(package, price, product["id"]))
        side.state.stripe_prices[(package.ref_id, price.key)] = made["id"]


def _price(package: Package, price: Price, product_id: str) -> dict[str, object]:
    params: dict[str, object] = {
        "product": product_id,
        "currency": price.currency.lower(),
        "nickname": f"{package.display_name} {price.key}",
        "recurring": {"interval": INTERVALS[price.billing_period]}
        | ({"usage_type": "metered"} if price.billing_model == "USAGE_BASED" else {}),
        "metadata": {"stigg_package_id": package.ref_id},
    }
    if price.tiers:
        params |= {
            "billing_scheme": "tiered",
            "tiers_mode": (price.tiers_mode or "").lower(),
            "tiers": [
                {
                    "up_to": tier.up_to or "inf",
                    "unit_amount_decimal": f"{Decimal(tier.unit_amount):f}",
                    "flat_amount": tier.flat_amount or None,
                }
                for tier in price.tiers
            ],
        }
    else:
        # Of one block, where units come in blocks: then Stripe's quantity counts blocks.
        params["unit_amount_decimal"] = f"{Decimal(price.amount or 0):f}"
    return params
