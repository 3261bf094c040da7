"""A card page that was loaded anew takes a card as it did before."""

import pytest

from tests.e2e.people import VISA


@pytest.mark.shows("C12")
def test_a_reloaded_card_page_is_paid_on(person, sandbox):
    person.goes_to_card_page("Pro")
    person.page.reload()
    person.enters_other_card_form()
    person.pays_with(VISA)
    person.is_welcomed("Pro")
    sandbox.books(person.email).assert_paid_once()
