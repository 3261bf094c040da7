"""A sandbox of our own for tests: started on free ports, steered through its console."""

from __future__ import annotations

import contextlib
import socket
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import requests

ROOT = Path(__file__).resolve().parent.parent
PATIENCE_SECONDS = 120
STIGG_KEY, STRIPE_KEY, STRIPE_PUBLISHABLE_KEY = "server-sandbox", "sk_test_sandbox", "pk_test_sandbox"


def free_port() -> int:
    """A port that nobody listens on just now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass(frozen=True, slots=True)
class SandboxClient:
    """The console's JSON API, and the addresses of both sides."""

    stripe_url: str
    stigg_url: str
    console_url: str

    def get(self, path: str, **params: str) -> Any:
        answer = requests.get(f"{self.console_url}/api/{path}", params=params, timeout=PATIENCE_SECONDS)
        answer.raise_for_status()
        return answer.json()

    def post(self, path: str, **fields: Any) -> Any:
        answer = requests.post(f"{self.console_url}/api/{path}", json=fields, timeout=PATIENCE_SECONDS)
        answer.raise_for_status()
        return answer.json()

    def objects(self, side: str, collection: str, **filters: str) -> list[dict[str, Any]]:
        """Objects of one side, e.g. `objects("stripe", "subscriptions", customer="cus_1")`."""
        found: list[dict[str, Any]] = self.get(f"{side}/{collection}", **filters)["data"]
        return found

    def calls(self, provider: str, operation: str = "") -> list[dict[str, Any]]:
        """Calls that reached one side from outside, oldest first."""
        wanted = {"provider": provider} | ({"operation": operation} if operation else {})
        answer = self.get("calls", **wanted)
        rows: list[dict[str, Any]] = answer["data"] if isinstance(answer, dict) else answer
        return [row for row in rows if not row.get("internal")]

    def fault(self, provider: str, kind: str, operation: str | None = None, **fields: Any) -> None:
        """Make calls go wrong until `calm`, or for `times` calls."""
        self.post("faults", provider=provider, operation=operation, kind=kind, **fields)

    def calm(self) -> None:
        """Take all faults away."""
        requests.delete(f"{self.console_url}/api/faults", timeout=10).raise_for_status()

    def advance(self, *, hours: float) -> None:
        """Move the sandbox's clock."""
        self.post("clock", advance_seconds=hours * 3600)

    def settle(self) -> None:
        """Wait until the two sides have told each other, and us, all that they have to say."""
        assert self.post("quiet")["quiet"], "the sandbox does not come to rest"

    def reset(self) -> None:
        """Everything as at the start."""
        self.post("reset")

    def confirm_card(self, setup_intent_id: str, payment_method: str = "pm_card_visa") -> dict[str, Any]:
        """What the browser does: confirm a SetupIntent with a test card."""
        answer = requests.post(
            f"{self.stripe_url}/v1/setup_intents/{setup_intent_id}/confirm",
            data={"payment_method": payment_method, "return_url": "http://127.0.0.1/return"},
            auth=(STRIPE_KEY, ""),
            timeout=10,
        )
        body: dict[str, Any] = answer.json()
        return body

    def confirm_new_card(self, setup_intent_id: str, *, token: str = "tok_visa", **data: Any) -> dict[str, Any]:
        """What Stripe.js does for a card that was typed in; `data` goes into `payment_method_data`."""
        fields = _flat({"payment_method_data": {"type": "card", "card": {"token": token}, **data}})
        answer = requests.post(
            f"{self.stripe_url}/v1/setup_intents/{setup_intent_id}/confirm",
            data=fields | {"return_url": "http://127.0.0.1/return"},
            auth=(STRIPE_KEY, ""),
            timeout=10,
        )
        body: dict[str, Any] = answer.json()
        return body

    def authenticate(self, intent_id: str, outcome: str) -> None:
        """The bank's 3-D Secure page answers: "accept" or "refuse"."""
        kind = "setup_intents" if intent_id.startswith("seti_") else "payment_intents"
        intent = requests.get(f"{self.stripe_url}/v1/{kind}/{intent_id}", auth=(STRIPE_KEY, ""), timeout=10).json()
        answer = requests.post(
            f"{self.stripe_url}/sandbox/3ds/{intent_id}",
            data={"client_secret": intent["client_secret"], "outcome": outcome},
            timeout=10,
        )
        answer.raise_for_status()


def _flat(value: dict[str, Any], name: str = "") -> dict[str, str]:
    """Nested values as bracketed form fields."""
    flat: dict[str, str] = {}
    for key, inner in value.items():
        path = f"{name}[{key}]" if name else key
        flat |= _flat(inner, path) if isinstance(inner, dict) else {path: str(inner)}
    return flat


@contextlib.contextmanager
def running_sandbox(*arguments: str) -> Iterator[SandboxClient]:
    """`python -m sandbox` on free ports, stopped at the end."""
    stripe, stigg, console = free_port(), free_port(), free_port()
    command = [
        sys.executable,
        "-m",
        "sandbox",
        "--with-parent",
        "--stripe-port",
        str(stripe),
        "--stigg-port",
        str(stigg),
    ]
    process = subprocess.Popen(
        [*command, "--console-port", str(console), *arguments], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    try:
        assert process.stdout is not None
        line = process.stdout.readline()
        assert line.strip() == "sandbox ready", f"the sandbox did not start: {line!r}"
        yield SandboxClient(*(f"http://127.0.0.1:{port}" for port in (stripe, stigg, console)))
    finally:
        process.terminate()
        process.wait(timeout=PATIENCE_SECONDS)
        if process.stdout is not None:
            process.stdout.close()
