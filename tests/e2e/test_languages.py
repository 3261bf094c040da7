"""Long words, Japanese phrases and right-to-left pages fit the smallest phones, and a choice in the footer works."""

import pytest

from tests.e2e.people import assert_accessible

TURN = "document.addEventListener('DOMContentLoaded', () => { document.documentElement.dir = 'rtl' })"
PATHS = ("/", "/pricing/?period=ANNUALLY", "/accounts/signup/", "/accounts/login/", "/no-such-page/")
CUT_BUTTONS = """[...document.querySelectorAll('.button, .periods a, .pill')]
    .filter((item) => item.offsetWidth && item.scrollWidth > item.clientWidth + 1)
    .map((item) => item.textContent.trim())"""
TOO_WIDE = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


def assert_fits(page):
    assert page.evaluate(TOO_WIDE) <= 0, page.url
    assert page.evaluate(CUT_BUTTONS) == [], page.url


@pytest.mark.parametrize("language", ["es", "de", "fr", "pt-BR", "ja", "rtl"])
def test_pages_fit_a_small_phone(new_person, language):
    page = new_person(viewport={"width": 320, "height": 640}, has_touch=True).page
    if language == "rtl":
        page.add_init_script(TURN)
    page.goto(f"/?lang={language}")
    for path in PATHS:
        page.goto(path)
        assert_fits(page)


def test_the_longer_menu_of_who_is_signed_in_fits_too(new_person):
    person = new_person(viewport={"width": 320, "height": 640}, has_touch=True)
    person.page.goto("/accounts/signup/")
    person.signs_up()
    person.page.wait_for_url("**/billing/")
    for width in (320, 390, 430):
        person.page.set_viewport_size({"width": width, "height": 640})
        for language in ("es", "de", "fr", "pt-BR", "ja"):
            person.page.goto(f"/contact/?lang={language}")
            assert_fits(person.page)
    for path in ("/pricing/?lang=de", "/billing/"):
        person.page.goto(path)
        assert_fits(person.page)


def test_a_visitor_without_javascript_chooses_a_language_and_stays_on_the_page(new_person):
    page = new_person(java_script_enabled=False).page
    page.goto("/pricing/?period=ANNUALLY")
    page.get_by_role("link", name="Deutsch").click()
    page.get_by_role("heading", name="Wählen Sie Ihren Tarif.").wait_for()
    assert page.get_by_role("link", name="Jährlich").get_attribute("aria-current") == "true"
    page.get_by_role("link", name="Anmelden", exact=True).click()
    page.get_by_role("heading", name="Anmelden").wait_for()


def test_a_translated_page_is_accessible(new_person):
    page = new_person(locale="ja-JP").page
    page.goto("/pricing/")
    assert_accessible(page)
