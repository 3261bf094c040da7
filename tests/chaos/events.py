"""What the senders post: true events about the crowd, repeats, and all kinds of trouble, in an order of chance."""

from __future__ import annotations

import json
import random
import time
import uuid
from dataclasses import dataclass, field
from typing import Any

STIGG_TOLD = ("subscription.updated", "entitlements.updated", "customer.updated")
STRIPE_TOLD = ("customer.subscription.updated", "payment_method.updated", "customer.updated", "invoice.paid")
EARLIEST_SECONDS = 3 * 24 * 3600
INVOICE_TOLD = {"paid": "invoice.paid", "open": "invoice.payment_failed", "void": "invoice.voided"}
STATUSES = ("ACTIVE", "ACTIVE", "ACTIVE", "PAYMENT_PENDING")
CANCELED_SHARE = 0.05
COLLECTIONS = ("NOT_REQUIRED", "NOT_REQUIRED", "FAILED", "ACTION_REQUIRED")


@dataclass
class Event:
    """One message. `expected`: taken (2xx) or refused (4xx)."""

    source: str
    key: str
    body: bytes
    expected: str = "taken"
    kind: str = "true"
    tries: int = 0
    began_at: float = field(default=0.0)


class Mint:
    """Makes events and moves of the truth; the same seed makes the same ones."""

    def __init__(self, people: list[dict[str, Any]], seed: int) -> None:
        self.people = people
        self.dice = random.Random(seed)  # noqa: S311 - chance that can be repeated, no secret
        self._moving = list(people)
        self.moved: set[str] = set()
        """Ids of the customers about whom there is news: the others need not be known to the mirror."""

    def somebody(self) -> dict[str, Any]:
        return self.dice.choice(self.people)

    def move(self) -> tuple[dict[str, Any], list[Event]]:
        """How the truth about somebody changes next, and what both sides post about it.

        Who has canceled stays so.
        """
        index = self.dice.randrange(len(self._moving))
        person = self._moving[index]
        if self.dice.random() < CANCELED_SHARE and len(self._moving) > 1:
            self._moving[index] = self._moving[-1]
            self._moving.pop()
            status = "CANCELED"
        else:
            status = self.dice.choice(STATUSES)
        self.moved.add(person["customer_id"])
        told = "subscription.canceled" if status == "CANCELED" else "subscription.updated"
        change = self._move(person, status)
        news = [
            self.stigg(person, told),
            self.stripe(person, "payment_method.updated"),
            self.stripe(person, INVOICE_TOLD[change["invoice_status"]]),
        ]
        return change, news

    def _move(self, person: dict[str, Any], status: str) -> dict[str, Any]:
        return {
            "customer_id": person["customer_id"],
            "subscription_id": person["subscription_id"],
            "seats": self.dice.randint(1, 500),
            "status": status,
            "payment_collection": self.dice.choice(COLLECTIONS),
            "exp_year": self.dice.randint(2027, 2040),
            "invoice_status": self.dice.choice(list(INVOICE_TOLD)),
        }

    def stigg(self, person: dict[str, Any], kind: str = "") -> Event:
        chosen = kind or self.dice.choice(STIGG_TOLD)
        customer = {"id": person["customer_id"], "billingId": person["billing_id"], "name": "Customer"}
        if chosen.startswith("customer."):
            entity: dict[str, Any] = customer
        elif chosen.startswith("subscription."):
            entity = {"id": person["subscription_id"], "status": "ACTIVE", "customer": customer}
        else:
            entity = {"customer": customer, "entitlements": [], "trigger": "SUBSCRIPTION_UPDATED"}
        moment = time.strftime("%Y-%m-%dT%H:%M:%S.000Z", time.gmtime(self._some_time()))
        return self._event("stigg", {"type": chosen, "messageId": self._id(), "timestamp": moment, **entity})

    def stripe(self, person: dict[str, Any], kind: str = "", **more: Any) -> Event:
        chosen = kind or self.dice.choice(STRIPE_TOLD)
        about = {
            "customer.": {"id": person["billing_id"], "object": "customer"},
            "customer.subscription.": {"id": person["stripe_subscription_id"], "object": "subscription"},
            "payment_method.": {"id": person["card"], "object": "payment_method"},
            "invoice.": {"id": person["invoice"], "object": "invoice"},
        }
        entity = next(value for name, value in sorted(about.items(), reverse=True) if chosen.startswith(name))
        if entity["object"] != "customer":
            entity = {**entity, "customer": person["billing_id"]}
        return self._stripe_event(chosen, {**entity, "metadata": {}, **more})

    def trouble(self) -> Event:
        """Poison: refused at the door, or taken and never to be worked."""
        return self.dice.choice((self._no_id, self._deep, self._no_utf8, self._large, self._raises))()

    def unknown(self) -> Event:
        if self.dice.random() < 0.5:
            event = self._stripe_event("thing.happened", {"id": "thing_1", "object": "thing"})
        else:
            event = self._event("stigg", {"type": "thing.happened", "messageId": self._id()})
        event.kind = "unknown type"
        return event

    def foreign(self) -> Event:
        """About customers of somebody else on the same accounts."""
        stranger = {
            "customer_id": str(uuid.UUID(int=self.dice.getrandbits(128), version=4)),
            "billing_id": f"cus_{self.dice.getrandbits(64):x}",
            "subscription_id": "subscription-elsewhere",
            "stripe_subscription_id": "sub_elsewhere",
            "card": "pm_elsewhere",
            "invoice": "in_elsewhere",
        }
        event = self.stigg(stranger) if self.dice.random() < 0.5 else self.stripe(stranger)
        event.kind = "not ours"
        return event

    def _no_id(self) -> Event:
        return Event("stripe", self._id(), b'{"object": "event", "type": "invoice.paid"}', "refused", "no id")

    def _deep(self) -> Event:
        body = (
            b'{"id": "evt_deep", "type": "invoice.paid", "data": {"object": ' + b"[" * 400_000 + b"]" * 400_000 + b"}}"
        )
        return Event("stripe", self._id(), body, "refused", "1 MB, nested")

    def _large(self) -> Event:
        return Event(
            "stripe", self._id(), b'{"id": "evt_large", "x": "' + b"x" * 1_100_000 + b'"}', "refused", "too large"
        )

    def _no_utf8(self) -> Event:
        return Event("stigg", self._id(), b'{"messageId": "\xff\xfe", "type": "\xc3\x28"}', "refused", "invalid UTF-8")

    def _raises(self) -> Event:
        """Well signed and well formed, but of a shape that no handler can do anything with."""
        event = self._stripe_event(
            "setup_intent.succeeded", {"id": "seti_x", "object": "setup_intent", "metadata": ["checkout_id"]}
        )
        event.kind = "raises"
        return event

    def _stripe_event(self, kind: str, entity: dict[str, Any]) -> Event:
        message = {
            "id": f"evt_{self._id()}",
            "object": "event",
            "api_version": "2026-10-28.endive",
            "created": int(self._some_time()),
            "type": kind,
            "data": {"object": entity},
            "livemode": False,
        }
        return self._event("stripe", message)

    def _event(self, source: str, message: dict[str, Any]) -> Event:
        return Event(source, str(message.get("messageId") or message["id"]), json.dumps(message).encode())

    def _some_time(self) -> float:
        return time.time() - self.dice.uniform(0, EARLIEST_SECONDS)

    def _id(self) -> str:
        return str(uuid.UUID(int=self.dice.getrandbits(128), version=4))
