"""Do Stigg and Stripe belong together: what Stigg says it made in Stripe must be in this Stripe account.

Neither API names the other's account, so the proof is an object of one that the other has.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import partial
from typing import Any

from billing.errors import BillingError, GatewayError, GatewayNotFound, GatewayUnauthorized
from billing.models import Customer
from billing.services.doctor.context import Context
from billing.services.doctor.finding import Finding, fault, lacks_permission, not_checked, ok, warning

NAME = "Stigg linked to Stripe"
MOST_SAMPLES = 3
OTHER_ACCOUNT_FIX = (
    "Either take STRIPE_SECRET_KEY and STRIPE_PUBLISHABLE_KEY from the account and mode that Stigg's app names under "
    "Integrations → Stripe, or link that Stigg environment to the account of these keys."
)
OTHER_ENVIRONMENT_FIX = (
    "Take STIGG_API_KEY from the environment in which this database's customers were made, or start with an empty "
    "database."
)


def check(context: Context) -> Finding:
    """By a provisioned customer if there is one, else by the price list."""
    if not context.stigg_works or not context.stripe_works:
        return not_checked(NAME, "both keys have to work first")
    if context.database_works:
        newest = Customer.objects.exclude(stripe_id=None).order_by("-provisioned_at")[:MOST_SAMPLES]
        if customers := list(newest):
            return _judge_by_customers(context, customers)
    return _judge_by_catalog(context)


def _judge_by_customers(context: Context, customers: list[Customer]) -> Finding:
    """Stigg is asked again: our copy may be of the time when the link was another one."""
    known_to_stigg = missing = 0
    for customer in customers:
        try:
            billing_id = context.stigg.fetch_customer(customer.stigg_id).billing_id
        except GatewayNotFound:
            continue
        except GatewayError as error:
            return not_checked(NAME, str(error))
        known_to_stigg += 1
        if not billing_id:
            continue
        try:
            context.stripe.fetch_default_payment_method_id(billing_id)
        except GatewayNotFound:
            missing += 1
            continue
        except BillingError as error:
            return not_checked(NAME, str(error))
        return ok(NAME, f"Stripe has {billing_id}, which Stigg made")
    if missing:
        message = f"Stigg's newest customers ({missing} tried) are not in the Stripe account of the secret key"
        return fault(NAME, message, OTHER_ACCOUNT_FIX)
    if not known_to_stigg:
        message = f"Stigg knows none of our newest customers ({len(customers)} tried)"
        return fault(NAME, message, OTHER_ENVIRONMENT_FIX)
    return fault(
        NAME,
        "Stigg has our customers, but has not given them a Stripe id",
        "Connect Stripe in Stigg's app under Integrations; customers are synced from then on.",
    )


def _judge_by_catalog(context: Context) -> Finding:
    try:
        _paywall, raw = context.stigg.fetch_paywall()
    except GatewayError as error:
        return not_checked(NAME, str(error))
    price_ids = list(dict.fromkeys(_price_ids(raw)))[:MOST_SAMPLES]
    if not price_ids:
        return warning(
            NAME,
            "not yet knowable: no customer has been provisioned, and the price list names no Stripe price",
            "Sign up once, then run this again.",
        )
    try:
        found = _first_at_stripe(context, price_ids)
    except GatewayUnauthorized as error:
        reason = "the restricted key may not read prices" if lacks_permission(error) else str(error)
        return not_checked(NAME, reason)
    except BillingError as error:
        return not_checked(NAME, str(error))
    if found:
        return ok(NAME, f"Stripe has {found}, a price of Stigg's catalog")
    message = f"the catalog's Stripe prices ({len(price_ids)} tried) are not in the account of the secret key"
    return fault(NAME, message, OTHER_ACCOUNT_FIX)


def _first_at_stripe(context: Context, price_ids: Iterable[str]) -> str:
    """The first of the prices that this account has, or nothing."""
    connection = context.stripe_connection
    for price_id in price_ids:
        try:
            connection.call("fetch_price", partial(connection.v1.prices.retrieve, price_id))
        except GatewayNotFound:
            continue
        return price_id
    return ""


def _price_ids(node: Any) -> Iterator[str]:
    """Every `billingId` that is a Stripe price, wherever the answer keeps it."""
    if isinstance(node, dict):
        billing_id = node.get("billingId")
        if isinstance(billing_id, str) and billing_id.startswith("price_"):
            yield billing_id
        for value in node.values():
            yield from _price_ids(value)
    elif isinstance(node, list):
        for value in node:
            yield from _price_ids(value)
