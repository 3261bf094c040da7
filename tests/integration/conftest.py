"""Tests with rows and a sandbox at the wire: the product as it is, only its addresses and keys differ."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from django.core.cache import cache

from billing import wake
from billing.services import catalog, catalog_version
from sandbox.catalog import loader
from tests import behaviour
from tests.sandbox_process import (
    STIGG_KEY,
    STRIPE_KEY,
    STRIPE_PUBLISHABLE_KEY,
    SandboxClient,
    running_sandbox,
)

WEBHOOK_SECRETS = {"stripe": "whsec_tests", "stigg": "stigg-secret-tests"}


@dataclass
class Recorder:
    """Takes the sandbox's webhooks in and keeps them as they came."""

    url: str
    messages: list[tuple[str, bytes, dict[str, str]]] = field(default_factory=list)

    def clear(self) -> None:
        self.messages.clear()

    def of(self, source: str) -> list[tuple[bytes, dict[str, str]]]:
        """Bodies and headers from one source, in the order of arrival."""
        return [(body, headers) for path, body, headers in self.messages if path.strip("/") == source]

    def types(self, source: str) -> list[str]:
        return [json.loads(body)["type"] for body, _headers in self.of(source)]


@pytest.fixture(scope="session")
def recorder() -> Iterator[Recorder]:
    recorded = Recorder(url="")

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            recorded.messages.append((self.path, body, dict(self.headers)))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_args: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    recorded.url = f"http://127.0.0.1:{server.server_port}"
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield recorded
    server.shutdown()
    server.server_close()


@pytest.fixture(scope="session")
def sandbox_process(recorder: Recorder, tmp_path_factory: pytest.TempPathFactory) -> Iterator[SandboxClient]:
    arguments = behaviour.arguments(tmp_path_factory.mktemp("sandbox"))
    for source, secret in WEBHOOK_SECRETS.items():
        arguments += [f"--{source}-webhook-url", f"{recorder.url}/{source}", f"--{source}-webhook-secret", secret]
    with running_sandbox(*arguments) as client:
        yield client


@pytest.fixture
def sandbox(sandbox_process: SandboxClient, recorder: Recorder, settings: Any, db: None) -> Iterator[SandboxClient]:
    """A fresh sandbox, the product pointed at it."""
    sandbox_process.reset()
    recorder.clear()
    cache.clear()
    settings.TOLLGATE_STIGG_API_URL = settings.TOLLGATE_STIGG_EDGE_URL = sandbox_process.stigg_url
    settings.TOLLGATE_STIGG_API_KEY = STIGG_KEY
    settings.TOLLGATE_STRIPE_API_URL = sandbox_process.stripe_url
    settings.TOLLGATE_STRIPE_SECRET_KEY = STRIPE_KEY
    settings.TOLLGATE_STRIPE_PUBLISHABLE_KEY = STRIPE_PUBLISHABLE_KEY
    settings.TOLLGATE_STRIPE_JS_URL = f"{sandbox_process.stripe_url}/endive/stripe.js"
    settings.TOLLGATE_STIGG_WEBHOOK_SECRETS = (WEBHOOK_SECRETS["stigg"],)
    settings.TOLLGATE_STRIPE_WEBHOOK_SECRETS = (WEBHOOK_SECRETS["stripe"],)
    settings.TOLLGATE_BREAKER_FAILURES = 1000
    yield sandbox_process
    sandbox_process.calm()


@pytest.fixture(autouse=True)
def fresh_cache() -> None:
    """Rate limits, previews and the price list of one test are no business of the next."""
    cache.clear()
    catalog_version.forget()


@pytest.fixture
def price_list(sandbox: SandboxClient) -> None:
    """The stored snapshot that every page needs."""
    catalog.renew()


@pytest.fixture
def price_lists(price_list: None) -> None:
    """As the worker leaves them: the default one and that of each country with prices of its own."""
    for product_id, country_code in catalog.missing():
        catalog.renew(product_id=product_id, country_code=country_code)


@pytest.fixture
def wake_ups() -> Iterator[list[str]]:
    """Kinds of work that somebody was woken up for."""
    heard: list[str] = []
    listener = heard.append
    wake.register(listener)
    yield heard
    wake._listeners.remove(listener)


@pytest.fixture(scope="session")
def taxing(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SandboxClient]:
    """The showcase, whose seller adds tax to every order."""
    text = loader.DEFAULT.with_name("showcase.yaml").read_text(encoding="utf-8")
    path = tmp_path_factory.mktemp("studio") / "catalog.yaml"
    path.write_text(text.replace("  tax_name: VAT", "  tax_name: VAT\n  tax_percentage: 19"), encoding="utf-8")
    with running_sandbox("--catalog", str(path)) as client:
        yield client


@pytest.fixture
def studio(sandbox: SandboxClient, taxing: SandboxClient, settings: Any) -> SandboxClient:
    """The product pointed at the showcase."""
    taxing.reset()
    settings.TOLLGATE_STIGG_API_URL = settings.TOLLGATE_STIGG_EDGE_URL = taxing.stigg_url
    settings.TOLLGATE_STRIPE_API_URL = taxing.stripe_url
    settings.TOLLGATE_PRODUCT_ID = "product-studio"
    catalog.renew()
    return taxing
