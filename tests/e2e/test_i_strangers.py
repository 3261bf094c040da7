"""Nobody sees another customer's checkout, nor learns whether it exists."""

import pytest

PAGES = ("", "status/", "return/")
ACTIONS = ("agreement/", "completion/", "card/", "payment/", "cancellation/")


@pytest.fixture
def checkout_url(person):
    person.goes_to_card_page()
    return person.page.url


@pytest.fixture
def stranger(new_person):
    someone = new_person()
    someone.page.goto("/accounts/signup/")
    someone.signs_up()
    someone.page.wait_for_url("**/billing/")
    return someone


@pytest.mark.parametrize("page", PAGES)
def test_a_stranger_does_not_find_it(stranger, checkout_url, page):
    answer = stranger.page.goto(checkout_url + page)
    assert answer.status == 404
    stranger.sees_heading("not")


@pytest.mark.parametrize("action", ACTIONS)
def test_a_stranger_cannot_act_on_it(stranger, checkout_url, action):
    token = stranger.page.context.cookies()
    (csrf,) = [each["value"] for each in token if "csrf" in each["name"]]
    answer = stranger.page.request.post(
        checkout_url + action, headers={"X-CSRFToken": csrf, "Referer": checkout_url}, max_redirects=0
    )
    assert answer.status == 404


def test_who_is_not_signed_in_is_asked_to_sign_in_and_comes_back(person, checkout_url):
    person.page.context.clear_cookies()
    person.page.reload()
    person.sees_heading("Sign in")
    person.page.get_by_label("Email").fill(person.email)
    person.page.get_by_label("Password", exact=True).fill("correct-horse-battery")
    person.page.locator("form[action*=login]").get_by_role("button").click()
    person.page.wait_for_url(checkout_url)
