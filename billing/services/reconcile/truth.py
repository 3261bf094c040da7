"""The truth about a batch of customers, read from Stigg and Stripe at a steady pace. Touches no row."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Generator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from typing import TypeVar

from billing import conf
from billing.errors import BillingError, GatewayNotFound, GatewayRateLimited
from billing.gateways import stigg, stripe
from billing.gateways.stigg.types import CustomerStateSnapshot, SubscriptionPage, SubscriptionSnapshot
from billing.gateways.stripe.types import InvoiceSnapshot, PaymentMethodSnapshot
from billing.models import Subscription
from billing.services.reconcile.pacing import Pace
from billing.services.reconcile.targets import Target

T = TypeVar("T")

THREADS = 3
"""Below the gateways' own cap on concurrent calls."""
INVOICES = 100
PAUSE_AFTER_LIMIT_SECONDS = 5.0


@dataclass(slots=True)
class StripeTruth:
    """Cards and invoices. `absent_invoices` are ours and unpaid, and Stripe does not know them."""

    methods: tuple[PaymentMethodSnapshot, ...]
    default_id: str
    invoices: list[InvoiceSnapshot]
    absent_invoices: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Truth:
    """What the two sides say of one customer; `error` when one of them could not be asked.

    `state` is None where Stigg has no such customer, `stripe` where Stripe was not asked or has none.
    """

    target: Target
    state: CustomerStateSnapshot | None = None
    subscriptions: list[SubscriptionSnapshot] = field(default_factory=list)
    absent_subscriptions: list[str] = field(default_factory=list)
    stripe: StripeTruth | None = None
    is_absent_at_stripe: bool = False
    error: BillingError | None = None


class Reader:
    """Gateways of its own: a reconcile that runs into a breaker must not close it for customers."""

    def __init__(self, *, calls_per_minute: int) -> None:
        self._stigg = stigg.build(conf.current())
        self._stripe = stripe.build(conf.current())
        self._stigg_pace = Pace(calls_per_minute)
        self._stripe_pace = Pace(calls_per_minute)

    def read(self, targets: Sequence[Target]) -> Generator[Truth, None, None]:
        """One after the other, as they come in, in the order of `targets`. Raises: GatewayError, for the list."""
        listed = self._list(targets)
        with ThreadPoolExecutor(max_workers=THREADS) as pool:
            try:
                yield from pool.map(lambda target: self._read_one(target, listed[target.stigg_id]), targets)
            except BaseException:
                # Told to stop: the threads must not go on waiting for their turns.
                self._stigg_pace.stop()
                self._stripe_pace.stop()
                raise

    def list_since(self, moment: str, after: str) -> SubscriptionPage:
        """A page of the subscriptions that were made or ended since `moment` (ISO 8601). Raises: GatewayError."""
        since = {"gte": moment}
        where = {"or": [{name: since} for name in ("createdAt", "startDate", "endDate", "cancellationDate")]}
        return self._ask_stigg(partial(self._stigg.fetch_subscription_page, where=where, after=after))

    def _list(self, targets: Sequence[Target]) -> dict[str, dict[str, str]]:
        """Customer → subscription → status, over and unpaid ones too, which no other read of Stigg's lists."""
        found: defaultdict[str, dict[str, str]] = defaultdict(dict)
        if not targets:
            return found
        where, cursor = {"customerId": {"in": [target.stigg_id for target in targets]}}, ""
        while True:
            page = self._ask_stigg(partial(self._stigg.fetch_subscription_page, where=where, after=cursor))
            for mention in page.mentions:
                found[mention.customer_id][mention.subscription_id] = mention.status
            if not (cursor := page.next_cursor):
                return found

    def _read_one(self, target: Target, listed: dict[str, str]) -> Truth:
        truth = Truth(target)
        try:
            self._read_stigg(truth, listed)
            known_there = truth.state.customer.billing_id if truth.state else None
            if stripe_id := known_there or target.stripe_id:
                self._read_stripe(truth, stripe_id)
        except BillingError as error:
            truth.error = error
        return truth

    def _read_stigg(self, truth: Truth, listed: dict[str, str]) -> None:
        target = truth.target
        try:
            truth.state = self._ask_stigg(partial(self._stigg.fetch_customer_state, target.stigg_id))
        except GatewayNotFound:
            return
        truth.subscriptions = [s for s in truth.state.active_subscriptions if s.customer_id == target.stigg_id]
        seen = {snapshot.subscription_id for snapshot in truth.subscriptions}
        for subscription_id in sorted(_to_read(target, listed) - seen):
            try:
                snapshot = self._ask_stigg(partial(self._stigg.fetch_subscription, subscription_id))
            except GatewayNotFound:
                truth.absent_subscriptions.append(subscription_id)
                continue
            if snapshot.customer_id == target.stigg_id:
                truth.subscriptions.append(snapshot)

    def _read_stripe(self, truth: Truth, stripe_id: str) -> None:
        try:
            methods = self._ask_stripe(partial(self._stripe.fetch_payment_methods, stripe_id))
            default_id = self._ask_stripe(partial(self._stripe.fetch_default_payment_method_id, stripe_id)) or ""
            found = list(self._ask_stripe(partial(self._stripe.fetch_invoices, stripe_id, limit=INVOICES)))
        except GatewayNotFound:
            truth.is_absent_at_stripe = True
            return
        truth.stripe = StripeTruth(methods, default_id, found)
        for invoice_id in set(truth.target.unpaid_invoices) - {invoice.invoice_id for invoice in found}:
            try:
                found.append(self._ask_stripe(partial(self._stripe.fetch_invoice, invoice_id)))
            except GatewayNotFound:
                truth.stripe.absent_invoices.append(invoice_id)

    def _ask_stigg(self, call: Callable[[], T]) -> T:
        return _paced(self._stigg_pace, call)

    def _ask_stripe(self, call: Callable[[], T]) -> T:
        return _paced(self._stripe_pace, call)


def _paced(pace: Pace, call: Callable[[], T]) -> T:
    pace.take()
    try:
        return call()
    except GatewayRateLimited as error:
        pace.hold(error.retry_after_seconds or PAUSE_AFTER_LIMIT_SECONDS)
        raise


def _to_read(target: Target, listed: dict[str, str]) -> set[str]:
    """Subscriptions to be read one by one: what is over on both sides is not among them."""
    moved = {key for key, status in listed.items() if status not in _OVER or target.subscriptions.get(key) != status}
    unfinished = {key for key, status in target.subscriptions.items() if status not in _OVER}
    return moved | unfinished


_OVER = {str(status) for status in Subscription.FINISHED}
