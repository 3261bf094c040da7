"""Promotion codes: made, found, redeemed, refused."""

from typing import Any

import pytest
import stripe

from tests.contract.stripe.conftest import set_up_card
from tests.contract.stripe.test_subscriptions import subscribe


@pytest.fixture
def code(client: stripe.StripeClient) -> Any:
    coupon = client.v1.coupons.create({"percent_off": 20, "duration": "forever"})
    promotion: Any = {"type": "coupon", "coupon": coupon.id}
    return client.v1.promotion_codes.create({"promotion": promotion, "code": "SUMMER", "max_redemptions": 1})


def test_a_code_takes_its_coupon_off_once(client: stripe.StripeClient, customer: Any, price: Any, code: Any) -> None:
    assert set(stripe.PromotionCode.__annotations__) - {"OBJECT_NAME"} <= code.to_dict().keys()
    set_up_card(client, customer)
    found = client.v1.promotion_codes.list({"code": "summer", "expand": ["data.promotion.coupon"]}).data[0]
    assert (found.id, found.promotion.coupon.percent_off) == (code.id, 20)
    made = subscribe(client, customer, price, discounts=[{"promotion_code": code.id}])
    assert made.latest_invoice.total == 3920
    kept = client.v1.subscriptions.retrieve(made.id, {"expand": ["discounts.promotion_code"]})
    assert kept.discounts[0].promotion_code.code == "SUMMER"
    assert client.v1.promotion_codes.retrieve(code.id).times_redeemed == 1
    with pytest.raises(stripe.InvalidRequestError) as raised:
        subscribe(client, customer, price, discounts=[{"promotion_code": code.id}])
    assert raised.value.code == "promotion_code_expired"


def test_an_inactive_code_is_refused(client: stripe.StripeClient, customer: Any, price: Any, code: Any) -> None:
    set_up_card(client, customer)
    client.v1.promotion_codes.update(code.id, {"active": False})
    with pytest.raises(stripe.InvalidRequestError):
        subscribe(client, customer, price, discounts=[{"promotion_code": code.id}])
    assert client.v1.promotion_codes.list({"active": True}).data == []


def test_a_first_time_code_is_for_those_who_have_not_paid(
    client: stripe.StripeClient, customer: Any, price: Any, code: Any
) -> None:
    set_up_card(client, customer)
    first: Any = {
        "promotion": {"type": "coupon", "coupon": code.promotion.coupon},
        "restrictions": {"first_time_transaction": True},
    }
    first_time = client.v1.promotion_codes.create(first)
    assert subscribe(client, customer, price, discounts=[{"promotion_code": first_time.id}]).status == "active"
    with pytest.raises(stripe.InvalidRequestError, match="not paid before"):
        subscribe(client, customer, price, discounts=[{"promotion_code": first_time.id}])


def test_a_code_is_unique(client: stripe.StripeClient, code: Any) -> None:
    promotion: Any = {"type": "coupon", "coupon": code.promotion.coupon}
    with pytest.raises(stripe.InvalidRequestError):
        client.v1.promotion_codes.create({"promotion": promotion, "code": "summer"})
