"""Who closes the tab once the card is saved still gets what they ordered."""

import pytest

from tests.e2e.people import VISA

pytestmark = pytest.mark.shows("C11")


@pytest.fixture
def cut_off(person):
    """A person whose page was closed right after Stripe saved the card: our server never heard of it from the page."""

    def pay_and_vanish():
        person.goes_to_card_page()
        page, address = person.page, person.page.url
        page.route("**/completion/", lambda route: route.abort())
        with page.expect_event("requestfailed", lambda request: request.url.endswith("/completion/")):
            person.pays_with(VISA)
        person.page = page.context.new_page()
        page.close()
        return address

    return pay_and_vanish


def test_the_subscription_comes_about_although_the_tab_was_closed(person, cut_off, sandbox):
    cut_off()

    assert person.subscription(status="ACTIVE")["grants_access"]
    sandbox.books(person.email).assert_paid_once()


def test_who_comes_back_goes_on_even_if_no_webhook_arrived(person, cut_off, sandbox):
    for source in ("stripe", "stigg"):
        sandbox.webhooks(source, "drop")
    address = cut_off()
    assert person.me()["subscriptions"] == []

    person.page.goto(address)
    person.page.get_by_role("button", name="Pay").click()
    person.is_welcomed("Pro")
    sandbox.books(person.email).assert_paid_once()
