"""What can be done to a sandbox from outside, given as loose fields: JSON or a form.

Every function raises ValueError for input that makes no sense.
"""

import asyncio
from collections.abc import Mapping
from typing import Any, cast

from sandbox.delivery import SOURCES, Endpoint, Policy
from sandbox.elements.preferences import reset_preferences
from sandbox.faults import Fault, Kind, Provider
from sandbox.settings import SettingsError
from sandbox.stripe import disputes, refunds
from sandbox.stripe.state import Obj
from sandbox.world import World

Fields = Mapping[str, Any]
UNITS = {"minutes": 60, "hours": 3600, "days": 86400}


async def reset(world: World) -> None:
    reset_preferences(world)
    await world.reset()


async def advance(world: World, fields: Fields) -> None:
    """By `advance_seconds`, or by an `amount` of a `unit`."""
    unit = str(fields.get("unit") or "")
    if not unit:
        await world.clock.advance(_number(fields, "advance_seconds"))
        return
    if unit not in UNITS:
        raise ValueError(f"unit must be one of {', '.join(UNITS)}")
    await world.clock.advance(_number(fields, "amount") * UNITS[unit])


def add_fault(world: World, fields: Fields) -> Fault:
    times = fields.get("times")
    fault = Fault(
        provider=cast(Provider, fields.get("provider")),  # checked by Fault itself
        kind=cast(Kind, fields.get("kind")),
        operation=fields.get("operation") or None,
        status=int(_number(fields, "status", 500)),
        seconds=_number(fields, "seconds", 0),
        code=str(fields.get("code") or ""),
        times=None if times in {None, ""} else int(_number(fields, "times")),
        share=_number(fields, "share", 1),
    )
    return world.faults.add(fault)


async def quiet(world: World, fields: Fields) -> bool:
    """Whether both sides came to rest within `seconds` (20): nothing more is on its way to each other or to us."""
    try:
        await asyncio.wait_for(world.deliveries.quiet(), _number(fields, "seconds", 20))
    except TimeoutError:
        return False
    return True


def set_policy(world: World, fields: Fields) -> Policy:
    return world.deliveries.set_policy(
        str(fields.get("source")), str(fields.get("mode")), _number(fields, "seconds", 0)
    )


def release(world: World, fields: Fields) -> int:
    source = _source(fields)
    return world.deliveries.release(source)


def set_endpoint(world: World, fields: Fields) -> Endpoint:
    """Replaces the application's endpoint of the source."""
    url, secret = fields.get("url"), fields.get("secret")
    if not url or not secret:
        raise ValueError("url and secret are both needed")
    try:
        return world.deliveries.set_application(_source(fields), str(url), str(secret))
    except SettingsError as refused:
        raise ValueError(str(refused)) from refused


def remove_endpoint(world: World, source: str) -> None:
    """The application hears nothing more of the source; without an address it changes nothing."""
    world.deliveries.unregister(f"we_application_{_source({'source': source})}")


def refund(world: World, charge_id: str, fields: Fields) -> Obj:
    """All that is left of the charge, or `amount` in its smallest unit."""
    amount = fields.get("amount")
    return refunds.refund_charge(
        world, _held(world, "charges", charge_id), None if amount in {None, ""} else int(_number(fields, "amount"))
    )


def dispute(world: World, charge_id: str, fields: Fields) -> Obj:
    return disputes.open_dispute(world, _held(world, "charges", charge_id), str(fields.get("reason") or "fraudulent"))


def decide(world: World, dispute_id: str, fields: Fields) -> Obj:
    if fields.get("outcome") not in {"won", "lost"}:
        raise ValueError("outcome must be won or lost")
    found = _held(world, "disputes", dispute_id)
    disputes.decide(world, found, won=fields["outcome"] == "won")
    return found


def _held(world: World, collection: str, wanted: str) -> Obj:
    """Raises LookupError."""
    found = world.stripe.collection(collection).get(wanted)
    if found is None:
        raise LookupError(f"Stripe's side has no {wanted} among its {collection}.")
    return found


def _source(fields: Fields) -> str:
    source = fields.get("source")
    if source not in SOURCES:
        raise ValueError(f"source must be one of {', '.join(SOURCES)}")
    return str(source)


def _number(fields: Fields, name: str, default: float | None = None) -> float:
    value = fields.get(name)
    if value in {None, ""}:
        if default is None:
            raise ValueError(f"{name} is missing")
        return default
    try:
        return float(str(value))
    except ValueError:
        raise ValueError(f"{name} must be a number") from None
