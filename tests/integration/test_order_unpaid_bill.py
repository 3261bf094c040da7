"""Orders of a customer whose last renewal is unpaid: what is set is set, and the bill can still be paid."""

from __future__ import annotations

import pytest
from django.urls import reverse

from billing.models import CheckoutSession, Subscription
from billing.services import card_entry, completion
from billing.services import checkout as service
from tests.integration.ordering import Shopper, subscriber
from tests.sandbox_process import SandboxClient

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("price_list")]
State = CheckoutSession.State
A_MONTH = 32 * 24
DOWN = [{"plan": "plan-starter"}, {"plan": "plan-free", "period": None}]


def in_arrears(sandbox: SandboxClient, *, plan: str = "plan-pro") -> Shopper:
    """The card on file had no money when the second month was charged."""
    found = subscriber(sandbox, plan=plan)
    sandbox.post("scenarios/next_charge_declined")
    sandbox.advance(hours=A_MONTH)
    sandbox.settle()
    row = found.refresh()
    assert (row.status, row.payment_collection) == ("ACTIVE", "FAILED")
    return found


@pytest.fixture
def pro(sandbox: SandboxClient) -> Shopper:
    return in_arrears(sandbox)


def recover(who: Shopper) -> str:
    answer = who.client.post(reverse("billing:recover", args=[who.refresh().stigg_id]))
    return str(answer.url)


def pay_with_new_card(who: Shopper) -> None:
    checkout = who.checkout()
    who.sandbox.confirm_card(str(checkout.setup_intent_id), "pm_card_mastercard")
    who.client.post(reverse("billing:checkout_complete", args=[checkout.pk]))
    who.sandbox.settle()


def stuck(who: Shopper, **order: str | None) -> CheckoutSession:
    """As it stood where the renewal's failure was taken for the order's, before that was mended."""
    who.order(**order)
    checkout, row = who.checkout(), Subscription.objects.get()
    values = {"invoice_id": row.latest_invoice_id, "setup_intent_number": 2, "closed_at": None}
    CheckoutSession.objects.filter(pk=checkout.pk).update(state=State.PAYMENT_FAILED, due_at=None, **values)
    return who.checkout()


@pytest.mark.shows("C10")
@pytest.mark.parametrize("order", DOWN)
def test_a_step_down_is_set_while_a_renewal_is_unpaid_and_the_bill_can_still_be_paid(
    pro: Shopper, order: dict[str, str | None]
) -> None:
    page = pro.client.get(pro.order(**order).url).content.decode()
    assert pro.checkout().state == "succeeded"
    assert pro.checkout().invoice_id == ""
    assert "Your change is set" in page
    assert "did not go through" not in page
    waiting = pro.refresh().scheduled_updates
    assert "/status/" not in recover(pro)
    pay_with_new_card(pro)
    row = pro.refresh()
    assert (pro.checkout().purpose, pro.checkout().state) == ("recover", "succeeded")
    assert (row.payment_collection, row.scheduled_updates) == ("NOT_REQUIRED", waiting)
    assert [invoice["status"] for invoice in pro.invoices()] == ["paid", "paid"]


@pytest.mark.parametrize("order", DOWN)
def test_one_that_was_taken_for_failed_is_put_right_with_the_next_look(
    pro: Shopper, order: dict[str, str | None]
) -> None:
    stuck(pro, **order)
    pro.refresh()
    assert pro.checkout().state == "succeeded"


def test_paying_the_bill_is_no_matter_of_an_order_that_waits_for_its_day(pro: Shopper) -> None:
    """Before anybody has looked again."""
    order = stuck(pro, plan="plan-starter")
    row = Subscription.objects.get()
    bill = service.begin_recovery(customer=pro.who.customer, user=pro.who.user, subscription=row)
    assert (bill.purpose, bill.state, bill.invoice_id) == ("recover", "open", row.latest_invoice_id)
    order.refresh_from_db()
    assert order.state == "superseded"
    again = service.begin_recovery(customer=pro.who.customer, user=pro.who.user, subscription=row)
    assert again == bill


@pytest.mark.parametrize("order", DOWN)
def test_a_step_down_that_is_given_up_does_not_happen(pro: Shopper, order: dict[str, str | None]) -> None:
    checkout = stuck(pro, **order)
    pro.client.post(reverse("billing:checkout_cancel", args=[checkout.pk]))
    assert pro.checkout().state == "canceled"
    row = pro.refresh()
    assert (row.plan_id, row.scheduled_updates, row.pending_updates) == ("plan-pro", [], [])


def test_giving_up_the_recovery_leaves_a_change_that_is_set(pro: Shopper) -> None:
    pro.order(plan="plan-starter")
    recover(pro)
    pro.client.post(reverse("billing:checkout_cancel", args=[pro.checkout().pk]))
    assert pro.checkout().state == "canceled"
    assert pro.refresh().scheduled_updates


def test_after_a_failed_payment_a_card_can_be_entered_whatever_was_ordered(pro: Shopper) -> None:
    """Also where the order was agreed to without a card, because nothing seemed to be due."""
    checkout = stuck(pro, plan="plan-starter")
    assert not checkout.needs_card
    card_entry.prepare_card(checkout)
    pro.sandbox.confirm_card(str(pro.checkout().setup_intent_id), "pm_card_mastercard")
    completion.complete(checkout.pk, cause="test")
    assert pro.checkout().payment_method_id
    assert pro.invoices()[0]["status"] == "paid"


@pytest.mark.parametrize("query", ["", "?card=new"])
def test_an_upgrade_waits_until_the_bill_is_paid_which_nothing_charges_unasked(
    sandbox: SandboxClient, query: str
) -> None:
    starter = in_arrears(sandbox, plan="plan-starter")
    answer = starter.order(plan="plan-pro", query=query)
    bill = starter.checkout()
    assert (bill.purpose, bill.state) == ("recover", "open")
    assert answer.url == reverse("billing:checkout", args=[bill.pk])
    assert [invoice["status"] for invoice in starter.invoices()] == ["open", "paid"]
    page = starter.client.get(answer.url).content.decode()
    assert "Your last payment for Starter failed" in page
    assert "Pay $19" in page
    assert starter.order(plan="plan-pro", query=query).url == answer.url, "once more is the same bill"
    pay_with_new_card(starter)
    row = starter.refresh()
    assert (row.plan_id, row.payment_collection) == ("plan-starter", "NOT_REQUIRED")
    starter.order(plan="plan-pro")
    assert (starter.checkout().kind, starter.checkout().state) == ("upgrade", "succeeded")
    assert starter.refresh().plan_id == "plan-pro"
    assert [invoice["status"] for invoice in starter.invoices()] == ["paid", "paid", "paid"]


def test_an_upgrade_that_was_declined_is_no_bill_of_before(sandbox: SandboxClient) -> None:
    """Ordering it once more goes on with it."""
    starter = subscriber(sandbox, plan="plan-starter")
    starter.order(plan="plan-pro", query="?card=new")
    order = starter.checkout()
    sandbox.confirm_card(str(order.setup_intent_id), "pm_card_chargeCustomerFail")
    starter.client.post(reverse("billing:checkout_complete", args=[order.pk]))
    starter.refresh()
    starter.order(plan="plan-pro")
    assert {checkout.purpose for checkout in CheckoutSession.objects.all()} == {"subscribe"}
