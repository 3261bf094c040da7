"""`python -m bench.hooks.backlog CUSTOMERS EACH`: customers, and waiting events of both sources about each."""

from __future__ import annotations

import random
import sys
import uuid

import django

KINDS = (
    ("stigg", "subscription.updated"),
    ("stigg", "entitlements.updated"),
    ("stigg", "customer.updated"),
    ("stripe", "customer.subscription.updated"),
    ("stripe", "payment_method.updated"),
    ("stripe", "invoice.paid"),
)


def main() -> None:
    django.setup()
    from django.utils import timezone

    from billing.models import Customer, WebhookEvent

    count, each = (int(argument) for argument in sys.argv[1:])
    now = timezone.now()
    keys = [uuid.uuid4() for _ in range(count)]
    people = [
        Customer(id=key, name="Customer", email=f"{key}@example.com", stripe_id=f"cus_{key}", provisioned_at=now)
        for key in keys
    ]
    Customer.objects.bulk_create(people, batch_size=1000)
    dice = random.Random(1)  # noqa: S311 - an order that can be repeated
    events = [_event(key, *dice.choice(KINDS)) for key in keys for _ in range(each)]
    dice.shuffle(events)
    rows = [WebhookEvent(**event, received_at=now, due_at=now) for event in events]
    WebhookEvent.objects.bulk_create(rows, batch_size=1000)


def _event(key: uuid.UUID, source: str, kind: str) -> dict:
    if source == "stigg":
        entity = {"id": f"subscription-{key}"} if kind.startswith("subscription.") else {"id": str(key)}
        payload = {"type": kind, **entity, "customer": {"id": str(key)}}
        ref = str(key)
    else:
        name = {"invoice.paid": f"in_{key}"}.get(kind, "x")
        payload = {"type": kind, "data": {"object": {"id": name, "customer": f"cus_{key}"}}}
        ref = f"cus_{key}"
    external_id = f"evt_{uuid.uuid4().hex}"
    return {
        "source": source,
        "event_type": kind,
        "external_id": external_id,
        "customer_ref": ref,
        "payload": payload,
    }


if __name__ == "__main__":
    main()
