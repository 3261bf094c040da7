"""The whole of it for one run: a database, the sandbox, two web processes, some workers, and customers with a truth."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import requests

from scripts.stack.environment import Plan, Secrets, environment
from scripts.stack.ports import LOOPBACK, Ports, spare
from tests.chaos.databases import Postgres, Sqlite, database
from tests.chaos.processes import ROOT, Supervisor, wait_for
from tests.sandbox_process import STRIPE_KEY, SandboxClient, running_sandbox

LEASE_SECONDS = 10
GRANIAN = Path(sys.executable).with_name("granian")
MODEL = "5c0de000-0000-4000-8000-000000000001"
CARD_THAT_PAYS = "pm_card_visa"


class Stack:
    """What the parts of the suite work with."""

    def __init__(self, *, kind: str, folder: Path, store: Sqlite | Postgres, sandbox: SandboxClient, ports: Ports):
        self.kind, self.folder, self.database, self.sandbox = kind, folder, store, sandbox
        self.web_ports = spare(2)
        self.plan = Plan(ports=ports, state_dir=folder, database_url=store.url, secrets=Secrets())
        self.env = environment(self.plan) | {
            "DJANGO_SETTINGS_MODULE": "tests.chaos.settings",
            "LOG_LEVEL": "WARNING",
            "CHAOS_LEASE_SECONDS": str(LEASE_SECONDS),
        }
        self.supervisor = Supervisor(env=self.env, logs=folder / "logs")

    def manage(self, *arguments: str, **env: str) -> str:
        """Run a management command to its end; what it said."""
        command = [sys.executable, "manage.py", *arguments]
        done = subprocess.run(command, cwd=ROOT, env=self.env | env, capture_output=True, text=True, check=False)
        assert done.returncode == 0, f"{arguments}: {done.stderr[-2000:]}"
        return done.stdout

    def start_web(self, *, threads: int = 4, **env: str) -> None:
        """Two servers with one process each, as behind a load balancer: killing one leaves the other."""
        for port in self.web_ports:
            command = [str(GRANIAN), "--interface=wsgi", f"--host={LOOPBACK}", f"--port={port}", "--workers=1"]
            command += [f"--blocking-threads={threads}", "--no-ws", "--log-level=warning"]
            self.supervisor.keep(f"web-{port}", [*command, "checkout_site.wsgi:application"], **env)
        wait_for("the web servers", lambda: all(self.is_alive(port) for port in self.web_ports))

    def start_workers(self, count: int, **env: str) -> None:
        for number in range(count):
            self.supervisor.keep(f"worker-{number}", [sys.executable, "manage.py", "billing_worker"], **env)

    def stop(self, beginning: str) -> None:
        for name in self.supervisor.names(beginning):
            self.supervisor.drop(name)

    def is_alive(self, port: int) -> bool:
        try:
            return requests.get(f"http://{LOOPBACK}:{port}/healthz/live", timeout=2).status_code == 200
        except requests.RequestException:
            return False

    def rows(self, statement: str) -> list[tuple]:
        return self.database.query(statement)

    def count(self, condition: str = "1=1") -> int:
        """How many events of the inbox."""
        return int(self.rows(f"SELECT count(*) FROM billing_webhookevent WHERE {condition}")[0][0])  # noqa: S608

    def settle(self, *, seconds: float) -> float:
        """Wait until every event has come to its end; how long that took."""
        unfinished = "state NOT IN ('done', 'ignored', 'dead')"
        return wait_for(f"{unfinished} is empty", lambda: self.count(unfinished) == 0, seconds=seconds, pause=0.5)

    def crowd(self, count: int, seed: int) -> list[dict[str, Any]]:
        """Customers with a paid subscription at both sides, and their rows here, not yet mirrored."""
        people = self.sandbox.post("crowd", like=self.make_model(), count=count, seed=seed)["data"]
        listed = self.folder / "people.json"
        listed.write_text(json.dumps(people))
        command = [sys.executable, "-m", "tests.chaos.enrol", str(listed)]
        subprocess.run(command, cwd=ROOT, env=self.env, check=True)
        return people

    def make_model(self) -> str:
        """One customer who came about in the usual way."""
        model = MODEL
        self._stigg(
            "provisionCustomer",
            "ProvisionCustomer",
            "{ customer { customerId } }",
            {"customerId": model, "name": "Model", "email": "model@example.com", "shouldSyncFree": True},
        )
        (customer,) = self.sandbox.objects("stigg", "customers", ref_id=model)
        attach = f"{self.sandbox.stripe_url}/v1/payment_methods/{CARD_THAT_PAYS}/attach"
        card = requests.post(attach, data={"customer": customer["billing_id"]}, auth=(STRIPE_KEY, ""), timeout=10)
        billing = {"paymentMethodId": card.json()["id"]}
        self._stigg(
            "updateOneCustomer",
            "UpdateCustomer",
            "{ customerId }",
            {"customerId": model, "billingInformation": billing},
        )
        self._stigg(
            "provisionSubscriptionV2",
            "ProvisionSubscription",
            "{ status subscription { id } }",
            {"customerId": model, "planId": "plan-pro", "billingPeriod": "MONTHLY"},
        )
        return model

    def _stigg(self, field: str, kind: str, wanted: str, given: dict[str, Any]) -> Any:
        query = f"mutation($input: {kind}Input!) {{ {field}(input: $input) {wanted} }}"
        answer = requests.post(
            f"{self.sandbox.stigg_url}/graphql",
            json={"query": query, "variables": {"input": given}},
            headers={"X-API-KEY": self.plan.secrets.stigg_api_key},
            timeout=30,
        ).json()
        assert not answer.get("errors"), answer
        return answer["data"]


@contextmanager
def running_stack(kind: str) -> Iterator[Stack]:
    """`kind`: postgresql or sqlite. The tables are there; web servers and workers are started by the part."""
    with tempfile.TemporaryDirectory(prefix="tollgate-chaos-") as name, running_sandbox() as sandbox:
        folder = Path(name)
        with database(kind, folder) as store:
            stripe, stigg, console = (
                int(url.rsplit(":", 1)[1]) for url in (sandbox.stripe_url, sandbox.stigg_url, sandbox.console_url)
            )
            ports = Ports(web=0, stripe=stripe, stigg=stigg, console=console)
            stack = Stack(kind=kind, folder=folder, store=store, sandbox=sandbox, ports=ports)
            stack.manage("migrate", "--noinput", "--verbosity=0")
            with stack.supervisor:
                yield stack
