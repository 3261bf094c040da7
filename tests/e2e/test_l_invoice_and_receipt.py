"""What stands on the invoice: details edited on the way, seen at Stripe; and a receipt by e-mail, once."""

from email import message_from_bytes, policy
from pathlib import Path

import pytest

from tests.e2e.people import eventually


def mails_to(stack, address):
    """What the site has sent to `address`, oldest first."""
    files = sorted(Path(stack.facts.mail_dir).glob("*.log"), key=lambda path: path.stat().st_mtime)
    parts = [part for path in files for part in path.read_bytes().split(b"-" * 79) if part.strip()]
    mails = [message_from_bytes(part.strip(), policy=policy.default) for part in parts]
    return [mail for mail in mails if mail["To"] == address]


@pytest.mark.shows("C1")
def test_details_given_on_the_way_stand_at_stripe_and_the_receipt_comes_once(person, sandbox, stack):
    person.goes_to_card_page()
    page, books = person.page, f"books-{person.email}"
    page.get_by_role("link", name="Company, address or tax ID").click()
    page.get_by_label("Name or company").fill("Lovelace Engines LLC")
    page.get_by_label("Email for invoices").fill(books)
    page.get_by_label("Address", exact=True).fill("1 Market Street")
    page.get_by_label("Postal code").fill("94103")
    page.get_by_label("City").fill("San Francisco")
    page.get_by_label("State (if any)").fill("CA")
    page.get_by_label("Tax ID").fill("12")
    page.get_by_role("button", name="Save").click()
    person.sees("One looks like this: 12-3456789")
    page.get_by_label("Tax ID").fill("123456789")
    page.get_by_role("button", name="Save").click()
    person.sees("Lovelace Engines LLC, 1 Market Street, 94103 San Francisco, 12-3456789")

    person.enters_other_card_form()
    assert person.card_form.address.get_by_label("Address line 1").input_value() == "1 Market Street"
    person.pays_with()
    person.is_welcomed("Pro")
    person.sees("Paid")

    (customer,) = eventually(lambda: sandbox.stripe("customers", email=books), "the e-mail for invoices at Stripe")
    assert (customer["name"], customer["address"]["postal_code"]) == ("Lovelace Engines LLC", "94103")
    (receipt,) = eventually(lambda: mails_to(stack, books), "a receipt")
    text = receipt.get_body(("plain",)).get_content()
    assert "$49" in text
    assert f"{stack.site_url}/billing/" in text
    page.reload()
    page.get_by_role("link", name="View the receipt").wait_for()
    assert len(mails_to(stack, books)) == 1
