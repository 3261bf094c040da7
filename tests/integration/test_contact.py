"""The contact form: kept first, told to staff by e-mail, never lost; and no playground for programs."""

from __future__ import annotations

from typing import Any

import pytest
from django.core import mail
from django.test import Client
from django.utils import timezone

from billing import tasks
from billing.models import ContactRequest, OutgoingEmail
from billing.services import emails
from tests.integration.browsing import signed_in
from tests.people import person

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("price_list"), pytest.mark.shows("P8")]

WRITTEN = {
    "name": "Grace Hopper",
    "email": "grace@example.com",
    "plan": "plan-enterprise",
    "seats": "250",
    "message": "We need single sign-on.\n\nAnd an invoice per department.",
}


@pytest.fixture
def address(settings: Any) -> str:
    settings.TOLLGATE_CONTACT_EMAIL = "sales@example.com"
    return "sales@example.com"


def write(client: Client, **changes: str) -> Any:
    return client.post("/contact/?plan=plan-enterprise", WRITTEN | changes)


def test_a_question_is_kept_thanked_for_and_told_to_staff(client: Client, address: str) -> None:
    answer = client.get(write(client).url)
    assert "Thank you, we have your message" in answer.content.decode()
    row = ContactRequest.objects.get()
    assert (row.name, row.email, row.plan_name, row.seats) == ("Grace Hopper", "grace@example.com", "Enterprise", 250)
    assert row.customer is None
    assert mail.outbox == [], "nobody waits for a mail server"

    assert tasks.due_kinds() == ["emails"]
    emails.work_due(timezone.now())
    (message,) = mail.outbox
    assert (message.to, message.reply_to) == ([address], ["grace@example.com"])
    assert message.subject.startswith("Grace Hopper asks about Enterprise")
    for line in ("We need single sign-on.", "And an invoice per department.", "250", "grace@example.com"):
        assert line in message.body
        assert line in str(message.alternatives[0].content)  # type: ignore[attr-defined]
    assert OutgoingEmail.objects.get().state == OutgoingEmail.State.SENT


def test_without_an_address_it_is_kept_all_the_same(client: Client) -> None:
    assert write(client).status_code == 302
    assert ContactRequest.objects.count() == 1
    assert OutgoingEmail.objects.count() == 0


def test_who_is_signed_in_need_not_say_who_they_are() -> None:
    ada = person("ada")
    client = signed_in(ada)
    form = client.get("/contact/?plan=plan-enterprise").context["form"]
    assert (form["name"].value(), form["email"].value()) == ("Ada", ada.user.email)
    assert form["plan"].value() == "plan-enterprise"
    write(client)
    assert ContactRequest.objects.get().customer == ada.customer


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({"email": "grace"}, "Enter a valid email address."),
        ({"message": ""}, "This field is required."),
        ({"seats": "0"}, "greater than or equal to 1"),
        ({"plan": "plan-of-somebody-else"}, "Select a valid choice."),
        ({"website": "https://example.com"}, "Please leave the last field empty"),
    ],
)
def test_what_cannot_be_answered_is_told_and_what_was_typed_stays(
    client: Client, changes: dict[str, str], complaint: str
) -> None:
    answer = write(client, **changes)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert complaint in page
    assert "Grace Hopper" in page
    assert ContactRequest.objects.count() == 0


def test_the_page_is_headed_by_the_words_that_led_to_it(client: Client, settings: Any) -> None:
    settings.TOLLGATE_TEXTS = {"plan_contact": {"en": "Call <us>", "de": "Rufen Sie an"}}
    page = client.get("/contact/").content.decode()
    assert "<h1>Call &lt;us&gt;</h1>" in page
    assert "<title>Call &lt;us&gt;" in page
    assert "Talk to us" not in page
    assert "<h1>Rufen Sie an</h1>" in client.get("/contact/?lang=de").content.decode()


def test_one_address_cannot_flood_us(client: Client, settings: Any) -> None:
    settings.TOLLGATE_CONTACT_REQUESTS_PER_ADDRESS_PER_HOUR = 2
    assert [write(client).status_code for _ in range(3)] == [302, 302, 429]
    assert 0 < int(write(client)["Retry-After"]) <= 3601
    assert client.post("/contact/", WRITTEN, REMOTE_ADDR="192.0.2.7").status_code == 302
    assert ContactRequest.objects.count() == 3


def test_another_site_cannot_write_in_a_visitors_name() -> None:
    assert write(Client(enforce_csrf_checks=True)).status_code == 403
    assert ContactRequest.objects.count() == 0


def test_a_name_with_line_breaks_cannot_write_headers(client: Client, address: str) -> None:
    write(client, name="Grace\nBcc: everybody@example.com")
    emails.work_due(timezone.now())
    assert mail.outbox[0].recipients() == [address]


def test_staff_see_who_waits_and_mark_them_as_handled(client: Client, admin_client: Client) -> None:
    write(client)
    row = ContactRequest.objects.get()
    page = "/admin/billing/contactrequest/"
    assert "Grace Hopper" in admin_client.get(page + "?handled=no").content.decode()
    assert "Grace Hopper" not in admin_client.get(page + "?handled=yes").content.decode()
    assert "And an invoice per department." in admin_client.get(f"{page}{row.pk}/change/").content.decode()
    picked = {"action": "mark_handled", "_selected_action": [row.pk]}
    assert "These people have their answer." in admin_client.post(page, picked).content.decode()
    admin_client.post(page, {**picked, "confirmed": "yes"})
    row.refresh_from_db()
    assert row.handled_at is not None
    assert "Grace Hopper" in admin_client.get(page + "?handled=yes").content.decode()
