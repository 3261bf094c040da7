"""Customers: provisioned, updated, archived, linked to Stripe, and given a default payment method."""

from datetime import datetime
from typing import Any
from uuid import uuid4

from sandbox.stigg import coupons, webhooks
from sandbox.stigg.errors import StiggError
from sandbox.stigg.side import Side
from sandbox.stigg.state import Customer, PaymentMethod
from sandbox.stigg.stripe_link import Obj, StripeRefusal

Given = dict[str, Any]


async def provision(side: Side, given: Given) -> Customer:
    """An id that exists is refused, or updated when the catalogue's `behaviour` says so."""
    ref_id = given.get("customerId") or given.get("refId") or f"customer-{uuid4().hex[:6]}"
    known = side.state.customers.get(ref_id)
    if known is not None:
        if side.state.catalog.behaviour.duplicate_customer == "update":
            return await update(side, {**given, "customerId": ref_id})
        raise StiggError("DuplicatedEntityNotAllowed", "Customer already exists", customerId=ref_id)
    now = side.now()
    customer = Customer(id=str(uuid4()), ref_id=ref_id, created_at=given.get("createdAt") or now, updated_at=now)
    _set_fields(side, customer, given)
    side.state.customers[ref_id] = customer
    async with customer.lock:
        if given.get("shouldSyncFree") or given.get("billingInformation") is not None:
            await _first_sync(side, customer, given.get("billingInformation") or {})
    webhooks.customer_created(side.world, customer)
    return customer


async def update(side: Side, given: Given) -> Customer:
    customer = side.living_customer(_ref_id(given))
    async with customer.lock:
        _set_fields(side, customer, given)
        billing = given.get("billingInformation")
        if customer.billing_id is not None or billing is not None:
            await _sync(side, customer, billing or {})
        customer.updated_at = side.now()
    webhooks.customer_updated(side.world, customer)
    return customer


async def detach_payment_method(side: Side, given: Given) -> Customer:
    customer = side.living_customer(given["customerId"])
    async with customer.lock:
        card = customer.payment_method
        if card is None:
            raise StiggError("PaymentMethodNotFoundError", "Customer has no payment method")
        await _stripe(side.stripe.post(f"/v1/payment_methods/{card.id}/detach"))
        customer.payment_method = None
        customer.updated_at = side.now()
    webhooks.payment_method_detached(side.world, customer, card)
    return customer


async def ensure_billing_id(side: Side, customer: Customer) -> str:
    """Makes the customer at Stripe if there is none yet. The caller holds the customer's lock."""
    _require_at_stripe(customer)
    if customer.billing_id is None:
        await _sync(side, customer, {})
    if customer.billing_id is None:
        raise RuntimeError("Stripe's side made no customer")
    return customer.billing_id


async def set_payment_method(side: Side, customer: Customer, payment_method_id: str) -> None:
    """Attached if need be, and the default from now on. The caller holds the customer's lock."""
    billing_id = await ensure_billing_id(side, customer)
    card = await _stripe(side.stripe.get(f"/v1/payment_methods/{payment_method_id}"))
    if card.get("customer") != billing_id:
        attach = f"/v1/payment_methods/{payment_method_id}/attach"
        card = await _stripe(side.stripe.post(attach, {"customer": billing_id}))
    await _stripe(
        side.stripe.post(
            f"/v1/customers/{billing_id}",
            {"invoice_settings": {"default_payment_method": payment_method_id}},
        )
    )
    customer.payment_method = summary(card)


async def set_billing_address(side: Side, customer: Customer, given: Given) -> None:
    """In the shape that a subscription's billing information has it; forwarded, not kept."""
    address = {
        "line1": given.get("line1"),
        "line2": given.get("line2"),
        "city": given.get("city"),
        "state": given.get("state"),
        "postal_code": given.get("postalCode"),
        "country": given.get("country"),
    }
    await _stripe(side.stripe.post(f"/v1/customers/{customer.billing_id}", {"address": address}))


def keep_tax_ids(customer: Customer, given: list[Given] | None) -> None:
    """Shown in the console only: Stripe's side of this sandbox has no tax ids to forward them to."""
    if given is None:
        return
    for tax_id in given:
        if not tax_id["type"].strip() or not tax_id["value"].strip():
            raise StiggError("InvalidTaxId", "A tax id needs a type and a value")
    customer.tax_ids = [(tax_id["type"], tax_id["value"]) for tax_id in given]


async def refresh_payment_method(side: Side, customer: Customer) -> bool:
    """Reads the default card from Stripe; whether it differs from what was known."""
    found = await side.stripe.get(f"/v1/customers/{customer.billing_id}")
    if found.get("deleted"):
        return False
    default = (found.get("invoice_settings") or {}).get("default_payment_method")
    before = customer.payment_method
    card = await side.stripe.get(f"/v1/payment_methods/{default}") if default else None
    customer.payment_method = summary(card) if card else None
    return customer.payment_method != before


def summary(payment_method: Obj) -> PaymentMethod:
    card = payment_method.get("card") or {}
    wallet = card.get("wallet") or {}
    return PaymentMethod(
        id=payment_method["id"],
        kind="CARD" if payment_method.get("type") == "card" else "BANK",
        brand=card.get("brand"),
        last4=card.get("last4"),
        exp_month=card.get("exp_month"),
        exp_year=card.get("exp_year"),
        wallet=wallet.get("type"),
    )


def archive(side: Side, customer: Customer, now: datetime) -> None:
    customer.archived_at = now
    customer.updated_at = now
    webhooks.customer_deleted(side.world, customer)


def unarchive(side: Side, customer: Customer) -> Customer:
    customer.archived_at = None
    customer.updated_at = side.now()
    webhooks.customer_updated(side.world, customer)
    return customer


def _ref_id(given: Given) -> str:
    ref_id: str | None = given.get("customerId") or given.get("refId")
    if ref_id is None:
        raise StiggError("BadUserInput", "customerId is missing")
    return ref_id


def _set_fields(side: Side, customer: Customer, given: Given) -> None:
    """What is absent stays as it was."""
    names = {
        "name": "name",
        "email": "email",
        "crmId": "crm_id",
        "salesforceId": "salesforce_id",
        "awsMarketplaceCustomerId": "aws_customer_id",
        "billingId": "billing_id",
        "excludeFromExperiment": "exclude_from_experiment",
    }
    for wire_name, name in names.items():
        if wire_name in given:
            setattr(customer, name, given[wire_name])
    if given.get("additionalMetaData") is not None:
        customer.metadata = dict(given["additionalMetaData"])
    if "couponRefId" in given:
        ref_id = given["couponRefId"]
        customer.coupon_ref_id = coupons.find(side.state.catalog, ref_id).ref_id if ref_id else None


async def _first_sync(side: Side, customer: Customer, billing: Given) -> None:
    """A customer whom Stripe refuses has not come about."""
    try:
        await _sync(side, customer, billing)
    except Exception:
        side.state.customers.pop(customer.ref_id, None)
        raise


async def _sync(side: Side, customer: Customer, billing: Given) -> None:
    _require_at_stripe(customer)
    keep_tax_ids(customer, billing.get("taxIds"))
    params = _stripe_params(customer, billing)
    if customer.billing_id is None:
        made = await _stripe(side.stripe.post("/v1/customers", params))
        customer.billing_id = made["id"]
    else:
        await _stripe(side.stripe.post(f"/v1/customers/{customer.billing_id}", params))
    customer.sync_failed = False
    if billing.get("currency"):
        customer.currency = billing["currency"]
    if billing.get("paymentMethodId"):
        await set_payment_method(side, customer, billing["paymentMethodId"])


def _require_at_stripe(customer: Customer) -> None:
    if customer.billing_deleted:
        raise StiggError("StripeCustomerIsDeleted", "Customer was deleted at Stripe")


def _stripe_params(customer: Customer, billing: Given) -> Obj:
    language = billing.get("language")
    custom = billing.get("invoiceCustomFields")
    shipping = _address(billing.get("shippingAddress"))
    return {
        "name": billing.get("customerName") or customer.name,
        "email": customer.email,
        "address": _address(billing.get("billingAddress")),
        "phone": (billing.get("billingAddress") or {}).get("phoneNumber"),
        "shipping": shipping and {"name": customer.name or "", "address": shipping},
        "preferred_locales": [language] if language else None,
        "invoice_settings": custom
        and {"custom_fields": [{"name": name, "value": value} for name, value in custom.items()]},
        "metadata": {**(billing.get("metadata") or {}), "stigg_customer_id": customer.ref_id},
    }


def _address(given: Given | None) -> Obj | None:
    if given is None:
        return None
    return {
        "line1": given.get("addressLine1"),
        "line2": given.get("addressLine2"),
        "city": given.get("city"),
        "state": given.get("state"),
        "postal_code": given.get("postalCode"),
        "country": given.get("country"),
    }


async def _stripe(call: Any) -> Obj:
    """A call whose refusal the caller of Stigg has to hear of."""
    try:
        answer: Obj = await call
    except StripeRefusal as refusal:
        raise StiggError("StripeError", str(refusal), stripeCode=refusal.code) from refusal
    return answer
