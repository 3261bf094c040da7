"""What Stigg's side tells the application: one function per event, sent through the world's deliveries."""

from typing import Any
from uuid import uuid4

from sandbox.stigg import entitlements, news
from sandbox.stigg.scalars import iso
from sandbox.stigg.state import ACCOUNT_ID, ENVIRONMENT_ID, Customer, PaymentMethod, Promotion, Subscription
from sandbox.stigg.trace import trace_id
from sandbox.stigg.wire import webhook as wire
from sandbox.world import World

Body = dict[str, Any]


def customer_created(world: World, item: Customer) -> None:
    _send(world, "customer.created", wire.customer(item))


def customer_updated(world: World, item: Customer) -> None:
    _send(world, "customer.updated", wire.customer(item))


def customer_deleted(world: World, item: Customer) -> None:
    _send(world, "customer.deleted", wire.customer(item))


def payment_method_attached(world: World, item: Customer, card: PaymentMethod) -> None:
    body = {"customer": wire.customer(item), "paymentMethod": wire.payment_method(card)}
    _send(world, "payment_method.attached", body)


def payment_method_detached(world: World, item: Customer, card: PaymentMethod) -> None:
    body = {"customer": wire.customer(item), "paymentMethod": wire.payment_method(card)}
    _send(world, "payment_method.detached", body)


def payment_failed(world: World, item: Subscription) -> None:
    invoice = item.latest_invoice
    error = {
        "message": invoice.error_message if invoice else None,
        "code": invoice.error_code if invoice else None,
    }
    body = {
        "customer": wire.customer(world.stigg.customers[item.customer_ref_id]),
        "subscription": wire.subscription(world.stigg, item),
        "error": error,
    }
    _send(world, "customer.payment_failed", body)


def subscription_event(world: World, kind: str, item: Subscription, **more: Any) -> None:
    """`kind` without its "subscription." part, such as created, updated, canceled, trial_started."""
    owner = world.stigg.customers[item.customer_ref_id]
    body = wire.subscription(world.stigg, item)
    body |= {"customer": wire.customer(owner), "experimentInfo": None, **more}
    _send(world, f"subscription.{kind}", body)


def subscription_create_failed(world: World, given: dict[str, Any], error: str) -> None:
    start = given.get("startDate")
    told = {
        "customerId": given.get("customerId"),
        "planId": given.get("planId"),
        "billingPeriod": given.get("billingPeriod"),
        "startDate": iso(start or world.clock.now()),
        "environmentId": ENVIRONMENT_ID,
        "successUrl": None,
        "cancelUrl": None,
    }
    _send(world, "subscription.create_failed", {"input": told, "error": error})


def entitlements_updated(world: World, item: Customer, trigger: str, resource_id: str | None = None) -> None:
    now = world.clock.now()
    body = {
        "trigger": trigger,
        "customer": wire.customer_reference(item),
        "resource": resource_id and {"id": resource_id},
        "entitlements": [
            wire.entitlement(granted) for granted in entitlements.granted(world.stigg, item, resource_id, now)
        ],
        "entitlementsUpdatedAt": iso(now),
    }
    _send(world, "entitlements.updated", body)
    news.publish(world, news.News("entitlements", item.ref_id, resource_id))


def measurement_reported(
    world: World, item: Customer, granted: entitlements.Granted, change: float, resource_id: str | None = None
) -> None:
    limit, used = granted.usage_limit, granted.current_usage or 0
    body = {
        "currentChange": change,
        "currentUsage": used,
        "usageLimit": limit,
        "hasUnlimitedUsage": granted.unlimited,
        "usageUsedPercentage": round(used / limit * 100, 2) if limit else None,
        "nextResetDate": iso(granted.period_end),
        "feature": wire.entitlement(granted)["feature"],
        "customer": wire.customer_reference(item),
    }
    _send(world, "measurement.reported", body)
    news.publish(world, news.News("usage", item.ref_id, resource_id, granted.feature.ref_id))


def promotional_entitlement(world: World, what: str, item: Customer, given: Promotion) -> None:
    """`what` is granted, updated, revoked or expired."""
    now = world.clock.now()
    body = {
        "id": given.id,
        "status": "Active" if given.holds(now) and what != "revoked" else "Expired",
        "usageLimit": given.usage_limit,
        "hasUnlimitedUsage": given.unlimited,
        "expiredAt": iso(given.ends_at),
        "feature": wire.feature(world.stigg.catalog.features[given.feature_id]),
        "customer": wire.customer_reference(item),
    }
    _send(world, f"promotionalEntitlement.{what}", body)


def sync_failed(world: World, item: Customer, error: str) -> None:
    body = {"error": error, "id": item.ref_id, "entityType": "CUSTOMER", "vendorIdentifier": "stripe"}
    _send(world, "sync.failed", body)


def _send(world: World, kind: str, body: Body) -> None:
    name = _spelled(world, kind)
    envelope = {
        "type": name,
        "messageId": str(uuid4()),
        "traceId": trace_id(),
        "timestamp": iso(world.clock.now()),
        "accountId": ACCOUNT_ID,
        "environmentId": ENVIRONMENT_ID,
        "eventId": str(uuid4()),
        "actor": {"type": "SYSTEM"},
    }
    world.deliveries.send("stigg", envelope | body, name)


def _spelled(world: World, kind: str) -> str:
    """Stigg's pages and its enum name some events differently; the catalogue says which is meant."""
    behaviour = world.stigg.catalog.behaviour
    if behaviour.trial_events == "trial.started" and kind in {
        "subscription.trial_started",
        "subscription.trial_converted",
    }:
        return kind.removeprefix("subscription.").replace("_", ".")
    if behaviour.promotional_events == "promotional_entitlement.granted":
        return kind.replace("promotionalEntitlement.", "promotional_entitlement.")
    return kind
