"""The order summary: what a choice costs now and later, priced by Stigg, in lines that a person can add up."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import datetime

import structlog
from django.utils import timezone
from django.utils.translation import gettext

from billing.errors import GatewayError, GatewayRejected
from billing.gateways.stigg.types import PlanSnapshot, PreviewSnapshot, SubscriptionChoice
from billing.models import CheckoutSession, Customer, Invoice, Subscription
from billing.money import Money
from billing.services import catalog, charges, current, order_lines, order_sentences, plan_prices, previews, text
from billing.services.catalog import Catalog
from billing.services.order_kinds import Kind, kind_of, starts_later, starts_trial, yearly_saving
from billing.services.order_lines import Line

log = structlog.get_logger(__name__)

SHOWN = re.compile(r"(?P<amount>-?[0-9]{1,18}) (?P<currency>[A-Z]{3})(?: (?P<kind>[a-z_]+))?")


@dataclass(frozen=True, slots=True)
class OrderSummary:
    """What is paid now and what follows. `total` is `due_now` as money, for the record of what was shown."""

    lines: tuple[Line, ...]
    due_now_label: str
    due_now: str
    recurring_sentence: str = ""
    notes: tuple[str, ...] = ()
    total: Money | None = None
    coupon_error: str = ""
    kind: CheckoutSession.Kind = Kind.NEW
    choice: SubscriptionChoice | None = None
    """What was priced: with the discount code told apart, and without one that was refused."""
    effect: str = ""
    """When the order takes effect; empty for a first one."""
    reason: str = ""
    """Why nothing is due."""
    later_label: str = ""
    later_lines: tuple[Line, ...] = ()
    later_total: str = ""
    saving: str = ""
    is_scheduled: bool = False
    is_estimate: bool = False
    """Whether it is from the price list alone: taxes, discounts and credits are not in it, so nobody agrees to it."""

    @property
    def shown(self) -> str:
        """What the customer saw, to be compared with the order when they agree to it: "4900 USD upgrade"."""
        return f"{self.total.amount_minor} {self.total.currency} {self.kind}" if self.total is not None else ""

    def is_covered_by(self, shown: str) -> bool:
        """Whether who agreed to `shown` has agreed to this order; nothing shown asks for nothing.

        The kind counts, too: a second click on "Start the free trial" is no order of what comes after it.
        """
        if self.total is None or not shown:
            return True
        found = SHOWN.fullmatch(shown)
        if found is None or found["currency"] != self.total.currency or found["kind"] not in (None, str(self.kind)):
            return False
        return self.total.amount_minor <= int(found["amount"])


@dataclass(frozen=True, slots=True)
class Order:
    """What is to be priced, for whom."""

    customer: Customer
    choice: SubscriptionChoice
    listed: Catalog
    plan: PlanSnapshot
    held: Subscription | None
    may_try: bool
    now: datetime


def for_choice(
    customer: Customer,
    choice: SubscriptionChoice,
    *,
    is_final: bool = False,
    is_order: bool = False,
    now: datetime | None = None,
) -> tuple[OrderSummary | None, str]:
    """The summary of a choice and a notice for the customer; from the price list alone while Stigg does not answer.

    A coupon that is refused is left out, and the summary says why. `is_final` and `is_order` as in `previews.preview`.
    """
    listed = catalog.selling(choice.plan_id, country_code=choice.country_code)
    plan = listed.require_plan(choice.plan_id, choice.billing_period or "")
    held = current.subscription_of(customer, plan.product_id, choice.resource_id)
    may_try = current.may_try(customer, plan)
    order = Order(customer, choice, listed, plan, held, may_try, now or timezone.now())
    if plan.pricing_type == "FREE" and not current.is_paid(held):
        zero = Money(0, listed.paywall.currency)
        line = Line.of(plan.display_name, zero)
        kind = kind_of(plan, choice, held=held, priced=None, is_trial=False)
        return OrderSummary(
            (line,),
            gettext("Due today"),
            text.money(zero),
            total=zero,
            kind=kind,
            choice=choice,
            effect=order_sentences.effect_of_free(kind),
        ), ""
    if not customer.is_provisioned:  # signed up a moment ago: a worker is at it, and the price list is right
        return _from_list(order), ""
    try:
        resolved, priced = previews.preview_with_code(
            customer, choice, version=listed.version, is_final=is_final, is_order=is_order
        )
    except GatewayRejected as error:
        return _without_what_was_refused(order, error, is_final=is_final, is_order=is_order)
    except GatewayError as error:
        log.warning("summary.unavailable", error=str(error))
        notice = gettext("Taxes and discounts cannot be worked out right now; you will see them before you pay.")
        return _from_list(order), notice
    return _from_preview(replace(order, choice=resolved), priced), ""


def _without_what_was_refused(
    order: Order, error: GatewayRejected, *, is_final: bool, is_order: bool
) -> tuple[OrderSummary | None, str]:
    log.info("summary.rejected", error=str(error))
    reason = previews.coupon_refusal(error)
    if not order.choice.code or not reason:
        return None, gettext("This combination cannot be bought. Please change it.")
    plain = replace(order.choice, coupon_id="", promotion_code="")
    found, notice = for_choice(order.customer, plain, is_final=is_final, is_order=is_order, now=order.now)
    return (replace(found, coupon_error=reason) if found else None), notice


def for_checkout(checkout: CheckoutSession, choice: SubscriptionChoice) -> tuple[OrderSummary | None, str]:
    """The summary of a running checkout and a notice; of a failed payment, the invoice that is open."""
    if checkout.purpose == CheckoutSession.Purpose.SUBSCRIBE and checkout.provisioned_at is None:
        return for_choice(checkout.customer, choice, is_final=checkout.awaits_consent, is_order=True)
    invoice = Invoice.objects.filter(stripe_id=checkout.invoice_id).first()
    due = invoice.amount_remaining if invoice else checkout.due_now
    if due is None:
        return None, ""
    label = gettext("Open invoice %(number)s") % {"number": invoice.number} if invoice else checkout.plan_name
    line = Line.of(label, due, note=checkout.plan_name)
    return OrderSummary((line,), gettext("Due today"), text.money(due), total=due), ""


def read_shown(shown: str) -> Money | None:
    """The price in what a page has sent back of `OrderSummary.shown`; None where it showed none, or makes no sense."""
    found = SHOWN.fullmatch(shown)
    return Money(int(found["amount"]), found["currency"]) if found else None


def _from_preview(order: Order, priced: PreviewSnapshot) -> OrderSummary:
    plan, choice, now = order.plan, order.choice, order.now
    is_trial = starts_trial(plan, choice, priced, may_try=order.may_try, now=now)
    kind = kind_of(plan, choice, held=order.held, priced=priced, is_trial=is_trial)
    lines = order_lines.today(plan, choice, priced)
    later = order_lines.each_period(plan, choice, priced)
    sentence = order_sentences.after_trial(plan, choice, priced) if kind == Kind.TRIAL else ""
    return OrderSummary(
        lines=lines,
        due_now_label=gettext("Due today"),
        due_now=text.money(priced.due_now),
        recurring_sentence=sentence or order_sentences.recurring(choice, priced, now),
        notes=order_sentences.notes(choice, priced),
        total=priced.due_now,
        kind=kind,
        choice=choice,
        effect=order_sentences.effect(kind, plan, held=order.held, priced=priced, now=now),
        reason=order_sentences.nothing_due(kind, plan, priced, now),
        later_label=gettext("Each period after"),
        later_lines=later if later != lines else (),
        later_total=text.money(priced.recurring) if priced.recurring else "",
        saving=_saving(plan, choice),
        is_scheduled=starts_later(priced, now),
    )


def _saving(plan: PlanSnapshot, choice: SubscriptionChoice) -> str:
    saving = yearly_saving(plan, choice)
    if saving is None:
        return ""
    if choice.billing_period == "ANNUALLY":
        sentence = gettext("You save %(amount)s a year compared with paying monthly.")
    else:
        sentence = gettext("Paying yearly would save you %(amount)s a year.")
    return sentence % {"amount": text.money(saving)}


def _from_list(order: Order) -> OrderSummary | None:
    """By the price list alone: no taxes, no discounts, no credits; a trial is what the rows say."""
    plan, choice = order.plan, order.choice
    known = [part.amount for part in charges.charges(plan, choice)]
    if not known and plan.is_by_usage_alone(choice.billing_period or ""):
        known = [Money(0, order.listed.paywall.currency)]
    if not known:
        headline = plan_prices.headline(order.listed.paywall, plan, choice.billing_period or "")
        if headline is None:
            return None
        known = [headline]
    total = sum(known[1:], start=known[0])
    each = text.period_unit(choice.billing_period)
    kind = kind_of(plan, choice, held=order.held, priced=None, is_trial=order.may_try)
    lines = order_lines.charge_lines(plan, choice, total=total)
    is_trial = kind == Kind.TRIAL
    due = Money(0, total.currency) if is_trial else total
    return OrderSummary(
        lines=() if is_trial else lines,
        due_now_label=gettext("Due today"),
        due_now=text.money(due),
        recurring_sentence=gettext("Then %(amount)s %(period)s, until you cancel.")
        % {"amount": text.money(total), "period": each}
        if total
        else "",
        total=due,
        kind=kind,
        choice=choice,
        reason=gettext("Nothing is due today: the trial is free.") if is_trial else "",
        later_label=gettext("Each period after"),
        later_lines=lines if is_trial else (),
        later_total=text.money(total),
        saving=_saving(plan, choice),
        is_estimate=True,
    )
