"""From the price page to the subscription without touching the mouse."""

import pytest
from playwright.sync_api import expect

from tests.e2e.people import PASSWORD, PATIENCE_MS, eventually

FOCUSED = """() => {
    const it = document.hasFocus() ? document.activeElement : null;
    if (!it || it === document.body || it.tagName === "IFRAME") return "";
    return it.labels?.[0]?.innerText || it.getAttribute("aria-label") || it.innerText || "";
}"""
MOST_STEPS = 60


class Keyboard:
    """Somebody who has nothing else; what has the focus may be in one of Stripe's frames."""

    def __init__(self, page):
        self.page = page

    def focused(self):
        return " ".join(
            frame.evaluate(FOCUSED).strip() for frame in self.page.frames if "about:" not in frame.url
        ).strip()

    def goes_to(self, label):
        for _ in range(MOST_STEPS):
            self.page.keyboard.press("Tab")
            if self.focused().startswith(label):
                return
        raise AssertionError(f"{label!r} is not within {MOST_STEPS} steps; now at {self.focused()!r}")

    def fills(self, label, text):
        self.goes_to(label)
        self.page.keyboard.type(text)

    def presses(self, label):
        self.goes_to(label)
        self.page.keyboard.press("Enter")


@pytest.mark.shows("P8", "C1")
def test_a_plan_is_bought_by_keyboard_alone(person, sandbox):
    page, keyboard = person.page, Keyboard(person.page)
    person.opens_prices()
    keyboard.goes_to("Skip to the content")
    keyboard.page.keyboard.press("Enter")
    keyboard.presses("Choose Pro")
    page.wait_for_url("**/accounts/signup/**")
    keyboard.fills("Your name", "Ada Lovelace")
    keyboard.fills("Email", person.email)
    keyboard.fills("Password", PASSWORD)
    page.keyboard.press("Enter")
    person.sees_heading("Review your order")
    keyboard.fills("Country", "United States")
    keyboard.presses("Continue to payment")
    page.wait_for_url("**/checkout/*-*/")
    expect(person.card_form.button).to_be_enabled(timeout=PATIENCE_MS)
    for label, text in (("Card number", "4242424242424242"), ("Expiration date", "1234"), ("Security code", "123")):
        keyboard.fills(label, text)
    for label, text in (
        ("Full name", "Ada Lovelace"),
        ("Address line 1", "1 Market Street"),
        ("City", "San Francisco"),
        ("State", "California"),
        ("ZIP", "94103"),
    ):
        keyboard.fills(label, text)
    keyboard.presses("Pay $49 and subscribe")
    person.is_welcomed("Pro")
    eventually(lambda: sandbox.books(person.email).stigg_statuses() == ["ACTIVE"], "one subscription")
