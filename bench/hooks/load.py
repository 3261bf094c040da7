"""Load: wrk with signed events of 2.6 kB, and what it counted."""

from __future__ import annotations

import hmac
import json
import os
import shutil
import subprocess
import time
import uuid
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from scripts.stack.ports import LOOPBACK

CUSTOMERS = 1000
MOST_EVENTS = 30_000
SIZE = 2600
SCRIPT = Path(__file__).with_name("post.lua")


@dataclass(frozen=True)
class Run:
    """One burst of load. `failed` counts answers that were not 2xx and connections that broke."""

    accepted: int
    per_second: float
    failed: int
    p50_ms: float
    p99_ms: float


def body() -> str:
    """A Stripe event, padded with what Stripe's own are full of."""
    customer = {
        "id": "@CUSTOMER@",
        "object": "customer",
        "address": None,
        "balance": 0,
        "created": 1763856000,
        "currency": "usd",
        "default_source": None,
        "delinquent": False,
        "description": None,
        "email": "customer@example.com",
        "invoice_prefix": "AAAA",
        "invoice_settings": {"default_payment_method": None, "footer": None},
        "livemode": False,
        "metadata": {"tollgate_customer": "@CUSTOMER@"},
        "name": "Customer",
        "phone": None,
        "preferred_locales": [],
        "shipping": None,
        "tax_exempt": "none",
    }
    event = {
        "id": "@EVENT@",
        "object": "event",
        "api_version": "2020-08-27",
        "created": int(time.time()),
        "data": {"object": customer, "previous_attributes": {"name": "x"}},
        "livemode": False,
        "pending_webhooks": 1,
        "request": {"id": "req_1", "idempotency_key": None},
        "type": "customer.updated",
    }
    text = json.dumps(event, indent=2)
    customer["description"] = "x" * max(0, SIZE - len(text))
    return json.dumps(event, indent=2)


def burst(folder: Path, url: str, secret: str, *, connections: int, seconds: float, label: str = "evt") -> Run:
    """Post for so long. Raises RuntimeError when wrk says something else than expected."""
    template = body()
    (folder / "body").write_text(template)
    (folder / "signed").write_text("\n".join(_signed(template, secret, label)))
    command = [wrk(), f"-d{round(seconds)}s", f"-c{connections}", "-t1", "--latency", "-s", str(SCRIPT), url]
    env = os.environ | {"BENCH_SIGNED": str(folder / "signed"), "BENCH_BODY": str(folder / "body")}
    said = subprocess.run(command, env=env, capture_output=True, text=True, check=False).stdout
    numbers = next((line.split()[1:] for line in said.splitlines() if line.startswith("RESULT")), None)
    if numbers is None:
        raise RuntimeError(said)
    requests, micros, status, broken, p50, p99 = (int(number) for number in numbers)
    accepted = requests - status
    return Run(accepted, accepted / (micros / 1e6), status + broken, p50 / 1000, p99 / 1000)


def _signed(template: str, secret: str, label: str) -> list[str]:
    lines, moment, batch = [], str(int(time.time())), uuid.uuid4().hex[:12]
    for number in range(MOST_EVENTS):
        event, customer = f"{label}_{batch}{number:07d}", f"cus_bench{number % CUSTOMERS:04d}"
        sent = template.replace("@EVENT@", event).replace("@CUSTOMER@", customer)
        digest = hmac.new(secret.encode(), f"{moment}.{sent}".encode(), sha256).hexdigest()
        lines.append(f"{event} {customer} t={moment},v1={digest}")
    return lines


def wrk() -> str:
    """The program; installed where that is possible without asking."""
    if not shutil.which("wrk") and os.geteuid() == 0 and shutil.which("apt-get"):
        subprocess.run(["apt-get", "install", "-y", "-qq", "wrk"], check=False, capture_output=True)
    found = shutil.which("wrk")
    if not found:
        raise SystemExit("The bench needs wrk (Debian and Ubuntu: sudo apt-get install wrk).")
    return found


def address(port: int, path: str) -> str:
    return f"http://{LOOPBACK}:{port}{path}"
