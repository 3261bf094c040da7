"""Changes of subscriptions, and what they and their discounts and tiers cost."""

from typing import Any

import pytest
import stripe

from tests.contract.stripe.conftest import make_price, set_up_card
from tests.contract.stripe.side import StripeSide
from tests.contract.stripe.test_subscriptions import subscribe


def test_more_seats_are_prorated(client: stripe.StripeClient, customer: Any, price: Any, side: StripeSide) -> None:
    set_up_card(client, customer)
    made = subscribe(client, customer, price)
    side.advance(days=15)
    item: Any = {"id": made.items.data[0].id, "quantity": 3}
    changed = client.v1.subscriptions.update(
        made.id, {"items": [item], "proration_behavior": "always_invoice", "expand": ["latest_invoice"]}
    )
    invoice: Any = changed.latest_invoice
    assert (invoice.billing_reason, invoice.status) == ("subscription_update", "paid")
    assert 4000 < invoice.total < 6000
    assert [line.amount < 0 for line in invoice.lines.data] == [True, False]


def test_a_cheaper_price_is_credited_to_the_next_invoice(
    client: stripe.StripeClient, customer: Any, price: Any, side: StripeSide
) -> None:
    set_up_card(client, customer)
    made = subscribe(client, customer, price)
    cheap = make_price(client, 1900)
    item: Any = {"id": made.items.data[0].id, "price": cheap.id}
    preview = client.v1.invoices.create_preview({"subscription": made.id, "subscription_details": {"items": [item]}})
    client.v1.subscriptions.update(made.id, {"items": [item]})
    assert len(client.v1.invoices.list({"subscription": made.id}).data) == 1
    side.advance(days=32)
    renewal = client.v1.invoices.list({"subscription": made.id}).data[0]
    assert renewal.total == preview.total
    assert len(renewal.lines.data) == 3


def test_another_interval_starts_a_new_period(client: stripe.StripeClient, customer: Any, price: Any) -> None:
    set_up_card(client, customer)
    made = subscribe(client, customer, price)
    yearly = make_price(client, 47000, "year")
    item: Any = {"id": made.items.data[0].id, "price": yearly.id}
    changed = client.v1.subscriptions.update(made.id, {"items": [item], "expand": ["latest_invoice"]})
    assert changed.latest_invoice.total in range(42000, 42200)
    first = changed.items.data[0]
    assert first.current_period_end - first.current_period_start > 360 * 86400


def test_a_coupon_is_taken_off(client: stripe.StripeClient, customer: Any, price: Any) -> None:
    set_up_card(client, customer)
    coupon = client.v1.coupons.create({"percent_off": 20, "duration": "once"})
    made = subscribe(client, customer, price, discounts=[{"coupon": coupon.id}])
    assert (made.latest_invoice.subtotal, made.latest_invoice.total) == (4900, 3920)
    assert made.latest_invoice.total_discount_amounts[0].amount == 980
    assert made.discounts == []


@pytest.mark.parametrize(("mode", "total"), [("graduated", 10 * 500 + 2 * 400), ("volume", 12 * 400)])
def test_tiers(client: stripe.StripeClient, customer: Any, mode: Any, total: int) -> None:
    product = client.v1.products.create({"name": "Seats"})
    price = client.v1.prices.create(
        {
            "product": product.id,
            "currency": "usd",
            "recurring": {"interval": "month"},
            "billing_scheme": "tiered",
            "tiers_mode": mode,
            "tiers": [{"up_to": 10, "unit_amount": 500}, {"up_to": "inf", "unit_amount": 400}],
            "expand": ["tiers"],
        }
    )
    assert price.tiers is not None
    preview = client.v1.invoices.create_preview(
        {"customer": customer.id, "subscription_details": {"items": [{"price": price.id, "quantity": 12}]}}
    )
    assert preview.total == total


def test_a_discounted_period_is_credited_at_what_was_paid(
    client: stripe.StripeClient, customer: Any, price: Any
) -> None:
    set_up_card(client, customer)
    coupon = client.v1.coupons.create({"percent_off": 50, "duration": "once"})
    made = subscribe(client, customer, price, discounts=[{"coupon": coupon.id}])
    dear = make_price(client, 9900)
    item: Any = {"id": made.items.data[0].id, "price": dear.id}
    changed = client.v1.subscriptions.update(
        made.id, {"items": [item], "proration_behavior": "always_invoice", "expand": ["latest_invoice"]}
    )
    assert changed.latest_invoice.total == pytest.approx(9900 - 2450, abs=2)


def test_a_preview_redeems_no_coupon(client: stripe.StripeClient, customer: Any, price: Any) -> None:
    coupon = client.v1.coupons.create({"amount_off": 1000, "currency": "usd", "max_redemptions": 1})
    preview = client.v1.invoices.create_preview(
        {
            "customer": customer.id,
            "subscription_details": {"items": [{"price": price.id}]},
            "discounts": [{"coupon": coupon.id}],
        }
    )
    assert preview.total == 3900
    assert client.v1.coupons.retrieve(coupon.id).times_redeemed == 0


def test_a_trial_can_be_cut_short(client: stripe.StripeClient, customer: Any, price: Any, side: StripeSide) -> None:
    set_up_card(client, customer)
    made = subscribe(client, customer, price, trial_period_days=14)
    changed = client.v1.subscriptions.update(made.id, {"trial_end": "now", "expand": ["latest_invoice"]})
    assert (changed.status, changed.latest_invoice.amount_paid) == ("active", 4900)
    side.advance(days=15)
    assert len(client.v1.invoices.list({"subscription": made.id}).data) == 2


def test_going_from_free_to_paid_bills_at_once(client: stripe.StripeClient, customer: Any, price: Any) -> None:
    made = subscribe(client, customer, make_price(client, 0))
    assert (made.status, made.latest_invoice.status) == ("active", "paid")
    set_up_card(client, customer)
    item: Any = {"id": made.items.data[0].id, "price": price.id}
    changed = client.v1.subscriptions.update(made.id, {"items": [item], "expand": ["latest_invoice"]})
    assert changed.latest_invoice.amount_paid == 4900


def test_items_are_added_and_removed(client: stripe.StripeClient, customer: Any, price: Any) -> None:
    set_up_card(client, customer)
    made = subscribe(client, customer, price)
    seats = make_price(client, 500)
    grown = client.v1.subscriptions.update(made.id, {"items": [{"price": seats.id, "quantity": 3}]})
    assert [item.price.id for item in grown.items.data] == [price.id, seats.id]
    gone: Any = {"id": grown.items.data[1].id, "deleted": True}
    assert len(client.v1.subscriptions.update(made.id, {"items": [gone]}).items.data) == 1
    with pytest.raises(stripe.InvalidRequestError):
        client.v1.subscriptions.update(made.id, {"items": [{"price": make_price(client, 1, "year").id}]})


def test_a_cancelled_rest_is_credited(client: stripe.StripeClient, customer: Any, price: Any) -> None:
    set_up_card(client, customer)
    made = subscribe(client, customer, price)
    client.v1.subscriptions.cancel(made.id, {"prorate": True, "invoice_now": True})
    assert client.v1.customers.retrieve(customer.id).balance == pytest.approx(-4900, abs=2)
    again = subscribe(client, customer, price)
    assert (again.status, again.latest_invoice.amount_due) == ("active", pytest.approx(0, abs=2))


def test_a_deleted_coupon_is_still_taken_off(
    client: stripe.StripeClient, customer: Any, price: Any, side: StripeSide
) -> None:
    set_up_card(client, customer)
    coupon = client.v1.coupons.create({"percent_off": 20, "duration": "forever"})
    made = subscribe(client, customer, price, discounts=[{"coupon": coupon.id}])
    client.v1.coupons.delete(coupon.id)
    side.advance(days=32)
    assert [each.total for each in client.v1.invoices.list({"subscription": made.id}).data] == [3920, 3920]
