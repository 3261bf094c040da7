"""The paywall with price lists that are long, short, wide and bare: nothing overflows or is cut off, axe is content.

`make gallery` runs it, for it takes a while; a picture of each is kept under var/screenshots/gallery.
"""

import json

import pytest

from tests.e2e.conftest import SCREENSHOTS, fit_window
from tests.e2e.gallery_catalogs import CATALOGS
from tests.e2e.people import assert_accessible
from tests.e2e.small_site import running_site
from tests.sandbox_process import running_sandbox

GALLERY = SCREENSHOTS / "gallery"
WIDTHS = (390, 768, 1280)
LANGUAGES = ("en", "es", "de", "fr", "pt-BR", "ja")

# Text that reaches beyond the box it belongs to, or that a box with hidden overflow cuts off.
CUT_TEXT = """() => {
  const said = [], walker = document.createTreeWalker(document.querySelector("main"), NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const node = walker.currentNode, element = node.parentElement;
    const words = node.data.trim().slice(0, 40);
    if (!words || !element.checkVisibility() || element.closest(".visually-hidden")) continue;
    const range = document.createRange();
    range.selectNodeContents(node);
    const text = range.getBoundingClientRect();
    const scrolls = element.closest("[tabindex='0']");
    const box = (element.closest(".plan, .panel, .button, .pill, summary") ?? document.body).getBoundingClientRect();
    if (!scrolls && (text.left < box.left - 1 || text.right > box.right + 1)) said.push(words);
    for (let it = element; it; it = it.parentElement) {
      const { overflowX, textOverflow } = getComputedStyle(it);
      const clips = overflowX === "hidden" || overflowX === "clip" || textOverflow === "ellipsis";
      if (clips && it.scrollWidth > it.clientWidth + 1) said.push(`${words} in .${it.className}`);
    }
  }
  return [...new Set(said)];
}"""


@pytest.fixture(scope="module")
def shop(tmp_path_factory):
    """Puts a price list into the sandbox and has the site read it."""
    folder = tmp_path_factory.mktemp("gallery")
    file = folder / "catalog.yaml"
    file.write_text(json.dumps(CATALOGS["one-plan"]))
    with (
        running_sandbox("--catalog", str(file)) as outside,
        running_site(folder, stigg_url=outside.stigg_url, urls="tests.e2e.gallery_urls") as url,
    ):

        def sell(page, name):
            file.write_text(json.dumps(CATALOGS[name]))
            outside.reset()
            page.goto(f"{url}/renew/")
            return url

        yield sell


@pytest.fixture(autouse=True)
def sandbox():
    """No demo: the site alone does."""


@pytest.fixture(scope="module")
def only_page(browser):
    context = browser.new_context(reduced_motion="reduce")
    yield context.new_page()
    context.close()


def complaints_of(page, name):
    """Of the page as it is; keeps its picture."""
    GALLERY.mkdir(parents=True, exist_ok=True)
    usual = page.viewport_size
    fit_window(page, usual)
    page.screenshot(path=GALLERY / f"{name}.png")
    page.set_viewport_size(usual)
    overflow = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    too_wide = [f"{name}: {overflow} px wider than the screen"] if overflow > 0 else []
    return too_wide + [f"{name}: cut: {text}" for text in page.evaluate(CUT_TEXT)]


def axe_complaints(page, name):
    try:
        assert_accessible(page)
    except AssertionError as error:
        return [f"{name}: {error}"]
    return []


@pytest.mark.parametrize("name", CATALOGS)
def test_a_paywall_bears_any_price_list(only_page, shop, name):
    page, complaints = only_page, []
    url = shop(page, name)
    page.set_extra_http_headers({"Accept-Language": "en"})
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        page.goto(f"{url}/pricing/?period=ANNUALLY")
        for width in WIDTHS:
            page.set_viewport_size({"width": width, "height": 844})
            complaints += complaints_of(page, f"{name}-{width}-{scheme}")
        complaints += axe_complaints(page, f"{name}-{scheme}")
    page.emulate_media(color_scheme="light")
    page.evaluate("document.documentElement.dir = 'rtl'")
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 844})
        complaints += complaints_of(page, f"{name}-{width}-rtl")
    assert complaints == []


def test_it_reads_well_in_every_language(only_page, shop):
    page, complaints = only_page, []
    url = shop(page, "forty-features")
    for language in LANGUAGES:
        page.set_extra_http_headers({"Accept-Language": language})
        page.goto(f"{url}/pricing/?period=ANNUALLY")
        assert page.locator("html").get_attribute("lang").lower() == language.lower()
        for width in (320, 1280):
            page.set_viewport_size({"width": width, "height": 844})
            complaints += complaints_of(page, f"language-{language}-{width}")
        complaints += axe_complaints(page, language)
    assert complaints == []
