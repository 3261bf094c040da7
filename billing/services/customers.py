"""Customers: made at sign-up, provisioned at Stigg (now, or as soon as it answers), and kept like the truth."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from uuid import UUID

import structlog
from django.db import transaction
from django.dispatch import Signal
from django.utils import timezone
from django.utils.translation import get_language

from billing import signals, wake
from billing.errors import Busy, GatewayError, GatewayNotFound
from billing.gateways import stigg
from billing.gateways.stigg.types import CustomerSnapshot, SubscriptionSnapshot
from billing.mirror.clock import database_now
from billing.mirror.customers import apply_customer
from billing.mirror.entitlements import replace_entitlements
from billing.mirror.subscriptions import UpsertResult, upsert_subscription
from billing.models import Customer, Membership, Subscription
from billing.services import billing_details, due, emails, invoices, payment_methods
from billing.services.backoff import delay
from billing.services.customer_lease import leased
from billing.services.settlement import settle

if TYPE_CHECKING:
    from django.contrib.auth.models import AbstractBaseUser

log = structlog.get_logger(__name__)


def create_customer(user: AbstractBaseUser, *, name: str, email: str, kind: str = Customer.Kind.INDIVIDUAL) -> Customer:
    """A customer owned by `user`. Never waits for Stigg: provisioning is due work, done by a worker or on demand."""
    with transaction.atomic():
        customer = Customer.objects.create(
            name=name or email,
            email=email,
            kind=kind,
            language=get_language() or "",
            provision_due_at=timezone.now(),
        )
        Membership.objects.create(customer=customer, user_id=user.pk, role=Membership.Role.OWNER)
        wake.up("customers")
    return customer


def find_customer(user: AbstractBaseUser) -> Customer | None:
    """The customer that `user` may pay for, or else belongs to."""
    memberships = Membership.objects.filter(user_id=user.pk).select_related("customer").order_by("created_at")
    rows = list(memberships)
    chosen = next((row for row in rows if row.may_pay), rows[0] if rows else None)
    return chosen.customer if chosen else None


def get_or_create_customer(user: AbstractBaseUser) -> Customer:
    """As `find_customer`; a user from before Tollgate, or made by hand, gets a customer now."""
    email = getattr(user, "email", "") or ""
    return find_customer(user) or create_customer(user, name=str(user), email=email)


def speak(user: AbstractBaseUser, language: str) -> None:
    """Mails to the customers that `user` pays for are in `language` from now on."""
    theirs = Membership.objects.may_pay().filter(user_id=user.pk).values("customer_id")
    Customer.objects.filter(pk__in=theirs).update(language=language)


def update_details(customer: Customer, *, name: str, country: str) -> Customer:
    """What belongs on the invoice, and the language of it; Stigg hears of it with the card, when billing details
    are sent whole."""
    given = {"name": name, "country": country, "language": get_language() or ""}
    if any(getattr(customer, field) != value for field, value in given.items()):
        Customer.objects.filter(pk=customer.pk).update(**given)
        for field, value in given.items():
            setattr(customer, field, value)
    return customer


def provision(customer_id: UUID, *, wait_seconds: float = 5.0) -> Customer:
    """Make the customer known to Stigg and, through it, to Stripe. Safe to call twice: the id is ours.

    Raises: Busy, GatewayError (the row then says when to try again).
    """
    with leased(customer_id, wait_seconds=wait_seconds) as customer:
        if customer.is_provisioned:
            return customer
        try:
            snapshot = _provision_at_stigg(customer)
        except GatewayError as error:
            attempts = customer.provision_attempts + 1
            customer.write_under_lease(
                provision_attempts=attempts,
                provision_error=str(error),
                provision_due_at=timezone.now() + delay(attempts),
            )
            raise
        customer.write_under_lease(
            stripe_id=snapshot.billing_id,
            provisioned_at=timezone.now(),
            provision_due_at=None,
            provision_attempts=0,
            provision_error="",
        )
        log.info("customer.provisioned", customer_id=customer.stigg_id, stripe_id=customer.stripe_id)
        return customer


def _provision_at_stigg(customer: Customer) -> CustomerSnapshot:
    """Stigg may answer before it has told Stripe: read again, then send billing details, which forces the sync.

    Source: https://docs.stigg.io/documentation/native-integrations/billing/stripe/overview
    """
    gateway = stigg.current()
    snapshot = gateway.provision_customer(
        customer_id=customer.stigg_id,
        name=customer.name,
        email=customer.email,
        metadata={"tollgate_customer": customer.stigg_id},
    )
    if not snapshot.billing_id:
        snapshot = gateway.fetch_customer(customer.stigg_id)
    if not snapshot.billing_id:
        gateway.update_customer(
            customer_id=customer.stigg_id, billing_information=billing_details.information(customer)
        )
        snapshot = gateway.fetch_customer(customer.stigg_id)
    if not snapshot.billing_id:
        raise GatewayNotFound("the customer has no Stripe id yet", provider="stigg", operation="ProvisionCustomer")
    return snapshot


def refresh(
    customer_id: UUID,
    *,
    cause: str,
    subscription_ids: Iterable[str] = (),
    with_stripe: bool = False,
    as_of: datetime | None = None,
    known: Customer | None = None,
    wait_seconds: float = 5.0,
) -> Customer:
    """Read the truth about a customer and mirror it: Stigg's side, cards and invoices too with `with_stripe`.

    Nothing is read of Stigg's side when the rows are younger than `as_of`; `known`, the row as it was just
    found, then spares the lease and its writes. Stripe being away does not undo what Stigg has told us.
    Idempotent. Raises: Busy, GatewayError.
    """
    wanted = list(subscription_ids)
    if known is not None and not with_stripe and _is_as_of(known, as_of, wanted):
        return known
    with leased(customer_id, wait_seconds=wait_seconds) as customer:
        if not _is_as_of(customer, as_of, wanted):
            _mirror_stigg(customer, cause=cause, subscription_ids=wanted)
        if with_stripe and customer.stripe_id:
            payment_methods.mirror_all(customer)
            invoices.mirror_all(customer)
        return customer


def _is_as_of(customer: Customer, as_of: datetime | None, subscription_ids: Iterable[str]) -> bool:
    """Whether the rows show a read that was begun after `as_of`: then a burst of events costs one read."""
    if as_of is None or customer.mirrored_at is None or customer.mirrored_at <= as_of:
        return False
    wanted = set(subscription_ids)
    if not wanted:
        return True
    shown = customer.subscriptions.filter(stigg_id__in=wanted, mirrored_at__gt=as_of)
    return shown.count() == len(wanted)


def _mirror_stigg(customer: Customer, *, cause: str, subscription_ids: Iterable[str]) -> None:
    """Customer, subscriptions and entitlements; a checkout that waits for them moves along."""
    read_at = database_now()
    state = stigg.current().fetch_customer_state(customer.stigg_id)
    listed = {snapshot.subscription_id for snapshot in state.active_subscriptions}
    unlisted = (set(subscription_ids) | _unfinished_ids(customer)) - listed
    snapshots = [*state.active_subscriptions, *_fetch_subscriptions(customer, unlisted)]
    with transaction.atomic():
        apply_customer(customer, state.customer, read_at=read_at)
        results = [upsert_subscription(customer, s, read_at=read_at, cause=cause) for s in snapshots]
        entitlements_changed = replace_entitlements(customer, state.entitlements_state, read_at=read_at)
        settle(customer)
        announce(results, entitlements_of=customer if entitlements_changed else None)


def _unfinished_ids(customer: Customer) -> set[str]:
    return set(customer.subscriptions.all().unfinished().values_list("stigg_id", flat=True))


def _fetch_subscriptions(customer: Customer, ids: Iterable[str]) -> list[SubscriptionSnapshot]:
    """Those that are not active (waiting for payment, over) are only to be had one by one."""
    found = []
    for subscription_id in sorted(ids):
        try:
            snapshot = stigg.current().fetch_subscription(subscription_id)
        except GatewayNotFound:
            continue
        if snapshot.customer_id == customer.stigg_id:
            found.append(snapshot)
    return found


def announce(results: Iterable[UpsertResult], *, entitlements_of: Customer | None) -> None:
    """Tell the customer, by e-mail, and the host application, after the commit, what became different."""
    for result in results:
        emails.queue_for(result)
        if result.is_activation:
            _send(signals.subscription_activated, subscription=result.subscription)
        if result.is_payment_failure:
            _send(signals.payment_failed, subscription=result.subscription)
    if entitlements_of is not None:
        _send(signals.entitlements_changed, customer=entitlements_of)


def _send(signal: Signal, **arguments: object) -> None:
    """A receiver of the host that fails must not undo or repeat our work."""
    transaction.on_commit(lambda: signal.send_robust(sender=Subscription, **arguments), robust=True)


def refresh_soon(customer_id: UUID, *, after_seconds: float = 0) -> None:
    """Have a worker refresh the customer."""
    Customer.objects.filter(pk=customer_id).update(refresh_due_at=timezone.now() + timedelta(seconds=after_seconds))
    wake.up("customers")


def work_due(now: datetime, *, batch: int = 50) -> int:
    """Provision and refresh the customers that are due, and send on their billing details; how many were tried."""
    rows, later = Customer.objects, timezone.now() + due.PAUSE
    to_provision = rows.to_provision(now).order_by("provision_due_at").values_list("pk", flat=True)[:batch]
    worked = due.in_turn(
        list(to_provision), _provision_due, postpone=lambda pk: rows.filter(pk=pk).update(provision_due_at=later)
    )
    to_refresh = rows.to_refresh(now).order_by("refresh_due_at").values_list("pk", flat=True)[:batch]
    worked += due.in_turn(
        list(to_refresh), _refresh_due, postpone=lambda pk: rows.filter(pk=pk).update(refresh_due_at=later)
    )
    return worked + billing_details.work_due(now, batch=batch)


def _provision_due(pk: UUID) -> None:
    try:
        provision(pk, wait_seconds=0)
    except (Busy, GatewayError) as error:
        log.warning("customer.provision_failed", customer_id=str(pk), error=str(error))


def _refresh_due(pk: UUID) -> None:
    try:
        refresh(pk, cause="sweep", with_stripe=True, wait_seconds=0)
    except (Busy, GatewayError) as error:
        customer = Customer.objects.get(pk=pk)
        attempts = customer.refresh_attempts + 1
        Customer.objects.filter(pk=pk).update(
            refresh_attempts=attempts,
            refresh_error=str(error),
            refresh_due_at=timezone.now() + delay(attempts),
        )
        log.warning("customer.refresh_failed", customer_id=str(pk), error=str(error))
