"""Every page of the journey is accessible, on a phone and a desktop, light and dark; a picture of each is kept."""

import pytest

from tests.e2e.people import CHARGE_FAILS, VISA, assert_accessible

WIDTHS = (390, 1280)
SCHEMES = ("light", "dark")


@pytest.mark.shows("P10")
@pytest.mark.parametrize("scheme", SCHEMES)
def test_pages_are_accessible(new_person, sandbox, picture, scheme):
    """One walk for both widths: each page is looked at as on a phone and as on a desktop."""
    person = new_person(color_scheme=scheme)
    complaints = []

    def look(name):
        for width in WIDTHS:
            person.page.set_viewport_size({"width": width, "height": 844})
            complaints.extend(complaints_of(person.page))
            picture(person.page, f"{width}-{scheme}-{name}")

    walk(person, sandbox, look)
    assert complaints == []


def complaints_of(page):
    found = []
    try:
        assert_accessible(page)
    except AssertionError as error:
        found.append(str(error))
    overflow = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    return found + ([f"{page.url}: {overflow} px wider than the screen"] if overflow > 0 else [])


def walk(person, sandbox, look):
    page = person.page
    for path, name in (
        ("/", "home"),
        ("/pricing/?period=MONTHLY", "paywall"),
        ("/pricing/?period=ANNUALLY", "paywall-yearly"),
        ("/contact/", "contact"),
        ("/accounts/login/", "login"),
        ("/accounts/password/reset/", "password-reset"),
        ("/no-such-page/", "not-found"),
    ):
        page.goto(path)
        look(name)
    asks(person, look)
    person.opens_prices()
    person.chooses("Pro")
    look("signup")
    person.signs_up()
    person.sees_heading("Review your order")
    look("review")
    page.get_by_label("Discount code").fill("NO-SUCH-CODE")
    page.get_by_label("Discount code").press("Tab")
    page.locator("#id_coupon_errors li").wait_for()
    look("review-code-refused")
    page.goto("/billing/")
    look("account-empty")
    person.opens_prices()
    person.chooses("Pro")
    person.reviews()
    person.enters_other_card_form()
    look("card")
    person.pays_with("4000 0000 0000 0002")
    person.card_form.alert.get_by_text("declined").wait_for()
    look("card-declined")
    person.pays_with(CHARGE_FAILS)
    person.sees_heading("Your payment did not go through")
    look("payment-failed")
    page.goto("/billing/")
    look("account-payment-failed")
    page.go_back()
    page.get_by_role("button", name="Use another card").click()
    person.enters_other_card_form()
    look("another-card")
    sandbox.fault("stigg", "down")
    person.pays_with(VISA)
    person.sees_heading("Your card is saved, and we are not done yet")
    look("wait")
    sandbox.clear_faults()
    person.is_welcomed_after_a_while("Pro")
    look("welcome")
    page.goto("/billing/")
    look("account")
    page.get_by_role("link", name="Billing details and tax ID").click()
    look("details")
    page.get_by_label("Tax ID").fill("12")
    page.get_by_role("button", name="Save").click()
    person.sees("One looks like this")
    look("details-mistake")
    person.opens_prices()
    look("paywall-subscribed")
    changes(person, look)


def asks(person, look):
    """The contact form, with a mistake and without."""
    page = person.page
    page.goto("/contact/?plan=plan-enterprise")
    page.get_by_label("Your name").fill("Grace Hopper")
    page.get_by_label("Email").fill("grace@example.com")
    page.get_by_label("How many people").fill("250")
    page.get_by_label("What do you need?").fill("   ")
    page.get_by_role("button", name="Send").click()
    person.sees("This field is required")
    look("contact-mistake")
    page.get_by_label("What do you need?").fill("Single sign-on.")
    page.get_by_role("button", name="Send").click()
    person.sees_heading("Thank you, we have your message")
    look("contact-thanks")


def changes(person, look):
    """A subscriber of Pro looks at a longer period, a trial and a smaller plan, takes the last and takes it back."""
    page = person.page
    person.opens_prices("ANNUALLY")
    person.chooses("Pro")
    person.sees_heading("Change your plan")
    look("review-period")
    page.get_by_role("button", name="Use another card").click()
    person.sees_heading("Pay with what you have saved")
    look("saved-cards")
    person.opens_prices()
    person.chooses("Business")
    look("review-trial")
    person.opens_prices()
    person.chooses("Starter")
    person.sees("You keep Pro until")
    look("review-downgrade")
    page.get_by_role("button", name="Confirm the change").click()
    person.sees_heading("Your change is set")
    look("change-set")
    page.goto("/billing/")
    look("account-change-set")
    person.opens_prices()
    look("paywall-change-set")
    page.get_by_role("link", name="Cancel this change").click()
    look("cancel-change")
    page.get_by_role("button", name="Yes, cancel the change").click()
    person.sees("The change is canceled")
    for language in ("de", "ja"):
        page.goto(f"/pricing/?period=ANNUALLY&lang={language}")
        look(f"paywall-{language}")
    page.goto("/contact/?lang=de")
    look("contact-de")
