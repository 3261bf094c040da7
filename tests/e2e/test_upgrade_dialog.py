"""The paywall in place, on a page of a host application: a dialog that works by keyboard and looks right anywhere."""

import re

import pytest
from playwright.sync_api import expect

from tests.e2e.conftest import SCREENSHOTS
from tests.e2e.people import assert_accessible
from tests.e2e.small_site import EMAIL, PASSWORD, running_site
from tests.sandbox_process import running_sandbox

pytestmark = pytest.mark.shows("P16")

HOST_PAGE = "/host/projects/"


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    folder = tmp_path_factory.mktemp("host")
    with (
        running_sandbox() as outside,
        running_site(folder, stigg_url=outside.stigg_url, urls="tests.e2e.host_urls", CONTACT_EMAIL="") as url,
    ):
        yield url


@pytest.fixture(autouse=True)
def sandbox():
    """No demo: the site alone does."""


@pytest.fixture(scope="module")
def session(browser, site):
    """Bob's browser, signed in once."""
    options = {"base_url": site, "locale": "en-US", "reduced_motion": "reduce"}
    context = browser.new_context(**options)
    page = context.new_page()
    page.goto(f"/accounts/login/?next={HOST_PAGE}")
    page.get_by_label("Email").fill(EMAIL)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.locator("form[action*=login]").get_by_role("button").click()
    expect(page.get_by_role("heading", name="Projects")).to_be_visible()
    yield context
    context.close()


def complain(message, complaints):
    """A page that broke its own policy; axe's own styles, with which it looks into sheets, come from no address."""
    if "Security Policy" in message.text and message.location["url"]:
        complaints.append(message.text)


@pytest.fixture
def page(session):
    complaints = []
    page = session.new_page()
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("console", lambda message: complain(message, complaints))
    page.set_viewport_size({"width": 1280, "height": 800})
    page.goto(HOST_PAGE)
    yield page
    page.close()
    assert complaints == []


def opened(page, button="New project"):
    page.get_by_role("button", name=button).focus()
    page.keyboard.press("Enter")
    dialog = page.get_by_role("dialog")
    expect(dialog).to_be_visible()
    return dialog


def test_a_refused_action_brings_up_the_paywall_and_leaves_the_page_alone(page):
    dialog = opened(page)
    expect(dialog).to_have_accessible_name("You have used 3 of 3 projects")
    expect(dialog).to_have_accessible_description(re.compile("Starter includes: 20 projects"))
    expect(dialog.get_by_role("link", name="Upgrade to Starter")).to_be_visible()
    assert page.locator("#projects li").all_inner_texts() == ["One", "Two", "Three"]
    assert page.url.endswith(HOST_PAGE)


def test_the_focus_goes_in_stays_in_and_comes_back(page):
    dialog = opened(page)
    expect(dialog.get_by_role("heading")).to_be_focused()
    seen = []
    for _ in range(3):
        page.keyboard.press("Tab")
        seen.append(page.evaluate("document.activeElement.textContent.trim()"))
    assert seen == ["Upgrade to Starter", "Compare all plans", "Not now"]
    page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)
    expect(page.get_by_role("button", name="New project")).to_be_focused()
    expect(page.locator("tollgate-upgrade")).to_have_count(0)


def test_it_comes_up_again_each_time_and_never_twice(page):
    for button in ("New project", "New project", "Set up single sign-on"):
        dialog = opened(page, button)
        assert page.locator("dialog").count() == 1
        dialog.get_by_role("button", name="Not now").click()
        expect(dialog).to_have_count(0)
        expect(page.get_by_role("button", name=button)).to_be_focused()


def test_it_leads_to_the_checkout_of_the_plan_that_grants_it(page):
    opened(page).get_by_role("link", name="Upgrade to Starter").click()
    expect(page).to_have_url(re.compile(r"/checkout/start/\?plan=plan-starter&period=ANNUALLY$"))


def test_without_javascript_the_form_leads_to_a_page(browser, session, site):
    context = browser.new_context(base_url=site, java_script_enabled=False, storage_state=session.storage_state())
    page = context.new_page()
    page.goto(HOST_PAGE)
    page.get_by_role("button", name="New project").click()
    expect(page.get_by_role("heading", name="You have used 3 of 3 projects")).to_be_visible()
    expect(page.get_by_role("link", name="Upgrade to Starter")).to_be_visible()
    context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [320, 390, 1280])
def test_it_is_accessible_and_fits(page, picture, width, scheme):
    page.emulate_media(color_scheme=scheme)
    page.set_viewport_size({"width": width, "height": 844})
    for name, button in (("limit", "New project"), ("feature", "Set up single sign-on")):
        dialog = opened(page, button)
        assert_accessible(page)
        box = dialog.bounding_box()
        assert box["x"] > 0
        assert box["x"] + box["width"] < width
        assert dialog.evaluate("it => it.scrollWidth <= it.clientWidth")
        page.screenshot(path=SCREENSHOTS / f"{width}-{scheme}-upgrade-dialog-{name}.png")
        page.keyboard.press("Escape")
    page.goto("/host/sso/")
    picture(page, f"{width}-{scheme}-upgrade-page")
    assert_accessible(page)
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
