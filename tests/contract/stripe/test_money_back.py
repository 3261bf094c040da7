"""Refunds and disputes, through the API and by test card."""

from typing import Any

import pytest
import stripe

from tests.contract.stripe.conftest import set_up_card
from tests.contract.stripe.schema import object_problems
from tests.contract.stripe.side import StripeSide
from tests.contract.stripe.test_subscriptions import subscribe


@pytest.fixture
def charge(client: stripe.StripeClient, customer: Any, price: Any) -> Any:
    set_up_card(client, customer)
    subscribe(client, customer, price)
    return client.v1.charges.list({"customer": customer.id}).data[0]


def has_every_key(made: Any, kind: Any) -> bool:
    """All that the SDK's types document."""
    return set(kind.__annotations__) - {"OBJECT_NAME"} <= made.to_dict().keys()


def test_a_charge_is_refunded_in_parts(client: stripe.StripeClient, charge: Any, side: StripeSide) -> None:
    part = client.v1.refunds.create({"charge": charge.id, "amount": 1000, "reason": "requested_by_customer"})
    assert (part.status, part.amount, part.charge) == ("succeeded", 1000, charge.id)
    assert object_problems("refund", side.world.stripe.refunds[part.id]) == []
    rest = client.v1.refunds.create({"payment_intent": charge.payment_intent})
    assert rest.amount == 3900
    after = client.v1.charges.retrieve(charge.id, {"expand": ["refunds"]})
    assert (after.refunded, after.amount_refunded) == (True, 4900)
    assert [each.id for each in after.refunds.data] == [rest.id, part.id]
    assert len(side.events("charge.refunded")) == len(side.events("refund.created")) == 2
    assert side.events("charge.refunded")[0]["data"]["previous_attributes"] == {"amount_refunded": 0}
    with pytest.raises(stripe.InvalidRequestError) as raised:
        client.v1.refunds.create({"charge": charge.id})
    assert raised.value.code == "charge_already_refunded"


def test_no_more_than_was_paid_is_refunded(client: stripe.StripeClient, charge: Any) -> None:
    with pytest.raises(stripe.InvalidRequestError, match=r"49\.01 USD.*49\.00 USD"):
        client.v1.refunds.create({"charge": charge.id, "amount": 4901})
    assert client.v1.refunds.list({"charge": charge.id}).data == []


def test_a_test_card_is_disputed(client: stripe.StripeClient, customer: Any, price: Any, side: StripeSide) -> None:
    set_up_card(client, customer, "pm_card_createDispute")
    assert subscribe(client, customer, price).status == "active"
    dispute = client.v1.disputes.list().data[0]
    assert (dispute.status, dispute.reason, dispute.amount) == ("needs_response", "fraudulent", 4900)
    assert has_every_key(dispute, stripe.Dispute)
    assert client.v1.charges.retrieve(str(dispute.charge)).disputed
    answered = client.v1.disputes.update(dispute.id, {"evidence": {"uncategorized_text": "They used it."}})
    assert (answered.status, answered.evidence_details.submission_count) == ("under_review", 1)
    assert client.v1.disputes.close(dispute.id).status == "lost"
    kinds = side.event_types()
    for kind in ("created", "funds_withdrawn", "updated", "closed"):
        assert f"charge.dispute.{kind}" in kinds
    with pytest.raises(stripe.InvalidRequestError):
        client.v1.disputes.close(dispute.id)
