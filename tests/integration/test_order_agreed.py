"""What is bought is what was agreed to, whatever happens between the page and the charge."""

from __future__ import annotations

from dataclasses import replace

import pytest
from django.urls import reverse
from django.utils import timezone

from billing.errors import Busy
from billing.gateways.stigg.types import SubscriptionChoice
from billing.models import CheckoutSession, Customer
from billing.services import checkout as service
from billing.services import completion
from billing.services.provisioning import choice_of
from tests.integration.ordering import START, Shopper, subscriber
from tests.people import begin, person
from tests.sandbox_process import SandboxClient

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("price_list")]
State = CheckoutSession.State


@pytest.fixture
def starter(sandbox: SandboxClient) -> Shopper:
    return subscriber(sandbox, plan="plan-starter")


def test_while_stigg_cannot_price_it_the_card_on_file_is_not_charged(starter: Shopper, sandbox: SandboxClient) -> None:
    sandbox.fault("stigg", "down", "previewSubscription", times=50)
    answer = starter.order(plan="plan-pro")
    assert "you will see them before you pay" in answer.content.decode()
    assert CheckoutSession.objects.filter(customer=starter.who.customer).count() == 1
    assert len(starter.invoices()) == 1
    assert starter.refresh().plan_id == "plan-starter"


@pytest.mark.parametrize("named", [{}, {"card_on_file": "pm_of_before"}])
def test_a_card_that_the_button_did_not_name_is_not_charged_by_it(starter: Shopper, named: dict[str, str]) -> None:
    """It came on file, or became the default, after the page was rendered: "Continue to payment", it said."""
    order = {"plan": "plan-pro", "period": "MONTHLY", "name": "Ada", "country": ""}
    shown = starter.summary(plan="plan-pro").shown
    answer = starter.client.post(START, {**order, **named, "shown": shown})
    assert answer.url == reverse("billing:checkout", args=[starter.checkout().pk])
    assert len(starter.invoices()) == 1


def test_agreeing_to_one_kind_of_order_is_not_agreeing_to_another(starter: Shopper) -> None:
    answer = starter.order(plan="plan-pro", shown="999999 USD trial")
    assert "Please look again" in answer.content.decode()
    assert len(starter.invoices()) == 1


@pytest.mark.parametrize("shown", ["9" * 5000 + " USD", "-5 USD", "٩٩٩٩٩ USD", "4900", "4900 USD upgrade x"])
def test_a_price_that_no_page_of_ours_has_shown_is_asked_about(starter: Shopper, shown: str) -> None:
    answer = starter.order(plan="plan-pro", shown=shown)
    assert "Please look again" in answer.content.decode()


def test_another_country_in_a_later_order_does_not_reprice_the_one_under_way(sandbox: SandboxClient) -> None:
    ada = person("ada")
    choice = SubscriptionChoice(plan_id="plan-pro", billing_period="MONTHLY", country_code="US")
    session = service.begin(customer=ada.customer, user=ada.user, choice=choice)
    Customer.objects.filter(pk=ada.customer.pk).update(country="DE")
    assert choice_of(CheckoutSession.objects.get(pk=session.pk)).country_code == "US"
    moved = replace(choice, country_code="DE")
    assert service.begin(customer=ada.customer, user=ada.user, choice=moved).pk != session.pk


def test_what_was_confirmed_in_another_tab_is_not_canceled_from_a_stale_one(sandbox: SandboxClient) -> None:
    ada = person("ada")
    session = begin(ada)
    stale = CheckoutSession.objects.get(pk=session.pk)
    CheckoutSession.objects.filter(pk=session.pk).update(state=State.CONFIRMED)
    service.give_up(stale)
    assert stale.state == State.CONFIRMED
    assert not service._close(session, State.SUPERSEDED, now=timezone.now())
    assert CheckoutSession.objects.get(pk=session.pk).state == State.CONFIRMED


def test_what_is_being_completed_is_not_canceled_below_it(sandbox: SandboxClient) -> None:
    ada = person("ada")
    session = begin(ada)
    with CheckoutSession.lease(session.pk, seconds=60), pytest.raises(Busy):
        service.give_up(session)
    sandbox.confirm_card(str(session.setup_intent_id))
    assert completion.complete(session.pk, cause="test").state == State.SUCCEEDED


def test_a_change_that_costs_nothing_today_shows_no_receipt_of_an_earlier_payment(sandbox: SandboxClient) -> None:
    pro = subscriber(sandbox)
    done = pro.client.get(pro.order(plan="plan-starter").url)
    assert pro.checkout().state == State.SUCCEEDED
    receipt = done.context["success"].receipt
    assert (receipt.paid, receipt.has_invoice, receipt.invoice_url) == ("", False, "")


def test_a_receipt_stays_that_of_its_order_when_there_are_newer_invoices(
    starter: Shopper, sandbox: SandboxClient
) -> None:
    first = starter.checkout()
    before = starter.client.get(f"/checkout/{first.pk}/status/").context["success"].receipt
    assert starter.order(plan="plan-pro").status_code == 302
    starter.refresh()
    assert len(starter.invoices()) == 2
    after = starter.client.get(f"/checkout/{first.pk}/status/").context["success"].receipt
    assert (after.paid, after.invoice_url) == (before.paid, before.invoice_url) != ("", "")
    newest = starter.client.get(f"/checkout/{starter.checkout().pk}/status/").context["success"].receipt
    assert newest.invoice_url not in ("", after.invoice_url)


def test_a_checkout_with_somebody_elses_setup_intent_keeps_no_other_from_being_worked(sandbox: SandboxClient) -> None:
    odd, other = begin(person("ada")), begin(person("bob"))
    theirs = other.setup_intent_id
    CheckoutSession.objects.filter(pk=other.pk).update(setup_intent_id=None)
    now = timezone.now()
    CheckoutSession.objects.filter(pk=odd.pk).update(setup_intent_id=theirs, due_at=now, expires_at=now)
    CheckoutSession.objects.filter(pk=other.pk).update(due_at=now, expires_at=now)
    service.work_due(now)
    states = CheckoutSession.objects.filter(pk__in=[odd.pk, other.pk]).values_list("state", flat=True)
    assert set(states) == {State.EXPIRED}
