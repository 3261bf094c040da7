"""From a saved card to a subscription at Stigg: made once, however often it is tried.

Called under the checkout's lease; each step is written down before the next.
"""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils import timezone

from billing.errors import GatewayNotFound, GatewayRejected
from billing.gateways import stigg
from billing.gateways.stigg.types import SubscriptionChoice, SubscriptionSnapshot
from billing.mirror.clock import database_now
from billing.mirror.subscriptions import upsert_subscription
from billing.models import CheckoutSession, Customer, Subscription
from billing.services import catalog, customers, payments


def find_earlier(checkout: CheckoutSession) -> SubscriptionSnapshot | None:
    """What came of an earlier try whose answer was lost, if there was one. Raises: GatewayError."""
    return _find_provisioned(checkout) if checkout.provision_started_at else None


def provision(checkout: CheckoutSession, earlier: SubscriptionSnapshot | None, *, cause: str) -> None:
    """Have Stigg make the subscription, unless it is there already: `earlier` is what `find_earlier` has just found."""
    earlier_try_at = checkout.provision_started_at
    older_invoices = _invoices_known_of(checkout.customer)
    snapshot = earlier
    read_at = database_now()
    if snapshot is None:
        _cancel_superseded(checkout)
        _end_trial_for_free_plan(checkout)
        checkout.write_under_lease(
            provision_started_at=timezone.now(),
            subscription_ref=checkout.subscription_ref or f"subscription-{checkout.pk}",
        )
        snapshot = _provision_at_stigg(checkout)
    invoice_id = _own_invoice(snapshot, older_invoices, earlier_try_at)
    with transaction.atomic():
        result = upsert_subscription(checkout.customer, snapshot, read_at=read_at, cause=cause)
        checkout.write_under_lease(
            subscription=result.subscription,
            invoice_id=invoice_id,
            provisioned_at=timezone.now(),
            attempts=0,
            last_error="",
        )
        customers.announce([result], entitlements_of=None)
    payments.record(checkout, result.subscription)


def _invoices_known_of(customer: Customer) -> set[str]:
    return set(customer.subscriptions.exclude(latest_invoice_id="").values_list("latest_invoice_id", flat=True))


def _own_invoice(snapshot: SubscriptionSnapshot, older: set[str], earlier_try_at: datetime | None) -> str:
    """The invoice that the order brought about, if it did: a change that waits for its day shows the one before.

    What was known before the order is older, unless an earlier try of the same order had made it.
    """
    invoice = snapshot.latest_invoice
    if invoice is None:
        return ""
    is_of_earlier_try = earlier_try_at and invoice.created_at and invoice.created_at >= earlier_try_at
    return invoice.billing_id if invoice.billing_id not in older or is_of_earlier_try else ""


def _provision_at_stigg(checkout: CheckoutSession) -> SubscriptionSnapshot:
    """Ask for the subscription; after a refusal, look whether there is one all the same, from an earlier try."""
    try:
        return _ask_stigg(checkout)
    except GatewayRejected as error:
        if error.upstream_code == "CouponNotFound" and checkout.coupon_id:
            # Never told apart: begun by code of the host application, or the coupon is archived since.
            checkout.write_under_lease(coupon_id="", promotion_code=checkout.coupon_id)
            return _provision_at_stigg(checkout)
        found = _find_provisioned(checkout) if error.upstream_code else None
        if found is None:
            if error.upstream_code not in ("", "DuplicatedEntityNotAllowed"):
                checkout.write_under_lease(provision_started_at=None)  # nothing has come of it: it may be closed
            raise
        return found


def _ask_stigg(checkout: CheckoutSession) -> SubscriptionSnapshot:
    result = stigg.current().provision_subscription(
        customer_id=checkout.customer.stigg_id,
        choice=choice_of(checkout),
        subscription_id=checkout.subscription_ref,
        metadata={"checkout_id": str(checkout.pk), "tollgate_customer": checkout.customer.stigg_id},
        skip_trial=checkout.kind not in ("", CheckoutSession.Kind.TRIAL),
    )
    if result.subscription is None:
        raise GatewayRejected(
            f"no subscription came of it ({result.status})",
            provider="stigg",
            operation="ProvisionSubscription",
            upstream_code=result.status,
        )
    return result.subscription


def _find_provisioned(checkout: CheckoutSession) -> SubscriptionSnapshot | None:
    """The subscription that an earlier try made: under the id that we chose, or, where a change keeps the old
    one, by the checkout id in its metadata. That alone may have been written before the change: it must show, too.
    """
    gateway = stigg.current()
    try:
        return gateway.fetch_subscription(checkout.subscription_ref)
    except GatewayNotFound:
        active = gateway.fetch_active_subscriptions(checkout.customer.stigg_id)
        ours = (s for s in active if s.metadata.get("checkout_id") == str(checkout.pk))
        return next((s for s in ours if _shows(s, checkout)), None)


def _shows(snapshot: SubscriptionSnapshot, checkout: CheckoutSession) -> bool:
    """Whether the subscription is what the checkout asks for, or waits to become it. Where this cannot tell, the
    order is repeated: to ask for what there is changes nothing and costs nothing."""
    held = dict(snapshot.unit_quantities)
    return bool(snapshot.scheduled_updates or snapshot.future_updates) or (
        snapshot.plan_id == checkout.plan_id
        and (snapshot.billing_period or "") == checkout.billing_period
        and {addon.addon_id: addon.quantity for addon in snapshot.addons} == checkout.addons
        and all(held.get(name, count) == count for name, count in checkout.quantities.items())
    )


def _cancel_superseded(checkout: CheckoutSession) -> None:
    """An order that the customer left unpaid for this one must not be paid later by accident."""
    pending = checkout.customer.subscriptions.filter(status=Subscription.Status.PAYMENT_PENDING)
    for subscription in pending.filter(checkouts__isnull=False).distinct():
        cancel_unpaid(subscription.stigg_id)


def _end_trial_for_free_plan(checkout: CheckoutSession) -> None:
    """A paid plan ends the trial of its product by itself; beside a free one Stigg lets the trial go on, and one that
    converts would be charged at its end.

    Before the free plan is made: what Stigg does after a trial, a free plan of its own perhaps, is then over and not on
    top of it. Stigg is asked, not the rows, which may be older than the trial, or than the day it became a paid plan;
    so a repeat after a crash finds no trial and does nothing.
    Source: https://docs.stigg.io/documentation/modeling-your-pricing-in-stigg/plans/free-trials
    """
    plan = catalog.selling(checkout.plan_id, country_code=checkout.country_code).paywall.find_plan(checkout.plan_id)
    if plan is None or plan.pricing_type != "FREE":
        return
    gateway, place = stigg.current(), (plan.product_id, checkout.resource_id)
    for found in gateway.fetch_active_subscriptions(checkout.customer.stigg_id):
        if found.status == Subscription.Status.IN_TRIAL and (found.product_id, found.resource_id) == place:
            gateway.cancel_subscription(subscription_id=found.subscription_id, when="IMMEDIATE")


def cancel_unpaid(subscription_id: str) -> bool:
    """Cancel a subscription that was never paid for; False when it was meanwhile (at the bank, in another tab):
    then it stays. One that is already over is fine.

    Raises: GatewayError.
    """
    gateway = stigg.current()
    try:
        found = gateway.fetch_subscription(subscription_id)
        if found.status == Subscription.Status.PAYMENT_PENDING:
            gateway.cancel_subscription(subscription_id=subscription_id, when="IMMEDIATE")
    except GatewayNotFound:
        return True
    return found.status not in Subscription.GRANTING


def drop_pending_update(subscription: Subscription) -> bool:
    """Drop a change that waits for its payment; its invoice is voided. False when there was none any more.

    Raises: GatewayError.
    """
    try:
        stigg.current().cancel_schedule(subscription_id=subscription.stigg_id, status="PendingPayment")
    except GatewayRejected as error:
        if error.upstream_code != "FutureUpdateNotFound":
            raise
        return False
    return True


def choice_of(checkout: CheckoutSession) -> SubscriptionChoice:
    """What the checkout is for, as the gateways take it."""
    return SubscriptionChoice(
        plan_id=checkout.plan_id,
        billing_period=checkout.billing_period or None,
        unit_quantities=tuple(sorted(checkout.quantities.items())),
        addons=tuple(sorted(checkout.addons.items())),
        coupon_id=checkout.coupon_id,
        promotion_code=checkout.promotion_code,
        country_code=checkout.country_code,
        resource_id=checkout.resource_id,
    )
