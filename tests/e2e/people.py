"""Who walks through the site: a person with a browser, and what that person does on each page."""

from __future__ import annotations

import time
import uuid
from dataclasses import dataclass, field

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

PASSWORD = "correct-horse-battery"
VISA = "4242 4242 4242 4242"
DECLINED = "4000 0000 0000 0002"
CHARGE_FAILS = "4000 0000 0000 0341"
ASKS_AT_SET_UP = "4000 0025 0000 3155"
ASKS_ALWAYS = "4000 0027 6000 3184"
# Starting a subscription is several calls to two services; machines that run tests are slow.
PATIENCE_MS = 30_000
LONG_PATIENCE_MS = 90_000


def new_email() -> str:
    return f"person-{uuid.uuid4().hex[:12]}@example.com"


@dataclass
class Person:
    page: Page
    email: str = field(default_factory=new_email)

    # Getting in

    def opens_prices(self, period="MONTHLY"):
        self.page.goto(f"/pricing/?period={period}")

    def signs_up(self):
        """On the sign-up page, wherever that leads afterwards."""
        self.page.get_by_label("Your name").fill("Ada Lovelace")
        self.page.get_by_label("Email").fill(self.email)
        self.page.get_by_label("Password", exact=True).fill(PASSWORD)
        self.page.locator("form[action*=signup]").get_by_role("button").click()

    def signs_in(self, email=None):
        self.page.goto("/accounts/login/")
        self.page.get_by_label("Email").fill(email or self.email)
        self.page.get_by_label("Password", exact=True).fill(PASSWORD)
        self.page.locator("form[action*=login]").get_by_role("button").click()
        expect(self.page).not_to_have_url("/accounts/login/")

    # Choosing

    def chooses(self, plan="Pro"):
        """A plan on the price page."""
        self.page.get_by_role("article", name=plan).locator("a[data-action]").click()

    def offer(self, plan):
        """A plan's card on the price page."""
        return self.page.get_by_role("article", name=plan)

    def offered(self):
        """What the price page has for this person: plan → the words of its button, "" where there is none."""
        cards = self.page.get_by_role("article").all()
        return {
            card.get_by_role("heading").first.inner_text(): says(card.locator("[data-live=action]")) for card in cards
        }

    def reviews(self, button="Continue to payment", country="United States"):
        """The order; leads to the card page, unless the plan is free."""
        expect(self.page.get_by_role("heading", name="Review your order")).to_be_visible()
        self.page.get_by_label("Country").select_option(label=country)
        self.page.get_by_role("button", name=button).click()

    def goes_to_card_page(self, plan="Pro", period="MONTHLY"):
        """From nothing to the card page, as a new customer."""
        self.opens_prices(period)
        self.chooses(plan)
        self.signs_up()
        self.reviews()
        self.enters_other_card_form()

    # Paying

    @property
    def card_form(self) -> CardForm:
        return CardForm(self.page)

    def pays_with(self, number=VISA, **details):
        self.card_form.enter_card(number, **details)
        self.card_form.submit()

    def uses_another_card(self, number=VISA):
        """From the page that tells of a failed payment."""
        self.page.get_by_role("button", name="Use another card").click()
        self.enters_other_card_form()
        self.pays_with(number)

    def subscribes(self, plan="Pro", period="MONTHLY", number=VISA):
        self.goes_to_card_page(plan, period)
        self.pays_with(number)
        self.is_welcomed(plan)

    def subscribes_again(self, plan="Pro"):
        """As a customer who is signed in and pays with a new card."""
        self.opens_prices()
        self.chooses(plan)
        self.has_card_on_file()
        self.reviews(button="Use another card")
        self.enters_other_card_form()
        self.pays_with(VISA)
        self.is_welcomed(plan)

    def has_card_on_file(self):
        """On the review page: the card of a purchase is there a moment after it, when Stripe's webhook is worked."""
        other = self.page.get_by_role("button", name="Use another card")
        eventually(lambda: self.page.reload() and other.count(), "a card on file")

    def enters_other_card_form(self):
        """Where saved cards are offered first, the form for another one is folded away."""
        fold = self.page.locator("[data-other-card] > summary")
        self.page.wait_for_url("**/checkout/*-*/")
        if fold.count():
            fold.click()
        expect(self.card_form.button).to_be_enabled(timeout=PATIENCE_MS)

    # What the person sees

    def reads(self):
        """All that the page says."""
        return self.page.get_by_role("main").inner_text()

    def sees(self, text, timeout=PATIENCE_MS):
        expect(self.page.get_by_role("main")).to_contain_text(text, timeout=timeout)

    def sees_heading(self, text, timeout=PATIENCE_MS):
        expect(self.page.get_by_role("heading", name=text)).to_be_visible(timeout=timeout)

    def is_welcomed(self, plan="Pro"):
        self.sees_heading(f"Welcome to {plan}")

    def is_welcomed_after_a_while(self, plan="Pro"):
        """By a page that asks again by itself, after pauses that grow."""
        self.sees_heading(f"Welcome to {plan}", timeout=LONG_PATIENCE_MS)

    def me(self):
        """What the site says about this person's customer, to programs."""
        answer = self.page.context.request.get("/billing/me.json")
        assert answer.ok, answer.text()
        return answer.json()

    @property
    def customer_id(self):
        return self.me()["customer"]["id"]

    def granted(self):
        """Ids of the features that this person may use."""
        return {each["feature_id"] for each in self.me()["entitlements"] if each["is_granted"]}

    def subscription(self, **wanted):
        """The subscription, as soon as it is as wanted."""
        return eventually(lambda: self._find_subscription(wanted), f"a subscription with {wanted}", self.me)

    def _find_subscription(self, wanted):
        found = self.me()["subscriptions"]
        return next((each for each in found if wanted.items() <= each.items()), None)


def says(place):
    """The text of the one button there, without what only screen readers are told."""
    button = place.locator(".button")
    return button.inner_text().split("\n–")[0].strip() if button.count() else ""


class CardForm:
    """Stripe's fields on the card page."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.form = page.locator("form[data-card-form]")
        self.button = self.form.locator("button:not([data-alert] button)")
        self.alert = self.form.get_by_role("alert")
        self.payment = page.frame_locator("iframe[title='Secure payment input frame']")
        self.address = page.frame_locator("iframe[title='Secure address input frame']")
        self.bank = page.frame_locator("iframe[title='3D Secure authentication']")

    def enter_card(self, number, expiry="12 / 34", cvc="123", zip_code="94103"):
        self.payment.get_by_label("Card number").fill(number)
        self.payment.get_by_label("Expiration date").fill(expiry)
        self.payment.get_by_label("Security code").fill(cvc)
        self._enter_address(zip_code)

    def _enter_address(self, zip_code):
        if self.address.get_by_label("Address line 1").input_value():
            return
        self.address.get_by_label("Full name").fill("Ada Lovelace")
        self.address.get_by_label("Address line 1").fill("1 Market Street")
        self.address.get_by_label("City").fill("San Francisco")
        self.address.get_by_label("State").select_option("CA")
        self.address.get_by_label("ZIP").fill(zip_code)

    def submit(self, clicks=1):
        """In sight first: until a scrolled page is painted, Chromium gives a click to the frame that was there."""
        self.button.scroll_into_view_if_needed()
        wait_until_painted(self.page)
        self.button.click(click_count=clicks)


def eventually(find, what, look=lambda: "", seconds=45.0):
    """What `find` returns, as soon as it is something; polled, because it comes about in other processes."""
    give_up_at = time.monotonic() + seconds
    while not (found := find()):
        if time.monotonic() > give_up_at:
            raise AssertionError(f"not within {seconds:.0f} s: {what}. Now: {look()}")
        time.sleep(0.25)
    return found


def assert_accessible(page: Page):
    """Axe finds nothing to complain of, WCAG 2.2 AA and best practices."""
    wait_until_still(page)
    violations = Axe().run(page, options={"rules": {"target-size": {"enabled": True}}}).response["violations"]
    told = [f"{each['id']}: {each['help']} {[node['target'] for node in each['nodes']]}" for each in violations]
    assert not told, f"{page.url}: {told}"


def wait_until_still(page: Page):
    """All that comes or moves by itself has done so, but for what turns for ever."""
    page.wait_for_load_state()
    page.wait_for_function("""
      () => document.getAnimations().every((each) => each.effect.getComputedTiming().endTime === Infinity)
    """)


def wait_until_painted(page: Page):
    """What is so now is on the screen too: the next frame shows it, and the one after begins when it has been shown."""
    page.evaluate("() => new Promise((seen) => requestAnimationFrame(() => requestAnimationFrame(seen)))")
