"""How fast the sandbox is: `python -m tests.contract.stripe.figures` prints what a reset and a year take.

Figures for people, no tests: a busy machine must not fail anybody's build.
"""

import asyncio
import statistics
import time
from typing import Any

from sandbox.server import Sandbox
from sandbox.settings import Settings
from tests.contract.stripe.conftest import make_price, set_default, set_up_card
from tests.contract.stripe.side import StripeSide
from tests.contract.stripe.test_start import free_port

YEARS = 10
RESETS = 50
DAY = 86400


def main() -> None:
    seed, reset = asyncio.run(_resets())
    print(f"first seeding {seed:.0f} ms, a reset {reset:.1f} ms (median of {RESETS})")  # noqa: T201  # for people
    years = sorted(_years())
    print(  # noqa: T201  # for people
        f"a subscription's year at Stripe's side (12 renewals, one failed and recovered) "
        f"{statistics.median(years) * 1000:.0f} ms, slowest of {YEARS} {years[-1] * 1000:.0f} ms"
    )


async def _resets() -> tuple[float, float]:
    started = time.perf_counter()
    settings = Settings(stripe_port=free_port(), stigg_port=free_port(), console_port=free_port())
    sandbox, ready = Sandbox(settings), asyncio.Event()
    running = asyncio.create_task(sandbox.run(ready.set))
    await ready.wait()
    seeding, taken = time.perf_counter() - started, []
    for _ in range(RESETS):
        begun = time.perf_counter()
        await sandbox.world.reset()
        taken.append(time.perf_counter() - begun)
    sandbox.stop()
    await running
    return seeding * 1000, statistics.median(taken) * 1000


def _years() -> list[float]:
    """One after the other in one sandbox, so that what has been made before is there."""
    side = StripeSide()
    side.start()
    client, taken = side.client(), []
    price = make_price(client, 4900)
    for _ in range(YEARS):
        begun = time.perf_counter()
        _live_a_year(side, client, price)
        taken.append(time.perf_counter() - begun)
    side.stop()
    return taken


def _live_a_year(side: StripeSide, client: Any, price: Any) -> None:
    customer = client.v1.customers.create({"email": "ada@example.com"})
    good = set_up_card(client, customer).payment_method
    made = client.v1.subscriptions.create({"customer": customer.id, "items": [{"price": price.id}]})
    bad = client.v1.payment_methods.attach("pm_card_chargeCustomerFail", {"customer": customer.id})
    for month in range(12):
        if month == 5:
            set_default(client, customer, bad.id)
        side.advance(days=31)
        if month == 5:
            assert client.v1.subscriptions.retrieve(made.id).status == "past_due"
            set_default(client, customer, good)
            side.advance(days=3)
    after = client.v1.subscriptions.retrieve(made.id)
    invoices = client.v1.invoices.list({"subscription": made.id, "limit": 100}).data
    assert (after.status, {each.status for each in invoices}) == ("active", {"paid"})
    assert len(invoices) >= 13


if __name__ == "__main__":
    main()
