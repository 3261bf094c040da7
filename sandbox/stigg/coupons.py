"""Which discount an order carries: a coupon of the catalogue, an ad-hoc one, or the customer's own."""

from typing import Any
from uuid import uuid4

from sandbox.catalog.model import Catalog, Coupon
from sandbox.catalog.money import to_minor
from sandbox.stigg.errors import StiggError, unsupported
from sandbox.stigg.state import Customer

Given = dict[str, Any]


def read(catalog: Catalog, customer: Customer, given: Given) -> Coupon | None:
    """Raises for a coupon that is not there or not to be had any more."""
    applied = given.get("appliedCoupon") or {}
    unsupported(applied, ("configuration",))
    code = applied.get("promotionCode") or given.get("promotionCode")
    ref_id = applied.get("couponId") or (given.get("billingInformation") or {}).get("couponId")
    if applied.get("discount"):
        return _ad_hoc(applied["discount"])
    if code:
        return _by_code(catalog, code)
    # Catalogue coupons carry their own id at Stripe, too.
    ref_id = ref_id or applied.get("billingCouponId") or customer.coupon_ref_id
    return None if ref_id is None else find(catalog, ref_id)


def find(catalog: Catalog, ref_id: str) -> Coupon:
    coupon = catalog.coupons.get(ref_id)
    if coupon is None:
        raise StiggError("CouponNotFound", "Coupon not found", couponId=ref_id)
    if coupon.status == "ARCHIVED":
        raise StiggError("ArchivedCouponCantBeApplied", "An archived coupon cannot be applied")
    return coupon


def _by_code(catalog: Catalog, code: str) -> Coupon:
    for coupon in catalog.coupons.values():
        if code.upper() in {known.upper() for known in coupon.promotion_codes}:
            if coupon.status == "ARCHIVED":
                raise StiggError("PromotionCodeNotActive", "Promotion code is not active")
            return coupon
    raise StiggError("PromotionCodeNotFound", "Promotion code not found")


def _ad_hoc(given: Given) -> Coupon:
    amounts = {
        money.get("currency") or "USD": to_minor(money["amount"], money.get("currency") or "USD")
        for money in given.get("amountsOff") or []
    }
    percent = given.get("percentOff")
    if (percent is None) == (not amounts):
        raise StiggError("InvalidArgumentError", "A discount takes either percentOff or amountsOff")
    months = given.get("durationInMonths")
    return Coupon(
        ref_id=f"coupon-adhoc-{uuid4().hex[:6]}",
        name=given.get("name") or "Discount",
        description=given.get("description"),
        percent_off=percent,
        amounts_off=amounts,
        duration_months=None if months is None else int(months),
    )
