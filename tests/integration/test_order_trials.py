"""Trials through the review page: begun with and without a card, converted, bought early, canceled, and once only."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.core import checks
from django.urls import reverse

from billing.services import catalog
from billing.services import checkout as service
from sandbox.catalog import loader
from tests.integration.ordering import Shopper, shopper
from tests.sandbox_process import SandboxClient, running_sandbox

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("studio"), pytest.mark.shows("C6")]

EDITORS = "quantity-feature-editors"
CONVERTING = {"plan": "plan-team", EDITORS: "3"}
ENDING = {"plan": "plan-agency", EDITORS: "6"}
FREE = {"plan": "plan-hobby", "period": None}
BY_USAGE = """
  plan-payg:
    product: product-studio
    name: Payg
    pricing: paid
    trial: {duration: 14, units: day, at_end: cancel_subscription}
    prices: [{period: monthly, model: usage_based, feature: feature-renders, amount: 0.0015}]
"""


@pytest.fixture(scope="module", params=["immediate", "at_trial_end"])
def conversions(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """The showcase under both answers to when a plan bought during a trial begins."""
    text = loader.DEFAULT.with_name("showcase.yaml").read_text(encoding="utf-8")
    path = tmp_path_factory.mktemp("studio") / "catalog.yaml"
    changed = text.replace("  tax_name: VAT", f"  tax_name: VAT\n  trial_conversion: {request.param}")
    changed = changed.replace("  plan-old:", f"{BY_USAGE}\n  plan-old:", 1)
    path.write_text(changed, encoding="utf-8")
    with running_sandbox("--catalog", str(path)) as client:
        yield client, request.param


@pytest.fixture
def studio(sandbox: SandboxClient, conversions: Any, settings: Any) -> SandboxClient:
    """The product pointed at the showcase."""
    client: SandboxClient = conversions[0]
    client.reset()
    settings.TOLLGATE_STIGG_API_URL = settings.TOLLGATE_STIGG_EDGE_URL = client.stigg_url
    settings.TOLLGATE_STRIPE_API_URL = client.stripe_url
    settings.TOLLGATE_PRODUCT_ID = "product-studio"
    catalog.renew()
    return client


@pytest.fixture
def ada(studio: SandboxClient) -> Shopper:
    return shopper(studio)


def pay_with_card(who: Shopper, answer: Any) -> None:
    checkout = who.checkout()
    assert answer.url == f"/checkout/{checkout.pk}/"
    who.sandbox.confirm_card(str(checkout.setup_intent_id))
    who.client.post(reverse("billing:checkout_complete", args=[checkout.pk]))


def test_a_trial_that_ends_by_itself_starts_without_a_card(ada: Shopper) -> None:
    page = ada.look(**ENDING)
    shown, review = page.context["summary"], page.context["review"]
    assert (shown.kind, shown.due_now, shown.reason) == ("trial", "$0", "Nothing is due today: the trial is free.")
    assert "ends by itself on" in shown.recurring_sentence
    assert "$109 per month" in shown.recurring_sentence
    assert (review.button, review.fine_print) == ("Start the free trial", "No card is needed.")
    done = ada.client.get(ada.order(**ENDING).url).content.decode()
    assert "Your trial has started" in done
    assert "next bill" not in done
    assert ada.refresh().status == "IN_TRIAL"
    assert ada.invoices() == []


def test_a_plan_that_is_paid_by_usage_alone_starts_with_the_trial_that_the_paywall_promises(ada: Shopper) -> None:
    assert "Try Payg free for 14 days" in ada.client.get("/pricing/").content.decode()
    page = ada.look(plan="plan-payg")
    shown, review = page.context["summary"], page.context["review"]
    assert (shown.kind, shown.reason) == ("trial", "Nothing is due today: the trial is free.")
    assert shown.recurring_sentence.startswith("Your trial ends on ")
    assert review.button == "Start the free trial"
    assert "Your trial has started" in ada.client.get(ada.order(plan="plan-payg").url).content.decode()
    assert ada.refresh().status == "IN_TRIAL"


def test_a_trial_that_becomes_paid_asks_for_a_card_and_is_charged_at_its_end(ada: Shopper) -> None:
    page = ada.look(**CONVERTING)
    assert page.context["review"].button == "Continue to payment"
    assert "the trial becomes $36 per month, unless you cancel before" in page.context["summary"].recurring_sentence
    answer = ada.order(**CONVERTING)
    assert "start the trial" in ada.client.get(answer.url).content.decode()
    pay_with_card(ada, answer)
    assert ada.refresh().status == "IN_TRIAL"
    account = ada.client.get("/billing/").content.decode()
    assert "14 days left" in account
    assert "it becomes $36 per month" in account
    assert "There is no card" not in account
    ada.sandbox.advance(hours=24 * 15)
    assert ada.refresh().status == "ACTIVE"
    assert [(row["status"], row["total"]) for row in ada.invoices()] == [("paid", 3600)]


def test_whether_a_trial_asks_for_a_card_is_a_setting(ada: Shopper, settings: Any) -> None:
    settings.TOLLGATE_TRIAL_CARD = "always"
    assert ada.look(**ENDING).context["review"].button == "Continue to payment"
    settings.TOLLGATE_TRIAL_CARD = "never"
    assert ada.look(**CONVERTING).context["review"].fine_print == "No card is needed."
    ada.order(**CONVERTING)
    assert ada.refresh().status == "IN_TRIAL"
    account = ada.client.get("/billing/").content.decode()
    assert "There is no card on file yet" in account
    assert "Add a card and upgrade" in account
    ada.sandbox.advance(hours=24 * 15)
    assert ada.refresh().plan_id == "plan-hobby"
    assert ada.invoices() == []


def test_a_word_that_says_nothing_about_cards_of_trials_is_found_before_the_first_request(settings: Any) -> None:
    settings.TOLLGATE_TRIAL_CARD = "sometimes"
    assert "billing.E007" in [each.id for each in checks.run_checks()]


def test_a_trial_can_be_canceled_and_there_is_no_second_one(ada: Shopper) -> None:
    ada.order(**ENDING)
    url = reverse("billing:cancel_trial", args=[ada.refresh().stigg_id])
    assert "there is no second trial" in ada.client.get(url).content.decode()
    assert "Your trial is over" in ada.client.post(url, follow=True).content.decode()
    assert ada.client.post(url).status_code == 302
    assert not ada.who.customer.subscriptions.filter(status="IN_TRIAL").exists()
    again = ada.look(**CONVERTING)
    assert again.context["summary"].kind == "new"
    assert again.context["summary"].due_now == "$36"


@pytest.mark.parametrize("trial", [CONVERTING, ENDING], ids=["converting", "ending"])
def test_the_free_plan_chosen_during_a_trial_ends_the_trial_and_nothing_is_ever_charged(
    ada: Shopper, trial: dict[str, str]
) -> None:
    answer = ada.order(**trial)
    if trial is CONVERTING:
        pay_with_card(ada, answer)
    assert ada.refresh().status == "IN_TRIAL"
    assert ada.look(**FREE).context["review"].effect == "The change takes effect at once."
    assert "You have Hobby now" in ada.client.get(ada.order(**FREE).url).content.decode()
    assert running(ada) == [("plan-hobby", "ACTIVE")]
    ada.sandbox.advance(hours=24 * 33)
    ada.refresh()
    assert running(ada) == [("plan-hobby", "ACTIVE")]
    assert ada.invoices() == []


def test_the_free_plan_chosen_after_buying_during_a_trial_leaves_nothing_that_is_charged_later(
    ada: Shopper, conversions: Any
) -> None:
    ada.order(**ENDING)
    ada.refresh()
    pay_with_card(ada, ada.order(**ENDING))
    ada.refresh()
    ada.order(**FREE)
    ada.sandbox.advance(hours=24 * 33)
    ada.refresh()
    assert running(ada) == [("plan-hobby", "ACTIVE")]
    bought = 10900 if conversions[1] == "immediate" else 0
    assert sum(row["amount_paid"] for row in ada.invoices()) == bought


def test_who_has_the_free_plan_beside_the_trial_goes_back_to_it(ada: Shopper) -> None:
    ada.order(**FREE)
    ada.refresh()
    pay_with_card(ada, ada.order(**CONVERTING))
    ada.refresh()
    assert ada.client.get(ada.order(**FREE).url).status_code == 200
    assert ada.checkout().state == "succeeded"
    assert running(ada) == [("plan-hobby", "ACTIVE")]
    ada.sandbox.advance(hours=24 * 33)
    ada.refresh()
    assert ada.invoices() == []


@pytest.mark.parametrize("lost", ["cancelSubscription", "provisionSubscriptionV2"])
def test_a_step_to_free_that_met_an_outage_ends_the_trial_later_all_the_same(ada: Shopper, lost: str) -> None:
    pay_with_card(ada, ada.order(**CONVERTING))
    ada.refresh()
    ada.sandbox.fault("stigg", "down", lost)
    ada.order(**FREE)
    assert ada.checkout().state == "confirmed"
    ada.sandbox.calm()
    service.work_due(ada.checkout().due_at)
    assert ada.checkout().state == "succeeded"
    ada.sandbox.advance(hours=24 * 33)
    ada.refresh()
    assert running(ada) == [("plan-hobby", "ACTIVE")]
    assert ada.invoices() == []


def running(who: Shopper) -> list[tuple[str, str]]:
    return [(row.plan_id, row.status) for row in who.who.customer.subscriptions.all().unfinished()]


def test_a_trial_that_became_a_paid_plan_meanwhile_is_not_ended_and_called_free(
    ada: Shopper, studio: SandboxClient
) -> None:
    answer = ada.order(**CONVERTING)
    pay_with_card(ada, answer)
    url = reverse("billing:cancel_trial", args=[ada.refresh().stigg_id])
    studio.advance(hours=24 * 33)
    page = ada.client.post(url, follow=True).content.decode()
    assert "Nothing was charged" not in page
    assert "There is no trial to cancel" in page
    row = ada.refresh()
    assert (row.status, row.plan_id) == ("ACTIVE", "plan-team")


def test_buying_early_tells_when_it_starts_and_charges_what_it_says(ada: Shopper, conversions: Any) -> None:
    ada.order(**ENDING)
    ada.refresh()
    page = ada.client.get("/checkout/start/?plan=plan-agency&period=MONTHLY")
    shown, effect = page.context["summary"], page.context["review"].effect
    assert shown.kind == "conversion"
    assert page.context["form"][EDITORS].value() == "6"
    assert "You are trying Agency" in page.content.decode()
    if conversions[1] == "immediate":
        assert "starts today as a paid plan" in effect
        assert shown.due_now == "$109"
    else:
        assert "Your trial goes on until" in effect
        assert shown.due_now == "$0"
    pay_with_card(ada, ada.order(**ENDING))
    assert ada.checkout().state == "succeeded"
    assert sum(row["amount_due"] for row in ada.invoices()) == shown.total.amount_minor
    done = ada.client.get(f"/checkout/{ada.checkout().pk}/status/").content.decode()
    assert ("starts on" in done) == (conversions[1] != "immediate")
    ada.sandbox.advance(hours=24 * 33)
    ada.refresh()
    (paid,) = ada.who.customer.subscriptions.filter(status="ACTIVE")
    assert (paid.plan_id, paid.pricing_type) == ("plan-agency", "PAID")
    assert ada.invoices()[-1]["total"] == 10900
