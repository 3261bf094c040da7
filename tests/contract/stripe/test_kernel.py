"""What the program itself promises: fast connections and resets, other origins, state kept across restarts."""

import asyncio
import json
import re
import signal
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import requests
import stripe

from sandbox.frozen import NotFrozen, freeze, thaw
from sandbox.options import parser
from sandbox.server import Sandbox, bind_all
from sandbox.settings import Settings, SettingsError
from sandbox.stigg.state import Customer
from sandbox.world import World
from tests.contract.stripe.test_notifications import eventually
from tests.contract.stripe.test_start import free_port, ports, started

ORIGIN = "http://localhost:5173"
PROVISION_CUSTOMER = """mutation M($input: ProvisionCustomerInput!) {
  answer: provisionCustomer(input: $input) { customer { billingId } } }"""
PROVISION_SUBSCRIPTION = """mutation M($input: ProvisionSubscriptionInput!) {
  answer: provisionSubscriptionV2(input: $input) { status } }"""


class Started:
    def __init__(self, *options: str) -> None:
        names = ("stripe", "stigg", "console")
        self.ports = {name: free_port() for name in names}
        self.process = started(*ports(**self.ports), *options)
        assert self.process.stdout is not None
        assert self.process.stdout.readline() == "sandbox ready\n", self.process.stderr

    def url(self, side: str, path: str) -> str:
        return f"http://127.0.0.1:{self.ports[side]}{path}"

    def client(self) -> stripe.StripeClient:
        return stripe.StripeClient("sk_test_sandbox", base_addresses={"api": self.url("stripe", "")})

    def advance(self, days: int) -> None:
        seconds = {"advance_seconds": days * 86400}
        requests.post(self.url("console", "/api/clock"), json=seconds, timeout=20).raise_for_status()

    def buy(self, customer_id: str, plan_id: str) -> Any:
        """Through Stigg, with a saved card; the subscription as Stigg's side holds it."""
        made = self.ask(PROVISION_CUSTOMER, {"refId": customer_id, "shouldSyncFree": True})["customer"]
        self.client().v1.payment_methods.attach("pm_card_visa", {"customer": made["billingId"]})
        given = {"customerId": customer_id, "planId": plan_id, "billingPeriod": "MONTHLY"}
        eventually(lambda: self.customers()[0]["payment_method"] is not None)
        assert self.ask(PROVISION_SUBSCRIPTION, given)["status"] == "SUCCESS"
        eventually(lambda: self.subscriptions()[0]["status"] == "ACTIVE")
        return self.subscription()

    def subscription(self) -> Any:
        """The one there is, as far as the last words between the two sides do not touch it."""
        [found] = self.subscriptions()
        return {name: found[name] for name in ("id", "status", "choice", "billing_id", "period_start", "period_end")}

    def customers(self) -> Any:
        return requests.get(self.url("console", "/api/stigg/customers"), timeout=5).json()["data"]

    def subscriptions(self) -> Any:
        return requests.get(self.url("console", "/api/stigg/subscriptions"), timeout=5).json()["data"]

    def ask(self, document: str, given: dict[str, Any]) -> Any:
        body = {"query": document, "variables": {"input": given}}
        headers = {"x-api-key": "server-sandbox"}
        answer = requests.post(self.url("stigg", "/graphql"), json=body, headers=headers, timeout=10).json()
        assert "errors" not in answer, answer
        return answer["data"]["answer"]


@contextmanager
def running(*options: str) -> Iterator[Started]:
    made = Started(*options)
    try:
        yield made
    finally:
        stop(made.process)


def stop(process: subprocess.Popen[str], number: int = signal.SIGTERM) -> None:
    """It goes at once and says nothing."""
    process.send_signal(number)
    _said, complaints = process.communicate(timeout=10)
    assert (process.returncode, complaints) == (0, "")


def test_nagles_delay_is_off() -> None:
    async def scenario() -> int:
        found: asyncio.Future[int] = asyncio.get_running_loop().create_future()

        async def take(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            sock: socket.socket = writer.get_extra_info("socket")
            found.set_result(sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY))
            writer.close()

        [listening] = bind_all([0])
        assert listening.proto == socket.IPPROTO_TCP
        async with await asyncio.start_server(take, sock=listening):
            _, writer = await asyncio.open_connection(*listening.getsockname())
            delay = await found
            writer.close()
        return delay

    assert asyncio.run(scenario()) == 1


def test_a_reset_puts_back_what_was_seeded(tmp_path: Path) -> None:
    seeded: list[str] = []

    async def scenario() -> None:
        catalog = tmp_path / "plans.yaml"
        catalog.write_text("plans: 1")
        world = World(Settings(catalog=catalog))

        async def seed() -> None:
            seeded.append(catalog.read_text())
            world.stripe.products["prod_1"] = {"id": "prod_1", "metadata": {}}

        world.on_start.append(seed)
        await world.start()
        world.stripe.products["prod_1"]["metadata"]["changed"] = "yes"
        world.stripe.customers["cus_1"] = {"id": "cus_1"}
        await world.reset()
        assert world.stripe.products == {"prod_1": {"id": "prod_1", "metadata": {}}}
        assert world.stripe.customers == {}
        catalog.write_text("plans: edited")
        await world.reset()
        await world.stop()

    asyncio.run(scenario())
    assert seeded == ["plans: 1", "plans: edited"]


def test_every_option_has_a_help_text_and_is_a_setting() -> None:
    for action in parser()._actions:
        assert action.help, action.dest
    assert set(vars(parser().parse_args([]))) == set(Settings.__dataclass_fields__)
    assert "examples:" in parser().format_help()


@pytest.mark.parametrize(
    "options",
    [{"after_retries": "forget"}, {"retry_days": (0,)}, {"upcoming_days": -1}, {"stripe_webhook_url": "http://[::2]/"}],
)
def test_settings_that_make_no_sense_are_refused(options: dict[str, Any]) -> None:
    with pytest.raises(SettingsError):
        Settings(**options)


def test_ports_must_differ() -> None:
    with pytest.raises(SettingsError, match="another one"):
        Sandbox(Settings(edge_port=70, stigg_port=70))


def test_pages_on_loopback_may_call_every_side() -> None:
    edge = free_port()
    asked = {"Origin": ORIGIN, "Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "x-api-key"}
    with running("--edge-port", str(edge)) as sandbox:
        for url in (
            sandbox.url("stripe", "/v1/setup_intents/seti_1/confirm"),
            sandbox.url("stigg", "/graphql"),
            sandbox.url("console", "/api/clock"),
            f"http://127.0.0.1:{edge}/v1/paywall.json",
        ):
            allowed = requests.options(url, headers=asked, timeout=5)
            assert allowed.headers["Access-Control-Allow-Origin"] == ORIGIN, url
            refused = requests.options(url, headers=asked | {"Origin": "https://elsewhere.example"}, timeout=5)
            assert "Access-Control-Allow-Origin" not in refused.headers
        keys = {"x-api-key": "server-sandbox", "Origin": ORIGIN}
        paywall = requests.get(f"http://127.0.0.1:{edge}/v1/paywall.json", headers=keys, timeout=5)
        assert paywall.json()["data"]
        assert paywall.headers["Access-Control-Allow-Origin"] == ORIGIN
        fault = {"provider": "stripe", "kind": "status", "status": 503, "times": 1}
        requests.post(sandbox.url("console", "/api/faults"), json=fault, timeout=5)
        broken = requests.get(sandbox.url("stripe", "/v1/customers"), headers={"Origin": ORIGIN}, timeout=5)
        assert (broken.status_code, broken.headers["Access-Control-Allow-Origin"]) == (503, ORIGIN)


def test_the_console_refunds_and_disputes() -> None:
    with running() as sandbox:
        client = sandbox.client()
        card: Any = {"payment_method": "pm_card_visa", "confirm": True, "return_url": "http://127.0.0.1/"}
        paid = client.v1.payment_intents.create({"amount": 1500, "currency": "usd", **card})
        refunds, disputes = (sandbox.url("console", f"/api/stripe/{name}") for name in ("refunds", "disputes"))
        refund = requests.post(refunds, json={"charge": paid.id, "amount": 500}, timeout=5).json()
        assert (refund["amount"], refund["charge"]) == (500, paid.latest_charge)
        dispute = requests.post(disputes, json={"charge": paid.latest_charge}, timeout=5).json()
        assert (dispute["status"], dispute["amount"]) == ("needs_response", 1000)
        closed = requests.post(f"{disputes}/{dispute['id']}/close", json={"outcome": "won"}, timeout=5)
        assert closed.json()["status"] == "won"
        assert requests.post(disputes, json={"charge": "ch_none"}, timeout=5).status_code == 404
        assert requests.post(refunds, json={"charge": paid.id, "amount": 5000}, timeout=5).status_code == 400
        assert len(requests.get(disputes, params={"status": "won"}, timeout=5).json()["data"]) == 1


def test_state_survives_a_restart_at_both_sides(tmp_path: Path) -> None:
    kept = tmp_path / "state.json"
    with running("--state-file", str(kept)) as sandbox:
        bought = sandbox.buy("ada", "plan-starter")
        sandbox.advance(days=5)
    assert kept.stat().st_mode & 0o777 == 0o600
    with running("--state-file", str(kept)) as sandbox:
        assert sandbox.subscription() == bought
        # Its timers are there too: it renews at Stripe's side, and Stigg's side hears of it.
        sandbox.advance(days=28)
        renewed = sandbox.subscription()
        assert (renewed["status"], renewed["period_start"]) == ("ACTIVE", bought["period_end"])
        invoices = sandbox.client().v1.invoices.list({"subscription": renewed["billing_id"]}).data
        assert [each.status for each in invoices] == ["paid", "paid"]


@pytest.mark.parametrize("text", ["", "{}", "[1]", '{"format": 1, "stripe": {"$new": "os.system"}, "stigg": {}}'])
def test_a_file_that_is_none_of_its_own_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "state.json"
    path.write_text(text)
    with pytest.raises(SettingsError, match=re.escape(str(path))):
        Sandbox(Settings(state_file=path))


def test_any_state_goes_to_json_and_back() -> None:
    world = World(Settings())
    now = world.clock.now()
    customer = Customer(id="1", ref_id="c", created_at=now, updated_at=now, has_paid={"p"}, trialed=[("a", "b")])
    world.stigg.customers["c"] = customer
    world.stigg.stripe_prices[("plan", "key")] = "price_1"
    world.stripe.authenticated.add("pm_1")
    text = json.dumps(freeze([world.stripe, world.stigg, customer]))
    stripe_state, stigg_state, same = thaw(json.loads(text))
    assert (stripe_state.authenticated, stigg_state.stripe_prices) == ({"pm_1"}, {("plan", "key"): "price_1"})
    assert same is stigg_state.customers["c"]
    assert (same.has_paid, same.trialed, same.created_at) == ({"p"}, [("a", "b")], now)
    assert not same.lock.locked()
    with pytest.raises(NotFrozen):
        thaw({"$new": "subprocess.Popen", "number": 0, "held": {}})
    with pytest.raises(TypeError):
        freeze(object())


def test_it_goes_quietly_with_calls_under_way() -> None:
    sandbox = Started()
    fault = {"provider": "stripe", "kind": "hang", "seconds": 60}
    requests.post(sandbox.url("console", "/api/faults"), json=fault, timeout=5)
    with socket.create_connection(("127.0.0.1", sandbox.ports["stripe"])) as hanging:
        hanging.sendall(b"GET /v1/customers HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
        url = "http://127.0.0.1:9/nobody"
        body = {"source": "stripe", "url": url, "secret": "whsec_1"}
        requests.post(sandbox.url("console", "/api/webhooks/endpoints"), json=body, timeout=5)
        stop(sandbox.process, signal.SIGINT)
