"""What comes between on the card page: no connection, a session that ended, the back button. Nothing is lost."""

from playwright.sync_api import expect

from tests.e2e.people import PATIENCE_MS


def test_offline_and_signed_out_are_told_in_place_and_the_card_is_kept(person, sandbox):
    person.goes_to_card_page()
    form, context = person.card_form, person.page.context
    form.enter_card("4242 4242 4242 4242")
    context.set_offline(True)
    form.submit()
    expect(form.alert).to_contain_text("You seem to be offline")
    expect(form.button).to_be_enabled()

    context.set_offline(False)
    context.clear_cookies(name="sessionid")
    form.submit()
    expect(form.alert).to_contain_text("you were signed out meanwhile", timeout=PATIENCE_MS)
    form.alert.get_by_role("link", name="Sign in and finish").click()
    person.page.get_by_label("Email").fill(person.email)
    person.page.get_by_label("Password", exact=True).fill("correct-horse-battery")
    person.page.locator("form[action*=login]").get_by_role("button").click()
    person.page.wait_for_url("**/checkout/**")
    finish = person.page.get_by_role("button", name="Pay $49 and subscribe")
    welcome = person.page.get_by_role("heading", name="Welcome to Pro")
    expect(finish.or_(welcome)).to_be_visible(timeout=PATIENCE_MS)
    if finish.is_visible():  # Stripe's webhook may have been quicker
        finish.click()
    person.is_welcomed("Pro")
    sandbox.books(person.email).assert_paid_once()

    person.page.go_back()
    expect(person.page.locator("[data-card-form]")).to_have_count(0)
