"""The control panel's JSON API: what tests steer the outside world with, and look into it."""

from __future__ import annotations

import httpx


class Books:
    """What both sides hold about one customer."""

    def __init__(self, sandbox: Sandbox, email: str) -> None:
        self._sandbox, self._email = sandbox, email

    @property
    def stripe_id(self):
        (customer,) = self._sandbox.stripe("customers", email=self._email)
        return customer["id"]

    @property
    def stigg_id(self):
        (customer,) = self._sandbox.stigg("customers", email=self._email)
        return customer["ref_id"]

    def stripe_statuses(self):
        return [each["status"] for each in self._sandbox.stripe("subscriptions", customer=self.stripe_id)]

    def stigg_statuses(self):
        return [each["status"] for each in self._sandbox.stigg("subscriptions", customer_ref_id=self.stigg_id)]

    def invoices(self):
        return self._sandbox.stripe("invoices", customer=self.stripe_id)

    def payments(self):
        """Payments that Stripe took."""
        return self._sandbox.stripe("payment_intents", customer=self.stripe_id, status="succeeded")

    def assert_paid_once(self):
        assert self.stigg_statuses() == ["ACTIVE"]
        assert self.stripe_statuses() == ["active"]
        assert len(self.payments()) == 1


class Sandbox:
    def __init__(self, console_url: str) -> None:
        # No keep-alive: between two tests the server may have closed the connection.
        limits = httpx.Limits(max_keepalive_connections=0)
        self._http = httpx.Client(base_url=console_url, trust_env=False, timeout=60, limits=limits)

    def close(self):
        self._http.close()

    def calm(self):
        """No faults, webhooks delivered, and real time; the world begins anew only where its clock was moved."""
        if self.offset_seconds:
            self._call("POST", "/api/reset")
            return
        self.clear_faults()
        self.three_d_secure("modal")
        for source in ("stripe", "stigg"):
            self.webhooks(source, "deliver")

    @property
    def offset_seconds(self):
        return self._call("GET", "/api/clock")["offset_seconds"]

    def advance(self, *, hours: float = 0, days: float = 0):
        self._call("POST", "/api/clock", {"advance_seconds": 3600 * (hours + 24 * days)})

    def fault(self, provider: str, kind: str, **fields):
        return self._call("POST", "/api/faults", {"provider": provider, "kind": kind, **fields})

    def clear_faults(self):
        self._call("DELETE", "/api/faults")

    def webhooks(self, source: str, mode: str, **fields):
        self._call("POST", "/api/webhooks", {"source": source, "mode": mode, **fields})

    def stripe(self, collection: str, **filters):
        """Objects at Stripe's side, newest first, whose top-level fields are as in `filters`."""
        return self._call("GET", f"/api/stripe/{collection}", params=filters)["data"]

    def stigg(self, collection: str, **filters):
        return self._call("GET", f"/api/stigg/{collection}", params=filters)["data"]

    def books(self, email: str) -> Books:
        return Books(self, email)

    def three_d_secure(self, way: str):
        """ "modal" (a dialog in the page) or "redirect" (a page of the bank's own)."""
        self._call("POST", "/api/elements", {"three_d_secure": way})

    def wallet(self, kind: str):
        """Whether the browser has a wallet: "available" or "none"."""
        self._call("POST", "/api/elements", {"wallet": kind})

    def calls(self, **filters):
        return self._call("GET", "/api/calls", params=filters)["data"]

    def sells_by_hand(self, stack, customer_id: str, plan_id: str):
        """What a salesperson does in Stigg's own app: a custom plan for a customer."""
        document = "mutation($input: ProvisionSubscriptionInput!) { provisionSubscriptionV2(input: $input) { status } }"
        body = {"query": document, "variables": {"input": {"customerId": customer_id, "planId": plan_id}}}
        headers = {"X-API-KEY": "server-sandbox"}
        answer = self._http.post(f"{stack.facts.stigg_url}/graphql", json=body, headers=headers).json()
        assert "errors" not in answer, answer

    def gives_credit(self, stack, stripe_id: str, *, minor: int):
        """What staff do in Stripe's dashboard: the customer's balance pays this much of the next bill."""
        url = f"{stack.facts.stripe_url}/v1/customers/{stripe_id}"
        answer = self._http.post(url, data={"balance": -minor}, auth=("sk_test_sandbox", ""))
        assert answer.is_success, answer.text

    def _call(self, method, path, json=None, params=None):
        answer = self._http.request(method, path, json=json, params=params)
        assert answer.is_success, f"{method} {path}: {answer.status_code} {answer.text}"
        return answer.json()
