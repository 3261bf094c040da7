"""The sentences of an order summary: when it takes effect, what the next bill is, why nothing is due. Pure."""

from __future__ import annotations

from datetime import datetime

from django.utils.translation import gettext

from billing.gateways.stigg.types import PlanSnapshot, PreviewSnapshot, SubscriptionChoice
from billing.models import CheckoutSession, Subscription
from billing.services import text
from billing.services.order_kinds import Kind, starts_later


def recurring(choice: SubscriptionChoice, priced: PreviewSnapshot, now: datetime) -> str:
    """The next bill: how much, how often, and from when."""
    if not priced.recurring:
        return ""
    amount, each = text.money(priced.recurring), text.period_unit(choice.billing_period)
    next_bill = priced.period_starts_at if starts_later(priced, now) else priced.period_ends_at
    if next_bill is None:
        return gettext("Then %(amount)s %(period)s, until you cancel.") % {"amount": amount, "period": each}
    return gettext("Then %(amount)s %(period)s from %(date)s, until you cancel.") % {
        "amount": amount,
        "period": each,
        "date": text.date(next_bill),
    }


def after_trial(plan: PlanSnapshot, choice: SubscriptionChoice, priced: PreviewSnapshot) -> str:
    """What happens at the end of the trial, when, and how much it then costs, where that is known before it is used."""
    ends_at = priced.period_ends_at
    if ends_at is None or plan.default_trial is None:
        return ""
    if not priced.recurring:
        return gettext("Your trial ends on %(date)s.") % {"date": text.date(ends_at)}
    words = {
        "date": text.date(ends_at),
        "amount": text.money(priced.recurring),
        "period": text.period_unit(choice.billing_period),
    }
    if plan.default_trial.trial_end_behavior == "CANCEL_SUBSCRIPTION":
        return (
            gettext(
                "The trial ends by itself on %(date)s and nothing is charged. "
                "If you go on after that, it costs %(amount)s %(period)s."
            )
            % words
        )
    return gettext("On %(date)s the trial becomes %(amount)s %(period)s, unless you cancel before.") % words


def effect(
    kind: CheckoutSession.Kind,
    plan: PlanSnapshot,
    *,
    held: Subscription | None,
    priced: PreviewSnapshot,
    now: datetime,
) -> str:
    """When the order takes effect and what becomes of what the customer has; empty for a first subscription."""
    if held is None or kind in (Kind.NEW, Kind.TRIAL):
        return ""
    words = {"old": held.plan_name, "new": plan.display_name}
    if starts_later(priced, now) and priced.period_starts_at is not None:
        words["date"] = text.date(priced.period_starts_at)
        return _later(kind, words, is_same_plan=held.plan_id == plan.plan_id)
    if kind == Kind.CONVERSION:
        return gettext("%(new)s starts today as a paid plan, and your trial ends with it.") % words
    if priced.proration_net and priced.proration_net.amount_minor < 0:
        return gettext("The change takes effect at once. What you have paid and not used becomes credit.")
    if kind in CheckoutSession.CHANGES:
        return gettext("The change takes effect at once. What is left of what you have paid is taken off the price.")
    return gettext("The change takes effect at once.")


def effect_of_free(kind: CheckoutSession.Kind) -> str:
    """The same for a free plan that needs no price from Stigg: chosen during a trial, it ends the trial."""
    return gettext("The change takes effect at once.") if kind == Kind.TO_FREE else ""


def _later(kind: CheckoutSession.Kind, words: dict[str, str], *, is_same_plan: bool) -> str:
    if kind == Kind.CONVERSION:
        return gettext("Your trial goes on until %(date)s. %(new)s starts then as a paid plan.") % words
    if is_same_plan:
        return gettext("Everything stays as it is until %(date)s. The change takes effect then.") % words
    return gettext("You keep %(old)s until %(date)s. %(new)s starts then.") % words


def nothing_due(kind: CheckoutSession.Kind, plan: PlanSnapshot, priced: PreviewSnapshot, now: datetime) -> str:
    """Why nothing is to be paid today; empty when something is."""
    if priced.due_now:
        return ""
    if kind == Kind.TRIAL:
        return gettext("Nothing is due today: the trial is free.")
    if starts_later(priced, now) and priced.period_starts_at is not None:
        date = text.date(priced.period_starts_at)
        return gettext("Nothing is due today: it starts on %(date)s.") % {"date": date}
    if priced.proration_net and priced.proration_net.amount_minor <= 0:
        return gettext("Nothing is due today: what is left of your plan is worth more than the change costs.")
    if priced.credits_used:
        return gettext("Nothing is due today: your account credit covers it.")
    if priced.discount:
        return gettext("Nothing is due today: your discount covers it.")
    return "" if plan.pricing_type == "FREE" else gettext("Nothing is due today.")


def notes(choice: SubscriptionChoice, priced: PreviewSnapshot) -> tuple[str, ...]:
    """What else is worth knowing: when a discount ends and what it costs then, and the credit that is left."""
    found = [_end_of_discount(choice, priced)]
    if priced.credits_remaining:
        amount = text.money(priced.credits_remaining)
        found.append(gettext("%(amount)s of credit is left after this, for your next bills.") % {"amount": amount})
    return tuple(filter(None, found))


def _end_of_discount(choice: SubscriptionChoice, priced: PreviewSnapshot) -> str:
    lasting, once = priced.recurring_discount_details, priced.discount_details
    if lasting and lasting.duration == "REPEATING" and lasting.months and priced.recurring_subtotal:
        words = {
            "months": text.months(lasting.months),
            "amount": text.money(priced.recurring_subtotal),
            "period": text.period_unit(choice.billing_period),
        }
        if priced.recurring_tax and not priced.is_tax_inclusive:
            return gettext("The discount ends after %(months)s. Then it is %(amount)s %(period)s, plus tax.") % words
        return gettext("The discount ends after %(months)s. Then it is %(amount)s %(period)s.") % words
    if once and once.duration == "ONCE":
        return gettext("The discount is for this payment only.")
    return ""
