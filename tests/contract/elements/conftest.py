"""One sandbox, one shop and one page of Debian's Chromium for all tests; each test starts them afresh."""

import socket
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from tests.contract.elements.host_page import served

ROOT = Path(__file__).parents[3]
SECRET_KEY = ("sk_test_sandbox", "")


class Running:
    def __init__(self, stripe_url, stigg_url, console_url):
        self.stripe_url, self.stigg_url, self.console_url = stripe_url, stigg_url, console_url
        # No keep-alive: between two tests the server may have closed the connection.
        self.http = httpx.Client(trust_env=False, timeout=30, limits=httpx.Limits(max_keepalive_connections=0))

    def api(self, method, path, **data):
        answer = self.http.request(method, f"{self.stripe_url}{path}", data=data, auth=SECRET_KEY)
        answer.raise_for_status()
        return answer.json()

    def console(self, method, path, json=None):
        answer = self.http.request(method, f"{self.console_url}{path}", json=json)
        answer.raise_for_status()
        return answer.json()

    def customer(self, email="card@example.com"):
        return self.api("POST", "/v1/customers", email=email)["id"]

    def setup_intent(self, **more):
        fields = {"usage": "off_session", "automatic_payment_methods[enabled]": "true"}
        return self.api(
            "POST",
            "/v1/setup_intents",
            **({"customer": self.customer()} if "customer" not in more else {}),
            **(fields | more),
        )


@pytest.fixture(scope="session")
def running():
    ports = free_ports(3)
    command = [sys.executable, "-m", "sandbox", "--with-parent"]
    for name, port in zip(("stripe", "stigg", "console"), ports, strict=True):
        command += [f"--{name}-port", str(port)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert "sandbox ready" in process.stdout.readline()
            running = Running(*(f"http://127.0.0.1:{port}" for port in ports))
            yield running
            running.http.close()
        finally:
            process.terminate()
            process.wait(10)


@pytest.fixture
def sandbox(running):
    running.console("POST", "/api/reset")
    return running


@pytest.fixture(scope="session")
def shop_url(running):
    with served(running.stripe_url) as url:
        yield url


@pytest.fixture(scope="session")
def only_page(browser, browser_context_args):
    """A new context for each test would take longer than most tests."""
    context = browser.new_context(**browser_context_args)
    yield context.new_page()
    context.close()


@pytest.fixture
def page(only_page):
    yield only_page
    only_page.goto("about:blank")
    only_page.emulate_media(color_scheme="null", reduced_motion="null")
    only_page.set_viewport_size({"width": 900, "height": 1000})


@pytest.fixture
def shop(page, shop_url, sandbox):
    """The shop's page, whose policy must not have been broken by the end of the test."""
    page.goto(shop_url)
    yield page
    if page.url.startswith(shop_url):
        assert page.evaluate("window.violations ?? []") == []


@pytest.fixture
def card_frame(shop):
    return shop.frame_locator("iframe[title='Secure payment input frame']")


@pytest.fixture(scope="session")
def browser_context_args():
    return {"locale": "en-US", "viewport": {"width": 900, "height": 1000}}


def free_ports(count):
    sockets = [socket.socket() for _ in range(count)]
    for each in sockets:
        each.bind(("127.0.0.1", 0))
    ports = [each.getsockname()[1] for each in sockets]
    for each in sockets:
        each.close()
    return ports
