"""Stigg and Stripe as the doctor meets them: all well, and each test breaks one thing."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from email.utils import formatdate
from typing import Any

import requests
import responses

from billing.gateways.stripe.client import API_VERSION
from billing.webhooks.handlers import stripe
from tests.unit.gateways import answers

OUR_URL = "http://testserver/hooks/stripe/"
STRIPE_CUSTOMER = "cus_1"
Json = dict[str, Any]


def endpoint(**changes: Any) -> Json:
    return {
        "id": "we_1",
        "object": "webhook_endpoint",
        "url": OUR_URL,
        "status": "enabled",
        "api_version": API_VERSION,
        "enabled_events": list(stripe.worked_types()),
    } | changes


class World:
    """What both sides answer; change its fields before the doctor calls."""

    def __init__(self, http: responses.RequestsMock) -> None:
        self.stigg_keys = {"server-test"}
        self.stripe_keys = {"sk_test_tests", "sk_live_tests"}
        self.edge_is_up = True
        self.paywall = answers.paywall()
        self.stigg_customer: Json | None = answers.stigg_customer()
        self.stripe_objects: dict[str, Json] = {f"customers/{STRIPE_CUSTOMER}": {"id": STRIPE_CUSTOMER}}
        self.endpoints = [endpoint()]
        self.refused_paths: set[str] = set()
        self.clock_skew_seconds = 0
        for method, url, callback in self._routes():
            http.add_callback(method, url, callback=callback, content_type="application/json")

    def _routes(self) -> list[tuple[str, Any, Callable[..., Any]]]:
        return [
            ("POST", answers.GRAPHQL, self._graphql),
            ("GET", f"{answers.EDGE_URL}/v1/config/server-sdk-configuration.json", self._edge),
            ("GET", f"{answers.EDGE_URL}/v1/paywall.json", self._edge),
            *(
                ("GET", f"{answers.STRIPE_URL}/v1/{path}", self._stripe)
                for path in ("account", "webhook_endpoints", f"customers/{STRIPE_CUSTOMER}", "prices/price_1")
            ),
        ]

    def _graphql(self, request: requests.PreparedRequest) -> tuple[int, dict[str, str], str]:
        if request.headers["X-API-KEY"] not in self.stigg_keys:
            return _json(answers.failure("Unauthenticated", "Unauthenticated"))
        operation = json.loads(request.body or "")["operationName"]
        data = {
            "GetSdkConfiguration": {"sdkConfiguration": {"isWidgetWatermarkEnabled": False}},
            "GetPaywall": {"paywall": self.paywall},
            "GetCustomerById": {"getCustomerByRefId": self.stigg_customer},
        }
        return _json({"data": data[operation]})

    def _edge(self, request: requests.PreparedRequest) -> tuple[int, dict[str, str], str]:
        if not self.edge_is_up:
            return 404, {}, "not here"
        return _json({"data": {"paywall": self.paywall, "sdkConfiguration": {}}})

    def _stripe(self, request: requests.PreparedRequest) -> tuple[int, dict[str, str], str]:
        path = str(request.path_url).partition("?")[0].removeprefix("/v1/")
        if request.headers["Authorization"].removeprefix("Bearer ") not in self.stripe_keys:
            return _json(answers.stripe_failure(message="Invalid API Key provided: sk_test_****ests"), 401)
        if path in self.refused_paths:
            return _json(answers.stripe_failure(message="The provided key lacks rak_accounts_read"), 403)
        if path == "account":
            status, _none, body = _json({"id": "acct_1", "object": "account", "email": "billing@example.com"})
            return status, {"Date": formatdate(time.time() + self.clock_skew_seconds, usegmt=True)}, body
        if path == "webhook_endpoints":
            return _json(answers.listed(*self.endpoints))
        if path not in self.stripe_objects:
            return _json(answers.stripe_failure(code="resource_missing", message=f"No such object: '{path}'"), 404)
        return _json({"object": path.partition("/")[0].removesuffix("s")} | self.stripe_objects[path])


def _json(body: Json, status: int = 200) -> tuple[int, dict[str, str], str]:
    return status, {}, json.dumps(body)
