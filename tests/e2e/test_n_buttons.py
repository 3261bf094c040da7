"""The button of each plan says what it does for whoever looks: a stranger, a free user, somebody on trial, a
subscriber, a customer with a plan of their own."""

import re

import pytest
from playwright.sync_api import expect

from tests.e2e.people import PATIENCE_MS, assert_accessible, eventually

pytestmark = pytest.mark.shows("P8")


def test_a_stranger_may_start_try_choose_or_ask(person):
    person.opens_prices()
    assert person.offered() == {
        "Free": "Start for free",
        "Starter": "Choose Starter",
        "Pro": "Choose Pro",
        "Business": "Try Business free for 14 days",
        "Enterprise": "Talk to us",
    }


def test_from_free_through_a_trial_to_a_paid_plan_with_more_people(person, sandbox, picture):
    page = person.page
    person.opens_prices()
    person.chooses("Free")
    person.signs_up()
    person.reviews(button="Start with Free")
    person.is_welcomed("Free")
    person.opens_prices()
    assert person.offered() | {"Enterprise": ""} == {
        "Free": "Your current plan",
        "Starter": "Upgrade to Starter",
        "Pro": "Upgrade to Pro",
        "Business": "Try Business free for 14 days",
        "Enterprise": "",
    }
    expect(person.offer("Free").get_by_text("Your current plan").last).to_have_attribute("aria-disabled", "true")

    person.chooses("Business")
    page.get_by_role("button", name="Continue to payment").click()
    person.enters_other_card_form()
    person.pays_with()
    person.sees_heading("Your trial has started")
    person.subscription(status="IN_TRIAL", plan_id="plan-business")
    assert sandbox.books(person.email).payments() == []
    person.opens_prices()
    expect(person.offer("Business")).to_contain_text(re.compile(r"Your trial: 1[34] days left"))
    assert person.offered()["Business"] == "Upgrade to Business now"
    page.goto("/billing/")
    picture(page, "account-trial")
    assert_accessible(page)
    page.get_by_role("link", name="Cancel the trial").click()
    picture(page, "cancel-trial")
    assert_accessible(page)
    person.opens_prices()

    person.chooses("Business")
    page.get_by_role("button", name=re.compile("^Pay .* now$")).click()
    person.is_welcomed("Business")
    person.subscription(status="ACTIVE", plan_id="plan-business")
    person.opens_prices()
    assert person.offered()["Business"] == "Your current plan"
    seats = page.get_by_label("Seats – Business")
    seats.fill("25")
    expect(person.offer("Business").locator("[data-live=action]")).to_contain_text("Change to 25 seats")
    expect(person.offer("Business").locator("[data-live=price]")).to_contain_text("$340")
    person.chooses("Business")
    person.sees_heading("Change your plan")
    page.get_by_text("Each period after").click()
    person.sees("1–20: $14 each")
    person.sees("21–25: $12 each")
    page.get_by_role("button", name=re.compile("^Pay .* now$")).click()
    person.sees_heading("Your plan is changed")
    assert sandbox.books(person.email).stigg_statuses().count("ACTIVE") == 1
    person.opens_prices()
    expect(page.get_by_label("Seats – Business")).to_have_value("25")
    person.opens_prices("ANNUALLY")
    assert person.offered()["Business"] == "Switch to yearly billing"


def test_a_customer_with_a_plan_of_their_own_is_sold_nothing_here(person, sandbox, stack):
    page = person.page
    page.goto("/accounts/signup/")
    person.signs_up()
    page.wait_for_url("**/billing/")
    eventually(lambda: sandbox.stigg("customers", email=person.email), "the customer at Stigg")
    sandbox.sells_by_hand(stack, sandbox.books(person.email).stigg_id, "plan-enterprise")
    person.subscription(plan_id="plan-enterprise")
    person.opens_prices()
    assert person.offered() == {
        "Free": "",
        "Starter": "",
        "Pro": "",
        "Business": "",
        "Enterprise": "Your current plan",
    }


def test_talk_to_us_leads_to_a_form_about_that_plan(person, stack):
    page = person.page
    person.opens_prices()
    person.chooses("Enterprise")
    person.sees_heading("Talk to us")
    expect(page.get_by_label("Plan", exact=True)).to_have_value("plan-enterprise")
    page.get_by_label("Your name").fill("Grace Hopper")
    page.get_by_label("Email").fill(person.email)
    page.get_by_label("What do you need?").fill("Single sign-on for 250 people.")
    page.get_by_role("button", name="Send").click()
    expect(page.get_by_role("heading", name="Thank you, we have your message")).to_be_visible(timeout=PATIENCE_MS)
