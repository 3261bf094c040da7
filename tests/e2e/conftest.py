"""One demo stack for all browser tests, a calm sandbox for each, and people with browsers of their own."""

from __future__ import annotations

import contextlib
import re
import time
from datetime import datetime

import pytest
from playwright.sync_api import Error as PlaywrightError

from billing import conf
from tests.e2e.people import Person, wait_until_still
from tests.e2e.sandbox import Sandbox
from tests.e2e.stack import ROOT, execute, running_stack

SCREENSHOTS = ROOT / "var" / "screenshots"
BREAKER_OPENS = re.compile(r'"gateway_breaker_open".*"timestamp": "([^"]+)"')
CSP_COMPLAINT = "Content Security Policy"
WORRYING = ('"level": "warning"', '"level": "error"', "Traceback", "Error", "[ERROR]")


@pytest.fixture(scope="session")
def stack(tmp_path_factory):
    with running_stack(tmp_path_factory.mktemp("stack")) as stack:
        yield stack


@pytest.fixture(scope="session")
def sandbox_client(stack):
    client = Sandbox(stack.facts.console_url)
    yield client
    client.close()


@pytest.fixture(autouse=True)
def sandbox(stack, sandbox_client):
    """Calm before each test, also at the site, which asks nobody for a while after an outage; and the limits against
    card testing count from nought, as all tests share one address."""
    sandbox_client.calm()
    time.sleep(max(0, last_outage(stack) + conf.current().breaker_seconds - time.time()))
    execute(stack.facts.database_url, "DELETE FROM billing_cardattempt")
    return sandbox_client


def last_outage(stack):
    """When a breaker of the site opened last, in seconds since 1970."""
    found = [moment for log in stack.logs().values() for moment in BREAKER_OPENS.findall(log)]
    return max((datetime.fromisoformat(moment).timestamp() for moment in found), default=0)


@pytest.fixture(scope="session")
def browser_context_args(stack):
    return {
        "base_url": stack.site_url,
        "locale": "en-US",
        "timezone_id": "UTC",
        "viewport": {"width": 1280, "height": 900},
        "reduced_motion": "reduce",
    }


@pytest.fixture
def new_person(browser, browser_context_args):
    """People, each with a browser of their own. No page may break its own policy or stumble over its own script."""
    complaints, contexts = [], []

    def arrive(email=None, **options):
        context = browser.new_context(**(browser_context_args | options))
        contexts.append(context)
        context.on("page", lambda page: listen(page, complaints))
        person = Person(context.new_page())
        if email:
            person.email = email
        return person

    yield arrive
    for context in contexts:
        context.close()
    assert complaints == []


@pytest.fixture
def person(new_person):
    return new_person()


@pytest.fixture
def admin(new_person, stack):
    """The administrator, signed in to Django's admin."""
    someone = new_person(email=stack.facts.admin_user)
    page = someone.page
    page.goto("/admin/login/?next=/admin/")
    page.get_by_label("Username").fill(stack.facts.admin_user)
    page.get_by_label("Password").fill(stack.facts.admin_password)
    page.get_by_role("button", name="Log in").click()
    return someone


@pytest.fixture(scope="session")
def picture():
    """`picture(page, name)` keeps a picture of the whole page under var/screenshots, for people to look at."""

    def take(page, name):
        """In a window as tall as the page: in a full-page picture Chromium leaves frames below the fold blank."""
        SCREENSHOTS.mkdir(parents=True, exist_ok=True)
        usual = page.viewport_size
        fit_window(page, usual)
        page.screenshot(path=SCREENSHOTS / f"{name}.png")
        page.set_viewport_size(usual)

    return take


def fit_window(page, usual):
    """As tall as the page; what is laid out only in sight may turn out higher than it was taken for."""
    wait_until_still(page)
    height = 0
    while (needed := page.evaluate("document.documentElement.scrollHeight")) > height:
        height = max(needed, usual["height"])
        page.set_viewport_size({"width": usual["width"], "height": height})
        page.wait_for_timeout(150)


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    """A failed test tells where everybody was, and what the servers complained of."""
    report = (yield).get_result()
    if report.when != "call" or not report.failed:
        return
    for context in getattr(item.funcargs.get("browser"), "contexts", []):
        for page in context.pages:
            report.sections.append((f"page {page.url}", text_of(page)))
            keep_picture(page, item.name)
    if stack := item.funcargs.get("stack"):
        report.sections.extend((name, worrying_lines(log)) for name, log in sorted(stack.logs().items()))


def text_of(page):
    try:
        return page.locator("body").inner_text(timeout=1000)
    except PlaywrightError as error:
        return f"(no text: {error})"


def keep_picture(page, name):
    folder = SCREENSHOTS / "failures"
    folder.mkdir(parents=True, exist_ok=True)
    with contextlib.suppress(PlaywrightError):
        page.screenshot(path=folder / f"{name[:80].replace('/', '_')}-{id(page) % 1000}.png", full_page=True)


def worrying_lines(log):
    return "\n".join([line for line in log.splitlines() if any(word in line for word in WORRYING)][-25:])


def listen(page, complaints):
    page.on("pageerror", lambda error: complaints.append(f"{page.url}: {error}"))
    page.on("console", lambda message: complain(page, message.text, complaints))


def complain(page, text, complaints):
    if CSP_COMPLAINT in text:
        complaints.append(f"{page.url}: {text}")
