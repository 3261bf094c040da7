"""From our values to the input objects of Stigg's mutations.

Empty values are left out: absent means "no change".

Source: https://docs.stigg.io/api-and-sdks/integration/backend/graphql
"""

from __future__ import annotations

from typing import Any

from billing.gateways.stigg.types import Address, BillingInformation, SubscriptionChoice

Input = dict[str, Any]


def with_customer_billing(fields: Input, information: BillingInformation | None) -> Input:
    """`fields` with a `CustomerBillingInfo`: whole each time, for Stigg forwards it and keeps no copy."""
    if information is None:
        return fields
    billing = _filled(
        customerName=information.customer_name,
        billingAddress=_customer_address(information.address),
        paymentMethodId=information.payment_method_id,
        language=information.language,
        metadata=information.metadata,
    )
    if information.tax_ids is not None:
        # An empty list says that there is no tax id any more; left out, the old one would stay at Stripe.
        billing["taxIds"] = _tax_ids(information)
    return fields | {"billingInformation": billing}


def with_subscription_billing(fields: Input, information: BillingInformation | None) -> Input:
    """`fields` with a `SubscriptionBillingInfo`: another type, with other names for an address."""
    if information is None:
        return fields
    billing = _filled(
        billingAddress=_subscription_address(information.address),
        taxIds=_tax_ids(information),
        metadata=information.metadata,
    )
    return fields | {"billingInformation": billing}


def choice_fields(choice: SubscriptionChoice) -> Input:
    """The fields that preview and provision share.

    `addons` is sent even when empty: it is the full list wanted, so leaving it out would keep old ones.
    """
    fields = _filled(
        planId=choice.plan_id,
        billingPeriod=choice.billing_period,
        billableFeatures=[{"featureId": name, "quantity": count} for name, count in choice.unit_quantities],
        appliedCoupon=_coupon(choice),
        billingCountryCode=choice.country_code,
        resourceId=choice.resource_id,
    )
    return fields | {"addons": [{"addonId": name, "quantity": count} for name, count in choice.addons]}


def _coupon(choice: SubscriptionChoice) -> Input:
    return _filled(couponId=choice.coupon_id, promotionCode=choice.promotion_code)


def _customer_address(address: Address | None) -> Input:
    if address is None:
        return {}
    return _filled(
        addressLine1=address.line1,
        addressLine2=address.line2,
        city=address.city,
        state=address.state,
        postalCode=address.postal_code,
        country=address.country,
    )


def _subscription_address(address: Address | None) -> Input:
    if address is None:
        return {}
    return _filled(
        line1=address.line1,
        line2=address.line2,
        city=address.city,
        state=address.state,
        postalCode=address.postal_code,
        country=address.country,
    )


def _tax_ids(information: BillingInformation) -> list[Input]:
    return [{"type": kind, "value": value} for kind, value in information.tax_ids or ()]


def _filled(**fields: Any) -> Input:
    return {name: value for name, value in fields.items() if value}
