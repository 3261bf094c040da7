"""How Stigg and Stripe send a webhook: what tests need to play either of them."""

from __future__ import annotations

import hmac
import json
import time
import uuid
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from django.http import HttpResponse
from django.test import Client


@dataclass(frozen=True)
class Sender:
    """One source with the secret that the test settings name."""

    source: str
    secret: str

    @property
    def url(self) -> str:
        return f"/hooks/{self.source}/"

    def event(self, kind: str = "thing.happened", *, event_id: str = "", **fields: Any) -> dict[str, Any]:
        """An event as the source words it; `fields` go where the source puts the entity."""
        key = event_id or f"evt_{uuid.uuid4().hex}"
        if self.source == "stripe":
            return {"id": key, "object": "event", "type": kind, "created": int(time.time()), "data": {"object": fields}}
        return {"messageId": key, "type": kind, "timestamp": "2026-11-23T10:00:00.000Z", **fields}

    def about(self, customer: str) -> dict[str, Any]:
        """Fields that say whom an event is about."""
        return {"customer": customer} if self.source == "stripe" else {"customer": {"id": customer}}

    def headers(self, body: bytes, *, secret: str | None = None, seconds: int = 0) -> dict[str, str]:
        """Signed `seconds` from now."""
        chosen = self.secret if secret is None else secret
        if self.source == "stigg":
            return {"Stigg-Webhooks-Secret": chosen}
        moment = int(time.time()) + seconds
        return {"Stripe-Signature": f"t={moment},v1={signature(body, chosen, moment)}"}

    def send(self, client: Client, message: dict[str, Any] | bytes, **how: Any) -> HttpResponse:
        """Post it, signed as it should be."""
        body = message if isinstance(message, bytes) else json.dumps(message).encode()
        return self.post(client, body, self.headers(body, **how))

    def post(self, client: Client, body: bytes, headers: dict[str, str], **environ: str) -> HttpResponse:
        """Post it with just these headers."""
        return client.generic("POST", self.url, body, "application/json", headers=headers, **environ)


def signature(body: bytes, secret: str, moment: int) -> str:
    return hmac.new(secret.encode(), f"{moment}.".encode() + body, sha256).hexdigest()


STRIPE = Sender("stripe", "whsec_test")
STIGG = Sender("stigg", "stigg-secret")
OTHER = {STRIPE: STIGG, STIGG: STRIPE}
