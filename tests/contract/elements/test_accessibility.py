"""The axe rules over the card form in each theme, 3-D Secure's page, and the console."""

import pytest
from axe_playwright_python.sync_playwright import Axe

from tests.contract.elements import test_express_checkout as express
from tests.contract.elements.steps import bank, fill_card, mount, start_confirming
from tests.contract.elements.test_saved_cards import save, show

RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"], "resultTypes": ["violations"]}
# All that another colour scheme can change.
COLOURS = RULES | {"runOnly": {"type": "rule", "values": ["color-contrast", "link-in-text-block"]}}


PAGES = [
    "/",
    "/webhooks",
    "/faults",
    "/calls",
    "/cards",
    "/scenarios",
    "/customers",
    "/customers/{customer}",
    "/search?q=cus",
    "/stripe/setup_intents",
    "/stripe/setup_intents/{id}",
    "/stigg/plans",
]


def violations(place, rules=RULES):
    found = Axe().run(place, options=rules).response["violations"]
    return [(each["id"], [node["target"] for node in each["nodes"]]) for each in found]


@pytest.mark.parametrize(
    ("theme", "shape"),
    [
        ("stripe", {}),
        ("night", {}),
        ("flat", {}),
        ("stripe", {"labels": "floating"}),
        ("stripe", {"inputs": "condensed"}),
        ("flat", {"labels": "floating", "inputs": "condensed"}),
    ],
)
def test_the_card_form(shop, card_frame, sandbox, theme, shape):
    shop.emulate_media(reduced_motion="reduce")  # axe would judge the errors half faded in
    mount(shop, sandbox.setup_intent(), appearance={"theme": theme, **shape})
    assert shop.evaluate("elements.submit()")["error"]
    frame = next(each for each in shop.frames if "/elements/payment.html" in each.url)
    found = violations(frame)
    if theme == "night":
        # The frame is see-through: what stands behind its labels is the shop's own dark page, not here.
        found = [each for each in found if each[0] != "color-contrast"]
    assert found == []


def test_saved_cards(shop, card_frame, sandbox):
    customer = sandbox.customer()
    save(sandbox, customer, "pm_card_visa")
    show(shop, sandbox, customer, payment_method_remove="enabled", payment_method_save="enabled")
    card_frame.get_by_role("button", name="Remove Visa").click()
    card_frame.get_by_role("radio", name="New card").check()
    assert violations(next(each for each in shop.frames if "/elements/payment.html" in each.url)) == []


def test_the_wallet(shop):
    express.mount(shop)
    frame = next(each for each in shop.frames if "/elements/express-checkout.html" in each.url)
    assert violations(frame) == []
    express.button(shop).click()
    express.wallet(shop).get_by_role("button", name="Continue").wait_for()
    assert violations(next(each for each in shop.frames if "/elements/wallet" in each.url)) == []


def test_three_d_secure(shop, card_frame, sandbox):
    mount(shop, sandbox.setup_intent())
    fill_card(card_frame, "4000 0025 0000 3155")
    start_confirming(shop)
    bank(shop).get_by_role("button", name="Complete authentication").wait_for()
    assert violations(next(each for each in shop.frames if "/elements/3ds" in each.url)) == []


@pytest.mark.parametrize("path", PAGES)
def test_the_console(page, sandbox, path):
    intent = sandbox.setup_intent()
    page.goto(f"{sandbox.console_url}{path}".format(**intent))
    for scheme, rules in (("light", RULES), ("dark", COLOURS)):
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")  # no colour may be half way
        assert (scheme, violations(page, rules)) == (scheme, [])
    page.set_viewport_size({"width": 360, "height": 740})
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
