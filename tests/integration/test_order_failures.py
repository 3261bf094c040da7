"""Orders that meet trouble: a card that fails, a Stigg that is away, a change that is taken back."""

from __future__ import annotations

from typing import Any

import pytest
from django.urls import reverse

from billing.gateways import stigg
from billing.models import CheckoutSession, Membership
from billing.services import checkout as service
from tests.integration.ordering import Shopper, subscriber
from tests.integration.test_checkout import wait_until
from tests.people import PASSWORD, person
from tests.sandbox_process import SandboxClient

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("price_list")]


@pytest.fixture
def starter(sandbox: SandboxClient) -> Shopper:
    return subscriber(sandbox, plan="plan-starter")


@pytest.fixture
def failed(starter: Shopper, sandbox: SandboxClient) -> Shopper:
    """An upgrade whose payment the card on file refused."""
    answer = starter.order(plan="plan-pro", query="?card=new")
    checkout = starter.checkout()
    sandbox.confirm_card(str(checkout.setup_intent_id), "pm_card_chargeCustomerFail")
    starter.client.post(reverse("billing:checkout_complete", args=[checkout.pk]))
    assert starter.checkout().state == "payment_failed", answer
    return starter


def cancel_url(who: Shopper) -> str:
    return reverse("billing:cancel_scheduled_change", args=[who.refresh().stigg_id])


def test_a_failed_upgrade_leaves_the_old_plan_and_says_so(failed: Shopper) -> None:
    row = failed.refresh()
    assert (row.plan_id, row.status) == ("plan-starter", "ACTIVE")
    assert row.pending_updates[0]["target_id"] == "plan-pro"
    page = failed.client.get(f"/checkout/{failed.checkout().pk}/status/").content.decode()
    assert "What you have now stays as it is" in page
    account = failed.client.get("/billing/").content.decode()
    assert "You keep Starter as it is" in account
    assert "Drop the change" in account


def test_a_failed_upgrade_is_paid_with_another_card_and_then_is_there(failed: Shopper, sandbox: SandboxClient) -> None:
    checkout = failed.checkout()
    failed.client.post(reverse("billing:checkout_card", args=[checkout.pk]))
    sandbox.confirm_card(str(failed.checkout().setup_intent_id))
    failed.client.post(reverse("billing:checkout_complete", args=[checkout.pk]))
    sandbox.settle()
    assert failed.refresh().plan_id == "plan-pro"
    assert failed.checkout().state == "succeeded"
    assert [row["status"] for row in failed.invoices()] == ["paid", "paid"]


def test_a_failed_upgrade_can_be_dropped(failed: Shopper) -> None:
    failed.client.post(reverse("billing:checkout_cancel", args=[failed.checkout().pk]))
    assert failed.checkout().state == "canceled"
    row = failed.refresh()
    assert (row.plan_id, row.status, row.pending_updates) == ("plan-starter", "ACTIVE", [])
    assert failed.invoices()[0]["status"] == "void"


def test_a_failed_upgrade_dropped_on_the_account_page_ends_its_checkout_too(failed: Shopper) -> None:
    answer = failed.client.post(cancel_url(failed), follow=True)
    assert "Everything stays as it is" in answer.content.decode()
    assert failed.checkout().state == "canceled"


def test_a_failed_upgrade_is_dropped_when_its_time_is_over_and_the_subscription_stays(failed: Shopper) -> None:
    checkout = failed.checkout()
    assert service.work_due(checkout.expires_at)
    failed.checkout().refresh_from_db()
    row = failed.refresh()
    assert (row.plan_id, row.status, row.pending_updates) == ("plan-starter", "ACTIVE", [])
    assert failed.checkout().state in ("canceled", "expired")


def test_a_downgrade_that_waits_can_be_canceled_from_the_account_page(sandbox: SandboxClient) -> None:
    pro = subscriber(sandbox)
    pro.order(plan="plan-starter")
    url = cancel_url(pro)
    assert url in pro.client.get("/billing/").content.decode()
    assert "Pro becomes Starter on" in pro.client.get(url).content.decode()
    answer = pro.client.post(url, follow=True)
    assert "The change is canceled" in answer.content.decode()
    assert pro.refresh().scheduled_updates == []
    assert pro.client.post(url).status_code == 302  # twice is harmless
    assert "There is no change to cancel" in pro.client.get(url, follow=True).content.decode()
    sandbox.advance(hours=24 * 32)
    assert pro.refresh().plan_id == "plan-pro"


def test_a_change_that_is_gone_is_not_said_to_be_canceled(sandbox: SandboxClient) -> None:
    pro = subscriber(sandbox)
    pro.order(plan="plan-starter")
    url = cancel_url(pro)
    stigg.current().cancel_schedule(subscription_id=pro.refresh().stigg_id)
    answer = pro.client.post(url, follow=True).content.decode()
    assert "There is no change to cancel" in answer
    assert "The change is canceled" not in answer


def test_only_who_may_pay_can_cancel_a_change(sandbox: SandboxClient) -> None:
    pro = subscriber(sandbox)
    pro.order(plan="plan-starter")
    url = cancel_url(pro)
    stranger, member = person("dave"), person("mia")
    Membership.objects.create(customer=pro.who.customer, user=member.user, role=Membership.Role.MEMBER)
    for who, status in ((stranger, 404), (member, 403)):
        pro.client.logout()
        assert pro.client.login(username=who.user.get_username(), password=PASSWORD)
        assert pro.client.post(url).status_code == status
    assert pro.refresh().scheduled_updates


def test_a_change_is_not_canceled_while_stigg_is_away_and_the_page_says_so(sandbox: SandboxClient) -> None:
    pro = subscriber(sandbox)
    pro.order(plan="plan-starter")
    url = cancel_url(pro)
    sandbox.fault("stigg", "down")
    answer = pro.client.post(url)
    assert answer.status_code == 503
    assert "Nothing is lost" in answer.content.decode()
    sandbox.calm()
    assert pro.refresh().scheduled_updates


def test_an_upgrade_that_met_an_outage_is_completed_later_exactly_once(
    starter: Shopper, sandbox: SandboxClient
) -> None:
    shown = starter.summary(plan="plan-pro").shown
    sandbox.fault("stigg", "down", "provisionSubscriptionV2")
    answer = starter.order(plan="plan-pro", shown=shown)
    assert answer.status_code == 302
    assert starter.checkout().state == "confirmed"
    assert "Nothing is lost" in starter.client.get(answer.url).content.decode()
    sandbox.calm()
    service.work_due(starter.checkout().due_at)
    assert starter.checkout().state == "succeeded"
    assert starter.refresh().plan_id == "plan-pro"
    assert len(starter.invoices()) == 2


def test_an_upgrade_whose_answer_was_lost_is_found_and_not_made_again(
    starter: Shopper, sandbox: SandboxClient, settings: Any
) -> None:
    shown = starter.summary(plan="plan-pro").shown
    settings.TOLLGATE_PROVISION_TIMEOUT_SECONDS = 0.3
    sandbox.fault("stigg", "latency", "provisionSubscriptionV2", seconds=1, times=1)
    starter.order(plan="plan-pro", shown=shown)
    assert starter.checkout().state == "confirmed"
    settings.TOLLGATE_PROVISION_TIMEOUT_SECONDS = 60.0
    wait_until(lambda: len(starter.invoices()) == 2)
    sandbox.settle()
    service.work_due(starter.checkout().due_at)
    assert starter.checkout().state == "succeeded"
    assert len(starter.invoices()) == 2
    assert len(sandbox.calls("stigg", "provisionSubscriptionV2")) == 2  # the first plan, and this one once


def test_the_old_plan_is_not_taken_for_the_new_one_when_the_order_never_arrived(
    starter: Shopper, sandbox: SandboxClient
) -> None:
    shown = starter.summary(plan="plan-pro").shown
    sandbox.fault("stigg", "down", "provisionSubscriptionV2", times=1)
    starter.order(plan="plan-pro", shown=shown)
    service.work_due(starter.checkout().due_at)
    assert CheckoutSession.objects.filter(kind="upgrade", state="succeeded").count() == 1
    assert starter.refresh().plan_id == "plan-pro"
