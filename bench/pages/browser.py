"""A slow browser on the demo stack: Chromium with its processor slowed four times and nothing in its cache."""

from __future__ import annotations

import gzip
import os
import statistics
from dataclasses import dataclass, replace
from typing import Any

from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from tests.e2e.people import Person
from tests.e2e.stack import Stack

SLOWED = 4
# A new tab starts a process of the browser's own, which a visitor's tab has behind it: both are looked at.
SETTLED_AFTER_MS = 1_000
# Asked when all is loaded: a script that runs before would be paid for in the time to the first paint.
# `element`: the card's name says itself when it is painted, https://developer.mozilla.org/docs/Web/API/PerformanceElementTiming
ASK = """
  async () => {
    const entries = (type) => new Promise((resolve) => {
      const observer = new PerformanceObserver((list) => resolve(list.getEntries()));
      observer.observe({type, buffered: true});
      setTimeout(() => resolve([]), 500);
    });
    const [paint] = performance.getEntriesByName("first-contentful-paint");
    const [plan] = await entries("element");
    const shifts = (await entries("layout-shift")).filter((shift) => !shift.hadRecentInput);
    return {
      first: (plan?.renderTime || paint.startTime) / 1000,
      lcp: (await entries("largest-contentful-paint")).at(-1).startTime / 1000,
      cls: shifts.reduce((sum, shift) => sum + shift.value, 0),
    };
  }
"""
# The shortest answer of the same server: what the browser takes before a page of ours can count.
SHORTEST = "shortest answer"


@dataclass(frozen=True)
class Seen:
    """One page: bytes as they came over the wire, ours and Stripe.js apart; times in seconds.

    `first`: until the first plan is seen, or on a page without plans anything at all, in a tab that stood open;
    `first_in_new_tab`: the same in one that was opened this moment.
    """

    bytes: int
    requests: int
    js_bytes: int
    first: float
    lcp: float
    cls: float
    first_in_new_tab: float = 0.0


def measure(stack: Stack, *, rounds: int) -> dict[str, Seen]:
    """Shortest answer and paywall as a stranger, card page as a new customer; the median of the rounds."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=os.environ["CHROMIUM"], args=["--no-sandbox"])
        customer = browser.new_context(base_url=stack.site_url, locale="en-US")
        person = Person(customer.new_page())
        person.goes_to_card_page()
        addresses = {SHORTEST: "/healthz/live", "paywall": "/pricing/?period=MONTHLY", "card page": person.page.url}
        states: dict[str, Any] = {"card page": customer.storage_state()}
        found: dict[str, list[Seen]] = {name: [] for name in addresses}
        for _ in range(rounds):
            for name, address in addresses.items():
                new = _look(browser, stack, address, states.get(name), settled_after=0)
                seen = _look(browser, stack, address, states.get(name), settled_after=SETTLED_AFTER_MS)
                found[name].append(replace(seen, first_in_new_tab=new.first))
        browser.close()
    return {name: _median(each) for name, each in found.items()}


def _look(browser: Browser, stack: Stack, address: str, state: Any, *, settled_after: int) -> Seen:
    context = browser.new_context(base_url=stack.site_url, locale="en-US", storage_state=state)
    page = context.new_page()
    sizes = _listen(context, page, stack.site_url)
    page.wait_for_timeout(settled_after)
    page.goto(address)
    page.wait_for_load_state("networkidle")
    seen = page.evaluate(ASK)
    scripts = [response.body() for response in sizes["scripts"]]
    context.close()
    ours = sizes["ours"]
    js_bytes = sum(len(gzip.compress(body, 9)) for body in scripts)
    return Seen(sum(ours.values()), len(ours), js_bytes, **seen)


def _listen(context: BrowserContext, page: Page, site: str) -> dict[str, Any]:
    """What comes from our own address, headers and all, as the browser's own devtools count it."""
    session = context.new_cdp_session(page)
    session.send("Network.enable")
    session.send("Network.clearBrowserCache")
    session.send("Emulation.setCPUThrottlingRate", {"rate": SLOWED})
    urls: dict[str, str] = {}
    heard: dict[str, Any] = {"ours": {}, "scripts": []}
    session.on("Network.responseReceived", lambda event: urls.update({event["requestId"]: event["response"]["url"]}))

    def finished(event: dict[str, Any]) -> None:
        if urls.get(event["requestId"], "").startswith(site):
            heard["ours"][event["requestId"]] = event["encodedDataLength"]

    session.on("Network.loadingFinished", finished)
    page.on(
        "response",
        lambda response: (
            heard["scripts"].append(response)
            if response.url.startswith(site) and response.request.resource_type == "script"
            else None
        ),
    )
    return heard


def _median(each: list[Seen]) -> Seen:
    def middle(name: str) -> float:
        return statistics.median(getattr(seen, name) for seen in each)

    sizes = {name: round(middle(name)) for name in ("bytes", "requests", "js_bytes")}
    times = {name: middle(name) for name in ("first", "first_in_new_tab", "lcp")}
    return Seen(**sizes, **times, cls=max(seen.cls for seen in each))
