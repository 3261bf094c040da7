"""The push channel over a real websocket, as Stigg's own SDKs open it."""

from __future__ import annotations

import json
from typing import Any

import requests
from websockets.sync.client import connect

from tests.sandbox_process import STIGG_KEY, SandboxClient, running_sandbox

CUSTOMER = "mutation ($input: ProvisionCustomerInput!) { provisionCustomer(input: $input) { customer { customerId } } }"
PLAN = "mutation ($input: ProvisionSubscriptionInput!) { provisionSubscriptionV2(input: $input) { status } }"
NEWS = "subscription { entitlementsUpdated { customerId } }"


def test_a_change_of_entitlements_is_pushed_to_whoever_listens() -> None:
    with running_sandbox() as sandbox:
        address = sandbox.stigg_url.replace("http", "ws") + "/graphql"
        with connect(address, subprotocols=["graphql-transport-ws"]) as socket:
            socket.send(json.dumps({"type": "connection_init", "payload": {"headers": {"X-API-KEY": STIGG_KEY}}}))
            assert json.loads(socket.recv(timeout=5)) == {"type": "connection_ack"}
            socket.send(json.dumps({"id": "1", "type": "subscribe", "payload": {"query": NEWS}}))
            run(sandbox, CUSTOMER, customerId="ada", name="Ada", email="ada@example.com")
            run(sandbox, PLAN, customerId="ada", planId="plan-free")
            news = json.loads(socket.recv(timeout=5))
    assert news["payload"]["data"] == {"entitlementsUpdated": {"customerId": "ada"}}


def run(sandbox: SandboxClient, document: str, **given: Any) -> None:
    body = {"query": document, "variables": {"input": given}}
    answer = requests.post(f"{sandbox.stigg_url}/graphql", json=body, headers={"X-API-KEY": STIGG_KEY}, timeout=10)
    assert "errors" not in answer.json()
