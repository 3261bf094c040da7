"""/v1/account, /v1/balance and test clocks. A test clock here is a name for the sandbox's one clock."""

import asyncio

from sandbox.stripe.call import LIST_PARAMS, Call, operation
from sandbox.stripe.errors import invalid, missing_parameter
from sandbox.stripe.events import causing_request, emit
from sandbox.stripe.ids import new_id
from sandbox.stripe.listing import page
from sandbox.stripe.state import Obj
from sandbox.world import World

DAY = 86400
_advancing: set[asyncio.Task[None]] = set()


def retrieve_account(call: Call) -> Obj:
    return {
        "id": "acct_sandbox00000001",
        "object": "account",
        "business_profile": {"name": "Sandbox", "support_email": None, "url": None},
        "business_type": "company",
        "capabilities": {"card_payments": "active", "transfers": "active"},
        "charges_enabled": True,
        "country": "US",
        "created": call.now(),
        "default_currency": "usd",
        "details_submitted": True,
        "email": None,
        "external_accounts": {"object": "list", "data": [], "has_more": False, "url": "/v1/account/external_accounts"},
        "metadata": {},
        "payouts_enabled": True,
        "settings": {"dashboard": {"display_name": "Sandbox", "timezone": "Etc/UTC"}},
        "tos_acceptance": {"date": None},
        "type": "standard",
    }


def retrieve_balance(call: Call) -> Obj:
    taken: dict[str, int] = {}
    for charge in call.state.charges.values():
        taken[charge["currency"]] = taken.get(charge["currency"], 0) + charge["amount_captured"]
    pending = [{"amount": amount, "currency": currency} for currency, amount in taken.items()]
    return {
        "object": "balance",
        "available": [{"amount": 0, "currency": each["currency"]} for each in pending],
        "livemode": False,
        "pending": pending,
    }


def create_clock(call: Call) -> Obj:
    frozen = call.params.integer("frozen_time")
    if frozen is None:
        raise missing_parameter("frozen_time")
    clock: Obj = {
        "id": new_id("clock"),
        "object": "test_helpers.test_clock",
        "created": call.now(),
        "deletes_after": call.now() + 30 * DAY,
        "frozen_time": frozen,
        "livemode": False,
        "name": call.params.text("name"),
        "status": "ready",
        "status_details": {},
    }
    call.state.test_clocks[clock["id"]] = clock
    emit(call.world, "test_helpers.test_clock.created", clock)
    return clock


def retrieve_clock(call: Call, id: str) -> Obj:
    return call.find("test_clocks", id, "test clock")


def list_clocks(call: Call) -> Obj:
    return page(call, call.state.test_clocks.values(), "/v1/test_helpers/test_clocks")


def advance_clock(call: Call, id: str) -> Obj:
    """Moves the sandbox's clock, for everyone, by as much as this clock is asked to move."""
    clock, target = call.find("test_clocks", id, "test clock"), call.params.integer("frozen_time")
    if target is None:
        raise missing_parameter("frozen_time")
    if clock["status"] != "ready":
        raise invalid("Test clock is currently advancing. Please wait until it is ready.")
    seconds = target - clock["frozen_time"]
    if seconds < 0:
        raise invalid("Test clocks can only be advanced forward.", "frozen_time")
    clock |= {"status": "advancing", "status_details": {"advancing": {"target_frozen_time": target}}}
    emit(call.world, "test_helpers.test_clock.advancing", clock)
    task = asyncio.get_running_loop().create_task(_advance(call.world, clock, target, seconds))
    _advancing.add(task)
    task.add_done_callback(_advancing.discard)
    return clock


def delete_clock(call: Call, id: str) -> Obj:
    call.find("test_clocks", id, "test clock")
    del call.state.test_clocks[id]
    return {"id": id, "object": "test_helpers.test_clock", "deleted": True}


async def _advance(world: World, clock: Obj, target: int, seconds: int) -> None:
    causing_request.set((None, None))
    await world.clock.advance(seconds)
    clock |= {"status": "ready", "frozen_time": target, "status_details": {}}
    emit(world, "test_helpers.test_clock.ready", clock)


OPERATIONS = [
    operation("GET", "/v1/account", retrieve_account),
    operation("GET", "/v1/balance", retrieve_balance),
    operation("POST", "/v1/test_helpers/test_clocks", create_clock, "customer frozen_time name"),
    operation("GET", "/v1/test_helpers/test_clocks", list_clocks, LIST_PARAMS),
    operation("GET", "/v1/test_helpers/test_clocks/{id}", retrieve_clock),
    operation("DELETE", "/v1/test_helpers/test_clocks/{id}", delete_clock),
    operation("POST", "/v1/test_helpers/test_clocks/{id}/advance", advance_clock, "frozen_time"),
]
