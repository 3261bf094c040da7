"""Answers of both sides about one customer, recorded from the sandbox, for the stand-in that costs nothing."""

from __future__ import annotations

import json

import requests

from billing.gateways.stigg import documents
from tests.chaos.stack import MODEL, Stack, running_stack
from tests.sandbox_process import STRIPE_KEY


def recorded() -> dict[str, str]:
    """As text; the model's ids are its UUID, `cus_<UUID>` and `in_<UUID>`."""
    with running_stack("sqlite") as stack:
        customer, subscription = _model(stack)
        stripe = {"cards": f"customers/{customer}/payment_methods", "customer": f"customers/{customer}"}
        answers = {name: _stripe(stack, path) for name, path in stripe.items()}
        (invoice,) = stack.sandbox.objects("stripe", "invoices", customer=customer)
        answers["invoice"] = _stripe(stack, f"invoices/{invoice['id']}")
        answers["state"] = _state(stack)
    ids = {customer: f"cus_{MODEL}", invoice["id"]: f"in_{MODEL}", subscription["ref_id"]: f"subscription-{MODEL}"}
    ids |= {subscription["billing_id"]: f"sub_{MODEL}"}
    cards = [card["id"] for card in json.loads(answers["cards"])["data"]]
    ids |= dict.fromkeys(cards, f"pm_{MODEL}")
    for old, new in ids.items():
        answers = {name: text.replace(old, new) for name, text in answers.items()}
    return answers | {"model": MODEL}


def _model(stack: Stack) -> tuple[str, dict]:
    stack.make_model()
    (customer,) = stack.sandbox.objects("stigg", "customers", ref_id=MODEL)
    (subscription,) = stack.sandbox.objects("stigg", "subscriptions", customer_ref_id=MODEL)
    return customer["billing_id"], subscription


def _stripe(stack: Stack, path: str) -> str:
    return requests.get(f"{stack.sandbox.stripe_url}/v1/{path}", auth=(STRIPE_KEY, ""), timeout=10).text


def _state(stack: Stack) -> str:
    about = {"customerId": MODEL}
    answer = requests.post(
        f"{stack.sandbox.stigg_url}/graphql",
        json={
            "query": documents.load("GetCustomerState"),
            "operationName": "GetCustomerState",
            "variables": {"customer": about, "subscriptions": about, "entitlements": about},
        },
        headers={"X-API-KEY": stack.plan.secrets.stigg_api_key},
        timeout=10,
    )
    assert "errors" not in answer.json(), answer.text
    return answer.text
