"""`python -m tests.chaos.enrol FILE`: rows for a crowd of customers, as sign-up and provisioning would leave them."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import django


def main() -> None:
    django.setup()
    from django.utils import timezone

    from billing.models import Customer

    now = timezone.now()
    people = json.loads(Path(sys.argv[1]).read_text())
    rows = [
        Customer(
            id=each["customer_id"],
            name="Customer",
            email=f"{each['customer_id']}@example.com",
            stripe_id=each["billing_id"],
            provisioned_at=now,
        )
        for each in people
    ]
    Customer.objects.bulk_create(rows, batch_size=1000)


if __name__ == "__main__":
    main()
