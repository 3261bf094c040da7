"""From Stigg's JSON to snapshots: every field that has a rule of its own, and shapes that do not fit."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from billing.errors import GatewayProtocolError
from billing.gateways.shape import shaped
from billing.gateways.stigg import parse, parse_paywall, values
from billing.money import Money, Rate
from tests.unit.gateways import answers

FIRST = datetime(2026, 11, 1, tzinfo=UTC)
NEXT = datetime(2026, 12, 1, tzinfo=UTC)


class TestPaywall:
    def test_plan(self) -> None:
        snapshot = parse_paywall(answers.paywall())
        plan = snapshot.find_plan("plan-pro")
        assert plan is not None
        assert (plan.base_plan_id, plan.product_id, plan.version_number) == ("plan-starter", "product-tollgate", 3)
        assert plan.periods == ("MONTHLY", "ANNUALLY")
        assert [price.price for price in plan.prices_in("ANNUALLY")] == [Money(47000, "USD")]
        assert plan.default_trial is not None
        assert (plan.default_trial.duration, plan.default_trial.units) == (14, "DAY")
        assert plan.description == ""
        assert plan.compatible_addons[0].dependencies == ("sso",)
        assert plan.compatible_addons[0].max_quantity == 5

    def test_overage_prices_are_those_of_the_country(self) -> None:
        beyond = answers.price(billingModel="USAGE_BASED", price=answers.usd(0.001), feature=answers.feature())
        german = beyond | {"billingCountryCode": "DE", "price": {"amount": 0.002, "currency": "EUR"}}
        raw = answers.paywall(plans=[answers.plan(overagePrices=[beyond, german])])
        (price,) = parse_paywall(raw).plans[0].overage_prices
        assert (price.price, price.feature is not None) == (Rate(Decimal("0.1"), "USD"), True)
        assert len(parse_paywall(raw, country_code="DE").plans[0].overage_prices) == 2
        assert parse_paywall(answers.paywall()).plans[0].overage_prices == ()

    def test_order_of_plans_is_stiggs(self) -> None:
        raw = answers.paywall(plans=[answers.plan(refId=name) for name in ("b", "a", "c")])
        assert [plan.plan_id for plan in parse_paywall(raw).plans] == ["b", "a", "c"]

    def test_price_point(self) -> None:
        point = parse_paywall(answers.paywall()).find_price_point("plan-pro", "MONTHLY")
        assert point is not None
        assert (point.amount, point.additional_charges_may_apply) == (Money(4990, "USD"), True)

    def test_entitlement(self) -> None:
        (row,) = parse_paywall(answers.paywall()).plans[0].entitlements
        assert (row.usage_limit, row.reset_period, row.is_granted) == (Decimal(10), "MONTH", True)
        assert row.feature.meter_type is None
        assert (row.feature.units, row.feature.units_plural) == ("seat", "seats")

    def test_newer_union_of_entitlements_is_read_when_the_older_list_is_missing(self) -> None:
        credits = {"id": "x", "amount": 5, "customCurrency": {"currencyId": "tokens"}}
        raw = answers.plan(entitlements=None, packageEntitlements=[credits, answers.package_entitlement()])
        (row,) = parse_paywall(answers.paywall(plans=[raw])).plans[0].entitlements
        assert row.feature.feature_id == "feature-seats"

    def test_tiers_and_blocks(self) -> None:
        tiers = [
            {"upTo": 10, "unitPrice": answers.usd(1.005), "flatPrice": None},
            {"upTo": None, "unitPrice": None, "flatPrice": {"amount": 500, "currency": "JPY"}},
        ]
        raw = answers.price(price=None, tiersMode="VOLUME", tiers=tiers, blockSize=100, feature=answers.feature())
        (price,) = parse_paywall(answers.paywall(plans=[answers.plan(prices=[raw])])).plans[0].prices
        assert (price.price, price.block_size, price.tiers_mode) == (None, Decimal(100), "VOLUME")
        assert [tier.up_to for tier in price.tiers] == [Decimal(10), None]
        assert price.tiers[0].unit_price == Rate(Decimal("100.5"), "USD")
        assert price.tiers[1].flat_price == Money(500, "JPY")

    def test_a_snapshot_of_the_bare_minimum(self) -> None:
        snapshot = parse_paywall({"plans": [{"refId": "p"}], "currency": {"code": "eur"}})
        assert (snapshot.currency, snapshot.plans[0].plan_id, snapshot.plans[0].prices) == ("EUR", "p", ())

    @pytest.mark.parametrize(
        "raw",
        [
            {},
            {"plans": None, "currency": {"code": "USD"}},
            {"plans": [{}], "currency": {"code": "USD"}},
            {"plans": ["x"], "currency": {"code": "USD"}},
            answers.paywall(plans=[answers.plan(prices=[answers.price(price={"amount": "x", "currency": "USD"})])]),
            answers.paywall(plans=[answers.plan(prices=[answers.price(blockSize=float("nan"))])]),
        ],
    )
    def test_shapes_that_do_not_fit(self, raw: dict[str, Any]) -> None:
        with pytest.raises(GatewayProtocolError):
            parse_paywall(raw)


class TestSubscription:
    def test_dates_money_and_quantities(self) -> None:
        found = parse.parse_subscription(answers.subscription())
        assert (found.started_at, found.current_period_ends_at, found.ends_at) == (FIRST, NEXT, None)
        assert found.total == Money(4990, "USD")
        assert (found.unit_quantity, found.unit_quantities) == (7, (("feature-seats", 7),))
        assert [(addon.addon_id, addon.quantity) for addon in found.addons] == [("extra-seats", 2)]
        assert (found.scheduled_updates, found.latest_invoice) == ((), None)

    def test_a_failed_first_payment(self) -> None:
        raw = answers.subscription(
            status="PAYMENT_PENDING", paymentCollection="FAILED", latestInvoice=answers.stigg_invoice()
        )
        invoice = parse.parse_subscription(raw).latest_invoice
        assert invoice is not None
        assert (invoice.status, invoice.amount_due) == ("OPEN", Money(4990, "USD"))
        assert invoice.payment_secret == "pi_1_secret_hush"
        assert "hush" not in repr(invoice)

    def test_an_invoice_without_a_currency_has_no_amounts(self) -> None:
        raw = answers.subscription(latestInvoice=answers.stigg_invoice(currency=None))
        invoice = parse.parse_subscription(raw).latest_invoice
        assert invoice is not None
        assert (invoice.total, invoice.amount_due) == (None, None)

    @pytest.mark.parametrize(
        ("variables", "target", "target_id", "period"),
        [
            ({"planRefId": "plan-a", "billingPeriod": "ANNUALLY"}, None, "plan-a", "ANNUALLY"),
            ({"downgradePlanRefId": "plan-b", "billingPeriod": None}, None, "plan-b", None),
            ({}, {"refId": "plan-c", "displayName": "C"}, "plan-c", None),
            (None, None, "", None),
        ],
    )
    def test_scheduled_updates(
        self, variables: dict[str, Any] | None, target: dict[str, Any] | None, target_id: str, period: str | None
    ) -> None:
        update = {
            "subscriptionScheduleType": "Downgrade",
            "scheduleStatus": "Scheduled",
            "scheduledExecutionTime": "2026-12-01T01:00:00+01:00",
            "targetPackage": target,
            "scheduleVariables": variables,
        }
        (found,) = parse.parse_subscription(answers.subscription(scheduledUpdates=[update])).scheduled_updates
        assert (found.target_id, found.billing_period, found.scheduled_at) == (target_id, period, NEXT)

    @pytest.mark.parametrize(
        ("status", "count"), [("Scheduled", 1), ("PendingPayment", 1), ("Canceled", 0), ("Done", 0), ("Failed", 0)]
    )
    def test_only_updates_still_to_come(self, status: str, count: int) -> None:
        update = {
            "subscriptionScheduleType": "Plan",
            "scheduleStatus": status,
            "scheduledExecutionTime": "2026-12-01T00:00:00Z",
        }
        assert len(parse.parse_subscription(answers.subscription(futureUpdates=[update])).future_updates) == count


class TestEntitlements:
    def test_state(self) -> None:
        (found,) = parse.parse_entitlements_state(answers.entitlements_state()).entitlements
        assert (found.usage_limit, found.current_usage) == (Decimal(10), Decimal("2.5"))
        assert (found.usage_period_ends_at, found.is_granted) == (NEXT, True)

    def test_rows_without_a_feature_are_credits_and_left_out(self) -> None:
        raw = answers.entitlements_state(entitlements=[answers.entitlement(feature=None), answers.entitlement()])
        assert len(parse.parse_entitlements_state(raw).entitlements) == 1

    @pytest.mark.parametrize(("sent", "kept"), [("Incremental", "Incremental"), ("None", None), (None, None)])
    def test_meter_type(self, sent: str | None, kept: str | None) -> None:
        raw = answers.entitlements_state(entitlements=[answers.entitlement(feature=answers.feature(meterType=sent))])
        assert parse.parse_entitlements_state(raw).entitlements[0].feature.meter_type == kept


class TestPreview:
    def test_everything(self) -> None:
        raw = answers.preview()
        raw["immediateInvoice"] |= {
            "tax": answers.usd(2),
            "taxDetails": {"displayName": "VAT", "percentage": 20},
            "credits": {"used": answers.usd(1)},
            "proration": {"credit": answers.usd(3), "debit": answers.usd(4)},
        }
        found = parse.parse_preview(raw)
        assert (found.tax, found.tax_label, found.tax_percentage) == (Money(200, "USD"), "VAT", Decimal(20))
        assert (found.credits_used, found.proration_credit) == (Money(100, "USD"), Money(300, "USD"))
        assert (found.recurring, found.period_starts_at) == (Money(4990, "USD"), FIRST)

    def test_what_does_not_recur(self) -> None:
        assert parse.parse_preview(answers.preview(recurringInvoice=None)).recurring is None


@pytest.mark.parametrize(
    ("sent", "read"),
    [
        ("2026-11-01T00:00:00Z", FIRST),
        ("2026-11-01T00:00:00.000Z", FIRST),
        ("2026-11-01T02:00:00+02:00", FIRST),
        ("2026-11-01T00:00:00", FIRST),
        (None, None),
        ("", None),
    ],
)
def test_moments(sent: str | None, read: datetime | None) -> None:
    assert values.moment(sent) == read
    assert read is None or values.moment(sent).tzinfo is UTC


@pytest.mark.parametrize("sent", ["yesterday", 12, {"x": 1}])
def test_moments_that_are_none(sent: object) -> None:
    with pytest.raises(GatewayProtocolError), shaped("stigg", "x"):
        values.moment(sent)


def test_what_is_listed_as_active_runs_until_its_planned_end() -> None:
    ending = answers.subscription(status="CANCELED", effectiveEndDate="2026-12-01T00:00:00.000Z")
    (listed,) = parse.parse_active_subscriptions([ending])
    assert (listed.status, listed.effective_ends_at) == ("ACTIVE", datetime(2026, 12, 1, tzinfo=UTC))
    assert parse.parse_subscription(ending).status == "CANCELED"
    (pending,) = parse.parse_active_subscriptions([answers.subscription(status="PAYMENT_PENDING")])
    assert pending.status == "PAYMENT_PENDING"


def test_floats_lose_their_binary_noise() -> None:
    assert values.number(0.1) == Decimal("0.1")
    assert str(values.number(25.0)) == "25"
    assert values.number(1e20) == 10**20
    assert values.whole(3.0) == 3
