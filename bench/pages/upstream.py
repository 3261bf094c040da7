"""What the pages ask of Stripe and Stigg, counted in the sandbox's journal; and how they fare while Stripe hangs."""

from __future__ import annotations

import os
import statistics
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator
from collections.abc import Set as AbstractSet
from contextlib import contextmanager
from typing import Any

from playwright.sync_api import sync_playwright

from tests.conftest import CHROMIUM_ARGUMENTS
from tests.e2e.people import VISA, Person
from tests.e2e.sandbox import Sandbox
from tests.e2e.stack import Stack

HANGING_SECONDS = 8
CLICKS = 8
BOTH = ("stripe", "stigg")


def calls(stack: Stack, sandbox: Sandbox) -> dict[str, int]:
    """Calls by step: a warm paywall, the start of a checkout, its card page, its completion."""
    found: dict[str, int] = {}
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=os.environ["CHROMIUM"], args=CHROMIUM_ARGUMENTS)
        person = Person(browser.new_context(base_url=stack.site_url, locale="en-US").new_page())
        page = person.page
        person.opens_prices()
        found["paywall, warm"] = _counted(sandbox, person.opens_prices)
        person.chooses("Pro")
        person.signs_up()
        person.sees_heading("Review your order")
        _settled(sandbox)

        page.get_by_label("Country").select_option(label="United States")
        _settled(sandbox)

        def begins() -> None:
            page.get_by_role("button", name="Continue to payment").click()
            person.enters_other_card_form()

        # The start leads to the card page, which is then counted for itself and taken off.
        both = _counted(sandbox, begins, {"stripe"})
        found["card page (Stripe)"] = _counted(sandbox, page.reload, {"stripe"})
        found["checkout begins (Stripe)"] = both - found["card page (Stripe)"]
        person.enters_other_card_form()

        def completes() -> None:
            person.pays_with(VISA)
            person.is_welcomed("Pro")

        found["completion"] = _counted(sandbox, completes)
        browser.close()
    return found


def _counted(sandbox: Sandbox, step: Callable[[], Any], providers: AbstractSet[str] = frozenset(BOTH)) -> int:
    """The site's own calls while it happens: neither the browser's to Stripe.js, nor those that follow webhooks."""
    before = _ours(sandbox, providers)
    for source in BOTH:
        sandbox.webhooks(source, "hold")
    step()
    after = _ours(sandbox, providers)
    for source in BOTH:
        sandbox.webhooks(source, "deliver")
    return after - before


def _ours(sandbox: Sandbox, providers: AbstractSet[str] = frozenset(BOTH)) -> int:
    rows = [row for row in sandbox.calls() if row["provider"] in providers and not row["internal"]]
    return sum(not _is_the_browsers(row) for row in rows)


def _is_the_browsers(row: dict[str, Any]) -> bool:
    """Stripe.js shows the intent's secret, or makes what only a card field can make; our server does neither."""
    makes = row["method"] == "POST" and row["path"] in {"/v1/confirmation_tokens", "/v1/payment_methods"}
    return makes or row["path"].startswith("/sandbox/") or "client_secret" in row["request"]


def _settled(sandbox: Sandbox) -> None:
    """Until the worker has nothing more to ask about the customer who has just signed up."""
    last, since = -1, time.monotonic()
    while time.monotonic() - since < 2:
        if (now := _ours(sandbox)) != last:
            last, since = now, time.monotonic()
        time.sleep(0.2)


def beside_a_hanging_stripe(stack: Stack, sandbox: Sandbox, *, rounds: int, seconds: float = 3) -> float:
    """Requests per second of a page that asks nobody, with people stuck on card pages, over those without; median."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=os.environ["CHROMIUM"], args=CHROMIUM_ARGUMENTS)
        context = browser.new_context(base_url=stack.site_url, locale="en-US")
        person = Person(context.new_page())
        person.goes_to_card_page()
        cookies = "; ".join(f"{each['name']}={each['value']}" for each in context.cookies(stack.site_url))
        address = person.page.url
        browser.close()
    ratios = []
    for _ in range(rounds):
        free = _rate(stack, seconds)
        sandbox.fault("stripe", "latency", seconds=HANGING_SECONDS)
        with _stuck(address, cookies):
            ratios.append(_rate(stack, seconds) / free)
        sandbox.clear_faults()
    return statistics.median(ratios)


@contextmanager
def _stuck(address: str, cookies: str) -> Iterator[None]:
    """Several people whose card page waits for Stripe."""
    request = urllib.request.Request(address, headers={"Cookie": cookies})  # noqa: S310 - our own address

    def wait() -> None:
        try:
            urllib.request.urlopen(request, timeout=60).close()  # noqa: S310
        except OSError:
            return

    threads = [threading.Thread(target=wait) for _ in range(CLICKS)]
    for thread in threads:
        thread.start()
    time.sleep(0.5)
    yield
    for thread in threads:
        thread.join()


def _rate(stack: Stack, seconds: float) -> float:
    """Of the contact page, asked for by two at once."""
    counts, until = [0, 0], time.monotonic() + seconds

    def ask(place: int) -> None:
        while time.monotonic() < until:
            urllib.request.urlopen(f"{stack.site_url}/contact/", timeout=60).read()  # noqa: S310
            counts[place] += 1

    threads = [threading.Thread(target=ask, args=(place,)) for place in range(len(counts))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sum(counts) / seconds
