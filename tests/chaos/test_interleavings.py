"""Any interleaving of deliveries, repeats, crashes, outages, takeovers and reconciling ends with the truth (R23).

In one process, with Stigg's wire faked: `CHAOS_SEQUENCES` sets how many sequences, a failing one is printed by
hypothesis with what repeats it.
"""

from __future__ import annotations

import itertools
import json
import os
import uuid
from contextlib import suppress
from datetime import timedelta
from unittest import mock

import pytest
import responses
from django.core.cache import cache
from django.test import Client
from django.utils import timezone
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test

from billing.errors import Busy, GatewayError
from billing.models import Customer, Entitlement, Subscription, SubscriptionChange, WebhookEvent
from billing.services import customers
from billing.webhooks import dispatch, inbox
from tests.integration.senders import STIGG
from tests.unit.gateways import answers

SEQUENCES = int(os.environ.get("CHAOS_SEQUENCES", "40"))
STEPS = 12
URL = "http://stigg.test/graphql"
PLACES = (
    (inbox, "finish", "before"),
    (inbox, "finish", "after"),
    (customers, "settle", "after"),
    (customers, "upsert_subscription", "after"),
    (customers, "database_now", "after"),
)


class Killed(BaseException):
    """Nothing in the product may catch it: the process is gone."""


class Interleavings(RuleBasedStateMachine):
    """One customer. The truth is a number of seats; each change of it is told by one event."""

    @initialize()
    def begin(self) -> None:
        _empty_tables()
        cache.clear()
        self.customer = Customer.objects.create(
            id=uuid.uuid4(), name="Ada", email="ada@example.com", stripe_id="cus_1", provisioned_at=timezone.now()
        )
        self.truth, self.told = 1, []
        self.outage, self.meanwhile = 0, False
        self.numbers = itertools.count(1)
        self.client = Client()
        self.wire = responses.RequestsMock(assert_all_requests_are_fired=False)
        self.wire.start()
        self.wire.add_callback(responses.POST, URL, self._answer)
        self._tell()

    @rule()
    def the_truth_changes(self) -> None:
        self.truth += 1
        self._tell()

    @rule(which=st.integers(0, 20), times=st.integers(1, 3))
    def delivered(self, which: int, times: int) -> None:
        for _ in range(times):
            answer = STIGG.send(self.client, self.told[which % len(self.told)])
            assert answer.status_code == 200

    @rule()
    def worked(self) -> None:
        dispatch.drain(seconds=5)

    @rule(place=st.sampled_from(PLACES))
    def killed_at_work(self, place: tuple) -> None:
        module, name, moment = place
        with mock.patch.object(module, name, _deadly(getattr(module, name), moment)), suppress(Killed):
            dispatch.drain(seconds=5)

    @rule()
    def leases_run_out(self) -> None:
        """As if a minute had passed: what the killed ones held is free, and what failed is due."""
        _let_time_pass()

    @rule()
    def stigg_is_away(self) -> None:
        self.outage = 1

    @rule()
    def the_truth_changes_while_it_is_read(self) -> None:
        self.meanwhile = True

    @rule()
    def reconciled(self) -> None:
        with suppress(GatewayError, Busy):
            customers.refresh(self.customer.pk, cause="reconcile", wait_seconds=0)

    def teardown(self) -> None:
        try:
            self._check()
        finally:
            self.wire.stop()

    def _check(self) -> None:
        self.outage = 0
        for message in self.told:
            assert STIGG.send(self.client, message).status_code == 200
        for _ in range(20):
            _let_time_pass()
            if not dispatch.drain(seconds=5):
                break
        for message in self.told:  # told while the last ones were read
            assert STIGG.send(self.client, message).status_code == 200
        self.meanwhile = False
        _let_time_pass()
        dispatch.drain(seconds=5)
        states = set(WebhookEvent.objects.values_list("state", flat=True))
        assert states == {WebhookEvent.State.DONE}
        assert WebhookEvent.objects.count() == len(self.told)
        assert Entitlement.objects.get().usage_limit == self.truth
        assert Subscription.objects.get().quantity == self.truth
        self._check_history()

    def _check_history(self) -> None:
        """Each step begins where the one before it ended, and none is told twice."""
        steps = SubscriptionChange.objects.filter(field="quantity").order_by("pk").values_list("old_value", "new_value")
        for (_old, ended), (began, _new) in itertools.pairwise(steps):
            assert began == ended
        seats = [int(new) for _old, new in steps]
        assert seats == sorted(set(seats)), "an older truth came back"

    def _tell(self) -> None:
        message = STIGG.event(
            "subscription.updated",
            event_id=f"evt_{next(self.numbers)}",
            id="s-1",
            customer={"id": self.customer.stigg_id},
        )
        self.told.append(message)

    def _answer(self, request: object) -> tuple[int, dict, str]:
        if self.outage:
            self.outage -= 1
            return 400, {}, json.dumps(answers.failure("InternalServerError"))
        seats = self.truth
        if self.meanwhile:
            self.meanwhile = False
            self.the_truth_changes()
        return 200, {}, json.dumps({"data": _state(self.customer.stigg_id, seats)})


def _state(customer_id: str, seats: int) -> dict:
    subscription = answers.subscription(customer=answers.stigg_customer(customerId=customer_id, refId=customer_id))
    per_seat = {"usageLimit": seats, "billingModel": "PER_UNIT", "price": {"feature": {"refId": "feature-seats"}}}
    subscription["prices"] = [per_seat]
    granted = answers.entitlement(usageLimit=seats)
    return {
        "getCustomerByRefId": answers.stigg_customer(customerId=customer_id, refId=customer_id, billingId="cus_1"),
        "getActiveSubscriptions": [subscription],
        "entitlementsState": answers.entitlements_state(entitlements=[granted]),
    }


def _deadly(function, moment: str):
    def wrapped(*arguments, **named):
        if moment == "before":
            raise Killed
        function(*arguments, **named)
        raise Killed

    return wrapped


def _let_time_pass() -> None:
    past = timezone.now() - timedelta(seconds=1)
    WebhookEvent.objects.filter(leased_until__isnull=False).update(leased_until=past)
    WebhookEvent.objects.filter(state=WebhookEvent.State.FAILED).update(due_at=past)
    Customer.objects.filter(leased_until__isnull=False).update(leased_until=past)


def _empty_tables() -> None:
    for model in (SubscriptionChange, Subscription, Entitlement, WebhookEvent, Customer):
        model.objects.all().delete()


@pytest.mark.django_db(transaction=True)
def test_any_interleaving_ends_with_the_truth(settings: object) -> None:
    settings.TOLLGATE_BREAKER_FAILURES = 10**6
    with mock.patch("time.sleep"):
        run_state_machine_as_test(Interleavings, settings=_how_many())


def _how_many() -> settings:
    return settings(
        max_examples=SEQUENCES,
        stateful_step_count=STEPS,
        deadline=None,
        print_blob=True,
        suppress_health_check=list(HealthCheck),
    )
