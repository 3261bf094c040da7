"""Stigg's events, under every spelling that its documents and samples use.

Source: https://docs.stigg.io/documentation/native-integrations/webhooks
"""

from __future__ import annotations

import uuid
from typing import Any

from billing.errors import NotOurs
from billing.models import Customer, WebhookEvent
from billing.services import catalog, customers
from billing.services.customer_lease import GLANCE_SECONDS
from billing.webhooks.effects import Effect, ignored, works


def refresh_customer(event: WebhookEvent) -> str:
    """Read the customer, its subscriptions and entitlements again."""
    subscription_id, customer = _subscription_id(event), _customer(event)
    customers.refresh(
        customer.pk,
        cause=f"Stigg {event.event_type} {event.external_id}",
        subscription_ids=[subscription_id] if subscription_id else [],
        as_of=event.received_at,
        known=customer,
        wait_seconds=GLANCE_SECONDS,
    )
    return "customer refreshed"


def renew_catalog(event: WebhookEvent) -> str:
    """Read the price list again."""
    return "catalog renewed" if catalog.renew_unless_younger(event.received_at) else "catalog is younger"


CUSTOMER = works(refresh_customer, subject=lambda event: (event.customer_ref, _subscription_id(event)))
CATALOG = works(renew_catalog, subject=lambda event: "catalog")
NO_COUPONS = ignored("coupons are not mirrored; Stigg prices them in each preview")
NO_CREDIT_LEDGER = ignored("credit balances are read with the entitlements; the ledger is not mirrored")
NOTICE = ignored("a notice for people; nothing that we show has changed")

EVENTS: dict[str, Effect] = {
    "customer.created": CUSTOMER,
    "customer.updated": CUSTOMER,
    "customer.deleted": CUSTOMER,
    "customer.payment_failed": CUSTOMER,
    "payment_method.attached": ignored("Stripe's own event brings the card"),
    "payment_method.detached": ignored("Stripe's own event brings the card"),
    "subscription.created": CUSTOMER,
    "subscription.updated": CUSTOMER,
    "subscription.canceled": CUSTOMER,
    "subscription.create_failed": CUSTOMER,
    "subscription.expired": CUSTOMER,
    "subscription.billing_month.ends_soon": NOTICE,
    "subscription.spend_limit_exceeded": CUSTOMER,
    "subscription.trial_started": CUSTOMER,
    "trial.started": CUSTOMER,
    "subscription.trial.ends_soon": NOTICE,
    "subscription.trial_expired": CUSTOMER,
    "subscription.trial_converted": CUSTOMER,
    "trial.converted": CUSTOMER,
    "entitlements.updated": CUSTOMER,
    "entitlement.usage_exceeded": CUSTOMER,
    "entitlement_usage_exceeded": CUSTOMER,
    "entitlement.requested": NOTICE,
    "entitlement.granted": NOTICE,
    "entitlement.denied": NOTICE,
    "measurement.reported": CUSTOMER,
    "promotionalEntitlement.granted": CUSTOMER,
    "promotionalEntitlement.updated": CUSTOMER,
    "promotionalEntitlement.revoked": CUSTOMER,
    "promotionalEntitlement.expired": CUSTOMER,
    "promotionalEntitlement.ends_soon": NOTICE,
    "promotional_entitlement.granted": CUSTOMER,
    "promotional_entitlement.updated": CUSTOMER,
    "promotional_entitlement.revoked": CUSTOMER,
    "promotional_entitlement.expired": CUSTOMER,
    "promotional_entitlement.ends_soon": NOTICE,
    "plan.created": CATALOG,
    "plan.updated": CATALOG,
    "plan.deleted": CATALOG,
    "addon.created": CATALOG,
    "addon.updated": CATALOG,
    "addon.deleted": CATALOG,
    "feature.created": CATALOG,
    "feature.updated": CATALOG,
    "feature.deleted": CATALOG,
    "coupon.created": NO_COUPONS,
    "coupon.updated": NO_COUPONS,
    "coupon.archived": NO_COUPONS,
    "credits.granted": CUSTOMER,
    "credits.grant.updated": CUSTOMER,
    "credits.grant.usage_low": NOTICE,
    "credits.grant.depleted": CUSTOMER,
    "credits.expired": CUSTOMER,
    "credits.balance.usage_low": NOTICE,
    "credits.balance.depleted": CUSTOMER,
    "credits.automatic_recharge_limit_exceeded": NOTICE,
    "credit.grant.created": CUSTOMER,
    "credit.grant.updated": CUSTOMER,
    "credit.grant.depleted": CUSTOMER,
    "credit.grant.expired": CUSTOMER,
    "credit.grant.balance_low": NOTICE,
    "credit.balance.low": NOTICE,
    "credit_balance.low": NOTICE,
    "credit.balance.depleted": CUSTOMER,
    "automatic_recharge.operation.attempted": NO_CREDIT_LEDGER,
    "automatic_recharge.configuration.changed": NO_CREDIT_LEDGER,
    "sync.failed": ignored("for staff: Stigg could not tell another system; the event shows which"),
}


def _customer(event: WebhookEvent) -> Customer:
    try:
        customer_id = uuid.UUID(event.customer_ref)
    except ValueError as error:
        raise NotOurs(f"customer {event.customer_ref!r} was not made here") from error
    customer = Customer.objects.filter(pk=customer_id).first()
    if customer is None:
        raise NotOurs(f"customer {event.customer_ref!r} is not in this database")
    return customer


def _subscription_id(event: WebhookEvent) -> str:
    """The subscription that the event names: one that is not active is found by its id only."""
    nested = event.payload.get("data")
    entity: dict[str, Any] = nested if isinstance(nested, dict) else event.payload
    named = entity if event.event_type.startswith("subscription.") else entity.get("subscription")
    value = named.get("id") if isinstance(named, dict) else None
    return value if isinstance(value, str) else ""
