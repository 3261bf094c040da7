"""The paywall page and the order summary: rows, the stored price list, and Stigg's previews, asked for sparingly."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from billing.gateways import stigg
from billing.gateways.stigg.types import SubscriptionChoice
from billing.models import CatalogSnapshot, Customer, Subscription
from billing.money import Money
from billing.services import checkout, customers, paywall, previews, summary
from tests.people import Person, begin, person, subscribe
from tests.sandbox_process import SandboxClient

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("price_list")]
PRO = SubscriptionChoice("plan-pro", "MONTHLY")


def page(who: Person | None = None, period: str = "") -> paywall.PaywallPage:
    return paywall.page(customer=who.customer if who else None, wanted_period=period, now=timezone.now())


def labels(shown: paywall.PaywallPage) -> list[str]:
    return [card.action.label for card in shown.cards]


def subscribed(who: Person, plan: str = "plan-starter", **fields: Any) -> Subscription:
    """A row, as the mirror would have it."""
    given = {"status": "ACTIVE", "plan_name": plan, "pricing_type": "PAID", "billing_period": "MONTHLY"} | fields
    return Subscription.objects.create(
        customer=who.customer, stigg_id=f"subscription-{plan}", plan_id=plan, mirrored_at=timezone.now(), **given
    )


# The page


@pytest.mark.shows("P1", "P2")
def test_anybody_sees_all_plans_and_both_periods() -> None:
    shown = page()
    assert [card.name for card in shown.cards] == ["Free", "Starter", "Pro", "Business", "Enterprise"]
    assert [option.label for option in shown.periods] == ["Monthly", "Yearly"]
    assert (shown.saving_label, shown.notice, shown.is_signed_in) == ("Save up to 20%", "", False)


def test_buttons_are_links_so_that_the_page_can_be_cached() -> None:
    shown = {card.name: card.action.url for card in page(period="MONTHLY").cards}
    assert shown["Pro"] == "/checkout/start/?plan=plan-pro&period=MONTHLY"
    assert shown["Enterprise"] == "/contact/?plan=plan-enterprise"


@pytest.mark.shows("P2")
@pytest.mark.parametrize(
    ("wanted", "period"),
    [("MONTHLY", "MONTHLY"), ("ANNUALLY", "ANNUALLY"), ("", "ANNUALLY"), ("weekly'--", "ANNUALLY")],
)
def test_the_period_asked_for_is_shown_if_it_is_one(wanted: str, period: str) -> None:
    shown = page(period=wanted)
    assert shown.period == period
    assert [option.value for option in shown.periods if option.is_current] == [period]


@pytest.mark.shows("P2")
def test_with_one_period_there_is_no_switch_and_no_saving() -> None:
    row = CatalogSnapshot.objects.get()
    for plan in row.payload["plans"]:
        plan["prices"] = [price for price in plan["prices"] or () if price["billingPeriod"] == "MONTHLY"]
    row.version = "monthly only"
    row.save()
    shown = page(period="ANNUALLY")
    assert (shown.period, shown.periods, shown.saving_label) == ("MONTHLY", (), "")
    assert 'class="periods"' not in Client().get("/pricing/").content.decode()


@pytest.mark.shows("P9")
def test_the_host_may_prefer_a_period_and_hide_and_highlight_plans(settings: Any) -> None:
    settings.TOLLGATE_PREFERRED_BILLING_PERIOD = "MONTHLY"
    settings.TOLLGATE_HIDDEN_PLAN_IDS = ("plan-starter",)
    settings.TOLLGATE_HIGHLIGHTED_PLAN_ID = "plan-pro"
    shown = page()
    assert shown.period == "MONTHLY"
    assert [card.name for card in shown.cards] == ["Free", "Pro", "Business", "Enterprise"]
    assert [card.name for card in shown.cards if card.is_highlighted] == ["Pro"]


def test_a_shop_with_nothing_to_sell_says_so(settings: Any) -> None:
    settings.TOLLGATE_HIDDEN_PLAN_IDS = (
        "plan-free",
        "plan-starter",
        "plan-pro",
        "plan-business",
        "plan-enterprise",
    )
    shown = page()
    assert shown.cards == ()
    assert shown.notice


@pytest.mark.shows("P1", "P8")
def test_a_customer_sees_their_plan_and_their_own_period_first() -> None:
    ada = person("ada")
    subscribed(ada)
    shown = page(ada)
    assert shown.period == "MONTHLY"
    assert labels(shown) == [
        "Move to Free",
        "Your current plan",
        "Upgrade to Pro",
        "Try Business free for 14 days",
        "Talk to us",
    ]


@pytest.mark.parametrize("status", ["PAYMENT_PENDING", "CANCELED", "EXPIRED", "NOT_STARTED"])
def test_a_subscription_that_grants_nothing_is_not_the_current_plan(status: str) -> None:
    ada = person("ada")
    subscribed(ada, status=status)
    assert not any(card.is_current for card in page(ada).cards)


@pytest.mark.shows("P8")
def test_a_running_trial_goes_before_another_subscription_and_counts_its_days() -> None:
    ada, now = person("ada"), timezone.now()
    subscribed(ada, "plan-pro", status="IN_TRIAL", product_id="p", trial_ends_at=now + timedelta(days=2, hours=3))
    subscribed(ada, "plan-free", pricing_type="FREE", billing_period="")
    (current,) = [card for card in page(ada).cards if card.is_current]
    assert (current.name, current.state_label) == ("Pro", "Your trial: 3 days left")


def test_a_trial_that_was_had_is_remembered() -> None:
    ada = person("ada")
    subscribed(ada, status="CANCELED", product_id="product-tollgate", trial_ends_at=timezone.now() - timedelta(days=9))
    visitor = paywall.visitor_for(ada.customer, now=timezone.now())
    assert visitor.trialed_products == {"product-tollgate"}


@pytest.mark.shows("P8")
def test_a_custom_plan_takes_the_others_off_the_table() -> None:
    ada = person("ada")
    subscribed(ada, "plan-enterprise", pricing_type="CUSTOM", billing_period="")
    assert labels(page(ada)) == ["", "", "", "", "Your current plan"]


# The summary


@pytest.fixture
def ada() -> Person:
    """Known to Stigg."""
    known = person("ada")
    known.customer = customers.provision(known.customer.pk)
    return known


@pytest.mark.shows("C2", "C3")
def test_a_choice_is_priced_by_stigg(ada: Person) -> None:
    shown, notice = summary.for_choice(ada.customer, PRO)
    assert (shown.total, shown.due_now, notice) == (Money(4900, "USD"), "$49", "")
    assert [(line.label, line.amount) for line in shown.lines] == [("Pro", "$49")]
    assert shown.recurring_sentence.startswith("Then $49 per month")


@pytest.mark.shows("C2", "C5")
def test_a_coupon_is_a_line_of_its_own(ada: Person) -> None:
    choice = SubscriptionChoice("plan-pro", "MONTHLY", coupon_id="WELCOME20")
    shown, _notice = summary.for_choice(ada.customer, choice)
    assert [(line.kind, line.amount) for line in shown.lines] == [("charge", "$49"), ("discount", "-$9.80")]
    assert shown.total == Money(3920, "USD")


def test_a_preview_is_kept_for_a_while_per_choice(sandbox: SandboxClient, ada: Person) -> None:
    for _ in range(3):
        summary.for_choice(ada.customer, PRO)
    summary.for_choice(ada.customer, SubscriptionChoice("plan-pro", "ANNUALLY"))
    assert len(sandbox.calls("stigg", "previewSubscription")) == 2


def test_a_free_plan_needs_no_preview(sandbox: SandboxClient, ada: Person) -> None:
    shown, notice = summary.for_choice(ada.customer, SubscriptionChoice("plan-free"))
    assert (shown.due_now, notice) == ("$0", "")
    assert sandbox.calls("stigg", "previewSubscription") == []


def test_while_stigg_is_down_the_list_price_is_shown_with_a_word_about_it(
    sandbox: SandboxClient, settings: Any, ada: Person
) -> None:
    settings.TOLLGATE_BREAKER_FAILURES = 1
    sandbox.fault("stigg", "down")
    shown, notice = summary.for_choice(ada.customer, PRO)
    assert (shown.total, shown.recurring_sentence) == (Money(4900, "USD"), "Then $49 per month, until you cancel.")
    assert "cannot be worked out right now" in notice


def test_who_is_not_at_stigg_yet_sees_the_list_price(sandbox: SandboxClient) -> None:
    new = person("new")
    shown, _notice = summary.for_choice(new.customer, PRO)
    assert shown.total == Money(4900, "USD")
    assert sandbox.calls("stigg", "previewSubscription") == []


def test_a_choice_that_stigg_refuses_shows_no_price_and_says_so(sandbox: SandboxClient, ada: Person) -> None:
    sandbox.fault("stigg", "graphql_error", "previewSubscription", code="BadUserInput")
    shown, notice = summary.for_choice(ada.customer, PRO)
    assert shown is None
    assert "cannot be bought" in notice


def test_previews_are_capped_well_below_stiggs_limit(sandbox: SandboxClient, ada: Person) -> None:
    for seats in range(1, 20):
        choice = SubscriptionChoice("plan-pro", "MONTHLY", addons=(("addon-extra-seats", seats),))
        shown, _notice = summary.for_choice(ada.customer, choice)
        assert shown is not None
    assert len(sandbox.calls("stigg", "previewSubscription")) == previews.PER_MINUTE


def test_the_cap_is_each_customers_own(sandbox: SandboxClient, ada: Person) -> None:
    for seats in range(1, 14):
        summary.for_choice(
            ada.customer, SubscriptionChoice("plan-pro", "MONTHLY", addons=(("addon-extra-seats", seats),))
        )
    bob = person("bob")
    _shown, notice = summary.for_choice(customers.provision(bob.customer.pk), PRO)
    assert notice == ""


def test_a_failed_order_shows_the_open_invoice(sandbox: SandboxClient) -> None:
    carol = person("carol")
    failed = subscribe(carol, sandbox, card="pm_card_chargeCustomerFail")
    customers.refresh(carol.customer.pk, cause="test", with_stripe=True)
    failed.refresh_from_db()
    shown, _notice = summary.for_checkout(failed, PRO)
    assert shown.total == Money(4900, "USD")
    assert shown.lines[0].label.startswith("Open invoice ")


def test_a_running_checkout_shows_what_its_choice_costs(sandbox: SandboxClient) -> None:
    ada = person("ada")
    session = begin(ada, plan="plan-starter")
    ada.customer.refresh_from_db()
    session.customer = Customer.objects.get(pk=ada.customer.pk)
    shown, _notice = summary.for_checkout(session, SubscriptionChoice("plan-starter", "MONTHLY"))
    assert shown is not None
    assert shown.due_now == "$19"


@pytest.mark.shows("C2", "C10")
def test_an_upgrade_in_mid_period_credits_what_is_left(sandbox: SandboxClient) -> None:
    ada = person("ada")
    subscribe(ada, sandbox, plan="plan-starter")
    sandbox.advance(hours=24 * 10)
    ada.customer.refresh_from_db()
    shown, _notice = summary.for_choice(ada.customer, PRO)
    kinds = {line.kind: line.amount for line in shown.lines}
    assert "credit" in kinds
    assert shown.total.amount_minor < 4900
    assert (
        checkout.begin(
            customer=ada.customer, user=ada.user, choice=PRO, terms=checkout.Terms("", True, shown.total)
        ).due_now
        == shown.total
    )


# A change that is agreed for later


@pytest.mark.shows("P8")
def test_an_agreed_downgrade_is_shown_on_its_card_with_the_way_back(sandbox: SandboxClient) -> None:
    ada = person("ada")
    subscribe(ada, sandbox)
    subscription = ada.customer.subscriptions.get()
    stigg.current().provision_subscription(
        customer_id=ada.customer.stigg_id,
        choice=SubscriptionChoice("plan-starter", "MONTHLY"),
        subscription_id="subscription-lower",
        metadata={},
    )
    customers.refresh(ada.customer.pk, cause="test")
    client = Client()
    client.force_login(ada.user)
    found = {card.name: card for card in page(ada, "MONTHLY").cards}
    change = found["Starter"].next_change
    assert change is not None
    assert change.sentence.startswith("You move to Starter on ")
    assert change.sentence.endswith("Until then you keep Pro.")
    assert change.cancel_url == f"/billing/subscriptions/{subscription.stigg_id}/scheduled-changes/cancellation/"
    assert found["Pro"].action.label == "Your current plan"
    shown = client.get("/pricing/", {"period": "MONTHLY"}).content.decode()
    assert f'href="{change.cancel_url}" data-action="cancel-change">Cancel this change' in shown
    assert page(ada, "ANNUALLY").cards[1].next_change is None


@pytest.mark.shows("P8")
def test_an_agreed_number_of_units_and_an_agreed_period_are_read_from_the_mirror() -> None:
    ada, day = person("ada"), "2027-01-31T00:00:00+00:00"
    row = subscribed(ada, "plan-pro")
    agreed = {"status": "Scheduled", "scheduled_at": day, "target_id": "", "target_name": ""}
    row.scheduled_updates = [agreed | {"type": "BillingPeriod", "billing_period": "ANNUALLY"}]
    row.save()
    (pro,) = [card for card in page(ada, "ANNUALLY").cards if card.next_change]
    assert pro.next_change is not None
    assert (pro.name, pro.next_change.sentence) == ("Pro", "You are billed yearly from January 31, 2027.")
    row.scheduled_updates = [
        agreed | {"type": "BillingPeriod", "billing_period": "ANNUALLY", "status": "PendingPayment"}
    ]
    row.save()
    assert not any(card.next_change for card in page(ada, "ANNUALLY").cards)
