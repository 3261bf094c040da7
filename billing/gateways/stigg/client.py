"""One door to Stigg's GraphQL and edge APIs: address, key, time-outs, retries. No business words here.

Redirects are not followed and the key is never printed. What an answer means is decided in
answers.py; what it holds is read in parse.py.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import requests
from requests.adapters import HTTPAdapter

from billing.errors import ConfigurationError, GatewayProtocolError, GatewayUnavailable
from billing.gateways.guard import Breaker, Guard
from billing.gateways.stigg import documents
from billing.gateways.stigg.answers import PROVIDER, read_data
from billing.gateways.stigg.retry import with_retries

API_VERSION = "1"
LOOPBACK_EDGE_PORT = 3060
LOOPBACK_HOSTS = frozenset({"localhost", "127.0.0.1", "::1"})


class StiggClient:
    """Speaks to one Stigg environment: the API key says which.

    Source: https://docs.stigg.io/api-and-sdks/integration/graphql/overview
    """

    def __init__(
        self,
        *,
        api_key: str,
        api_url: str = "https://api.stigg.io",
        edge_url: str = "",
        connect_timeout_seconds: float = 3.0,
        read_timeout_seconds: float = 10.0,
        guard: Guard | None = None,
        edge_guard: Guard | None = None,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        _check_key(api_key)
        self._api_key = api_key
        self._graphql_url = f"{api_url.rstrip('/')}/graphql"
        self._edge_url = (edge_url or derive_edge_url(api_url)).rstrip("/")
        self._connect_timeout = connect_timeout_seconds
        self._read_timeout = read_timeout_seconds
        self._guard = guard or _default_guard()
        # Edge is another system than the API: one may be away while the other answers.
        self._edge_guard = edge_guard or _default_guard()
        self._sleep = sleep
        self._of_thread = threading.local()

    def __repr__(self) -> str:
        return f"<StiggClient {self._graphql_url}>"

    def execute(
        self,
        operation: str,
        variables: Mapping[str, Any],
        *,
        timeout: float | None = None,
        idempotent: bool,
    ) -> dict[str, Any]:
        """Run the document named `operation` and return its `data`.

        `timeout` is the read time-out in seconds. Only `idempotent` operations are tried again: a
        write that timed out may have been done.
        """
        body = json.dumps({"query": documents.load(operation), "operationName": operation, "variables": variables})
        headers = self._headers() | {
            "x-graphql-operation-name": operation,
            "Content-Type": "application/json",
        }
        read_timeout = timeout or self._read_timeout

        def attempt() -> dict[str, Any]:
            return self._send(
                self._guard,
                operation,
                "POST",
                self._graphql_url,
                read_timeout,
                data=body.encode(),
                headers=headers,
            )

        if not idempotent:
            return attempt()
        return with_retries(attempt, budget_seconds=read_timeout, sleep=self._sleep)

    def fetch_edge(self, path: str, params: Mapping[str, str]) -> dict[str, Any]:
        """GET an edge route and return its `data`. Eventually consistent: never right after a write."""

        def attempt() -> dict[str, Any]:
            return self._send(
                self._edge_guard,
                f"edge {path}",
                "GET",
                self._edge_url + path,
                self._read_timeout,
                params=dict(params),
                headers=self._headers(),
            )

        return with_retries(attempt, budget_seconds=self._read_timeout, sleep=self._sleep)

    def _headers(self) -> dict[str, str]:
        return {"X-API-KEY": self._api_key, "X-API-VERSION": API_VERSION}

    def _send(
        self, guard: Guard, operation: str, method: str, url: str, read_timeout: float, **request: Any
    ) -> dict[str, Any]:
        with guard.call(operation):
            try:
                response = self._session().request(
                    method,
                    url,
                    timeout=(self._connect_timeout, read_timeout),
                    allow_redirects=False,
                    **request,
                )
            except (
                requests.ConnectionError,
                requests.Timeout,
                requests.exceptions.ChunkedEncodingError,
            ) as error:
                message = f"no answer ({type(error).__name__})"
                raise GatewayUnavailable(message, provider=PROVIDER, operation=operation) from error
            except requests.RequestException as error:
                message = f"no usable answer ({type(error).__name__})"
                raise GatewayProtocolError(message, provider=PROVIDER, operation=operation) from error
            return read_data(response, operation)

    def _session(self) -> requests.Session:
        """This thread's session: `requests.Session` is not safe to share between threads."""
        session: requests.Session | None = getattr(self._of_thread, "session", None)
        if session is None:
            session = requests.Session()
            adapter = HTTPAdapter(pool_connections=2, pool_maxsize=2, max_retries=0)
            session.mount("https://", adapter)
            session.mount("http://", adapter)
            self._of_thread.session = session
        return session


def derive_edge_url(api_url: str) -> str:
    """The edge address that belongs to an API address, as Stigg's own SDKs derive it."""
    parts = urlsplit(api_url)
    host = parts.hostname or ""
    if host in LOOPBACK_HOSTS:
        bracketed = f"[{host}]" if ":" in host else host
        return urlunsplit((parts.scheme, f"{bracketed}:{LOOPBACK_EDGE_PORT}", "", "", ""))
    return urlunsplit((parts.scheme, f"edge.{parts.netloc}", "", "", ""))


def _check_key(api_key: str) -> None:
    """A key with a stray line end would otherwise be printed inside the HTTP library's error."""
    if not api_key:
        raise ConfigurationError("The Stigg API key is empty: set it to the server key of your environment.")
    if not api_key.isascii() or not api_key.isprintable() or " " in api_key:
        raise ConfigurationError("The Stigg API key holds spaces, line ends or other characters that no key has.")


def _default_guard() -> Guard:
    return Guard(PROVIDER, max_concurrent=8, breaker=Breaker(failures=5, seconds=10.0))
