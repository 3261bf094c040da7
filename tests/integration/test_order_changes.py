"""Changes of a running subscription through the one review page: what is shown, what is charged, what comes of it."""

from __future__ import annotations

import pytest

from billing.gateways.stigg.types import SubscriptionChoice
from billing.models import CheckoutSession, Customer, Subscription
from billing.services import catalog, current
from tests.integration.ordering import START, Shopper, shopper, subscriber
from tests.sandbox_process import SandboxClient

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("price_list")]

SEATS = "addon-addon-extra-seats"


@pytest.fixture
def starter(sandbox: SandboxClient) -> Shopper:
    return subscriber(sandbox, plan="plan-starter")


@pytest.fixture
def pro(sandbox: SandboxClient) -> Shopper:
    return subscriber(sandbox, plan="plan-pro")


@pytest.mark.shows("C2")
def test_an_upgrade_is_paid_at_once_with_the_card_on_file_less_what_is_left_of_the_old_plan(
    starter: Shopper, sandbox: SandboxClient
) -> None:
    sandbox.advance(hours=24 * 10)
    starter.refresh()
    page = starter.look(plan="plan-pro")
    shown, review = page.context["summary"], page.context["review"]
    assert shown.kind == "upgrade"
    assert "credit" in [line.kind for line in shown.lines]
    assert review.card_label == "Visa •••• 4242"
    assert review.button == f"Pay {shown.due_now} now"
    assert "takes effect at once" in review.effect
    answer = starter.order(plan="plan-pro")
    assert answer.url.endswith("/status/")
    assert starter.checkout().state == "succeeded"
    newest = starter.invoices()[0]
    assert newest["status"] == "paid"
    assert newest["amount_due"] <= shown.total.amount_minor
    assert shown.total.amount_minor - newest["amount_due"] <= 2  # what the seconds in between are worth
    assert starter.refresh().plan_id == "plan-pro"
    assert len(starter.subscriptions()) == 1


@pytest.mark.shows("C10")
def test_a_downgrade_waits_for_the_period_to_end_and_the_page_says_so_before_the_button(pro: Shopper) -> None:
    page = pro.look(plan="plan-starter")
    shown, review = page.context["summary"], page.context["review"]
    assert (shown.kind, shown.due_now, shown.is_scheduled) == ("downgrade", "$0", True)
    assert review.effect.startswith("You keep Pro until ")
    assert "Starter starts then" in review.effect
    assert review.button == "Confirm the change"
    text = page.content.decode()
    assert text.index(review.effect) < text.index(review.button)
    done = pro.client.get(pro.order(plan="plan-starter").url)
    assert "Your change is set" in done.content.decode()
    assert not done.context["success"].receipt.paid, "the invoice of before is none of this order"
    row = pro.refresh()
    assert row.plan_id == "plan-pro"
    assert row.scheduled_updates[0]["target_id"] == "plan-starter"
    assert len(pro.invoices()) == 1


def test_a_change_that_waits_for_its_day_is_no_receipt_of_the_last_renewal(
    pro: Shopper, sandbox: SandboxClient
) -> None:
    """Also where Stripe dates that renewal after our own clock, as a test clock of Stripe's does."""
    sandbox.advance(hours=24 * 33)
    pro.refresh()
    done = pro.client.get(pro.order(plan="plan-starter").url)
    assert pro.checkout().state == "succeeded"
    assert pro.checkout().invoice_id == ""
    assert not done.context["success"].receipt.paid


@pytest.mark.shows("C10")
def test_a_downgrade_at_the_period_end_happens_and_is_billed_then(pro: Shopper, sandbox: SandboxClient) -> None:
    later = pro.summary(plan="plan-starter")
    assert "$19 per month from" in later.recurring_sentence
    pro.order(plan="plan-starter")
    sandbox.advance(hours=24 * 32)
    assert pro.refresh().plan_id == "plan-starter"
    assert pro.invoices()[0]["total"] == 1900


@pytest.mark.shows("C4")
def test_an_add_on_is_added_and_taken_off_again(pro: Shopper) -> None:
    shown = pro.summary(**{SEATS: "2"})
    assert shown.kind == "change"
    assert pro.order(**{SEATS: "2"}).status_code == 302
    row = pro.refresh()
    assert row.addon_quantities == {"addon-extra-seats": 2}
    form = pro.client.get("/checkout/start/?plan=plan-pro").context["form"]
    assert form[SEATS].value() == "2"  # the form starts with what the customer has
    fewer = pro.summary(**{SEATS: "0"})
    assert fewer.is_scheduled
    pro.order(**{SEATS: "0"})
    assert pro.refresh().scheduled_updates


@pytest.mark.shows("C4")
def test_what_no_form_offers_stays(pro: Shopper) -> None:
    """An add-on that was given, or is not sold any more: Stigg takes the list of add-ons as a whole."""
    row = pro.refresh()
    given = [{"addon_id": "addon-given", "display_name": "A gift", "quantity": 1}]
    Subscription.objects.filter(pk=row.pk).update(addons=given)
    page = pro.client.get(f"{START}?plan=plan-pro")
    assert "This is what you have now" in page.content.decode()
    listed = catalog.selling("plan-pro").require_plan("plan-pro", "MONTHLY")
    more = SubscriptionChoice("plan-pro", "MONTHLY", addons=(("addon-extra-seats", 2),))
    row.refresh_from_db()
    kept = current.with_kept_addons(row, listed, more)
    assert dict(kept.addons) == {"addon-extra-seats": 2, "addon-given": 1}
    elsewhere = SubscriptionChoice("plan-starter", "MONTHLY")
    assert current.with_kept_addons(row, listed, elsewhere).addons == ()


@pytest.mark.shows("P5")
def test_who_moves_abroad_keeps_the_currency_of_what_runs(pro: Shopper) -> None:
    Customer.objects.filter(pk=pro.who.customer.pk).update(country="DE")
    page = pro.look(plan="plan-starter")
    assert "$19" in page.context["summary"].recurring_sentence
    assert page.context["offer"]["price"].text == "$19"
    pro.order(plan="plan-starter")
    assert pro.checkout().country_code == ""
    assert pro.refresh().scheduled_updates


@pytest.mark.shows("C12")
def test_whose_session_has_expired_is_not_shown_the_sign_up_page_inside_the_summary(pro: Shopper) -> None:
    pro.client.logout()
    answer = pro.client.get(f"{START}?plan=plan-pro", headers={"HX-Request": "true"})
    assert (answer.content, answer["HX-Redirect"]) == (b"", f"{START}?plan=plan-pro")
    assert pro.client.get(answer["HX-Redirect"]).url == f"/accounts/signup/?next={START}%3Fplan%3Dplan-pro"


@pytest.mark.shows("C2")
def test_switching_to_yearly_is_prorated_and_says_what_it_saves(pro: Shopper) -> None:
    shown = pro.summary(period="ANNUALLY")
    assert shown.kind == "period"
    assert shown.saving == "You save $118 a year compared with paying monthly."
    pro.order(period="ANNUALLY")
    assert pro.refresh().billing_period == "ANNUALLY"
    assert abs(pro.invoices()[0]["amount_due"] - shown.total.amount_minor) <= 2


def test_what_one_has_already_is_not_sold_again(pro: Shopper) -> None:
    page = pro.client.get("/checkout/start/?plan=plan-pro")
    assert "This is what you have now" in page.content.decode()
    answer = pro.order(shown="4900 USD")
    assert "This is what you have now" in answer.content.decode()
    assert CheckoutSession.objects.count() == 1


def test_a_code_without_any_other_change_is_turned_down_in_words(pro: Shopper) -> None:
    answer = pro.look(coupon="WELCOME20")
    assert "together with a change" in answer.context["form"].errors["coupon"][0]


def test_a_code_takes_its_discount_off_an_upgrade(starter: Shopper) -> None:
    plain, reduced = starter.summary(plan="plan-pro"), starter.summary(plan="plan-pro", coupon="WELCOME20")
    assert reduced.total.amount_minor < plain.total.amount_minor
    starter.order(plan="plan-pro", coupon="WELCOME20")
    assert starter.checkout().state == "succeeded"
    assert abs(starter.invoices()[0]["amount_due"] - reduced.total.amount_minor) <= 2


@pytest.mark.shows("C10")
def test_down_to_free_says_when_and_charges_nothing(pro: Shopper, sandbox: SandboxClient) -> None:
    page = pro.look(plan="plan-free", period=None)
    shown = page.context["summary"]
    assert (shown.kind, shown.due_now) == ("to_free", "$0")
    assert page.context["review"].effect.startswith("You keep Pro until ")
    pro.order(plan="plan-free", period=None)
    assert pro.checkout().state == "succeeded"
    assert pro.refresh().plan_id == "plan-pro"
    sandbox.advance(hours=24 * 32)
    assert pro.refresh().plan_id == "plan-free"
    assert len(pro.invoices()) == 1


@pytest.mark.shows("C1")
def test_another_card_can_be_used_instead_of_the_one_on_file(starter: Shopper) -> None:
    answer = starter.order(plan="plan-pro", query="?card=new")
    assert answer.url == f"/checkout/{starter.checkout().pk}/"
    assert starter.checkout().state == "open"
    assert starter.client.get(answer.url).status_code == 200


def test_without_having_seen_the_price_nothing_is_charged(starter: Shopper) -> None:
    answer = starter.order(plan="plan-pro", shown="")
    assert "The final price could not be worked out before" in answer.content.decode()
    assert CheckoutSession.objects.count() == 1


def test_a_price_that_rose_is_asked_about_for_a_change_too(starter: Shopper) -> None:
    answer = starter.order(plan="plan-pro", shown="100 USD")
    assert "The price has changed" in answer.content.decode()
    assert len(starter.invoices()) == 1


def test_ordering_twice_changes_and_charges_once(starter: Shopper) -> None:
    shown = starter.summary(plan="plan-pro").shown
    starter.order(plan="plan-pro", shown=shown)
    starter.order(plan="plan-pro", shown=shown)
    assert len(starter.invoices()) == 2
    assert CheckoutSession.objects.filter(kind="upgrade").count() == 1


def test_somebody_without_a_card_goes_on_to_the_card_page(sandbox: SandboxClient) -> None:
    new = shopper(sandbox)
    page = new.look(plan="plan-pro")
    assert page.context["review"].button == "Continue to payment"
    answer = new.order(plan="plan-pro")
    assert answer.url == f"/checkout/{new.checkout().pk}/"
