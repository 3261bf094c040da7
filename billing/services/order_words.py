"""What the customer reads when an order is done, or when a change of theirs could not be paid. Rows only."""

from __future__ import annotations

from django.utils.translation import gettext

from billing.models import CheckoutSession, Subscription
from billing.services import scheduled_changes, text
from billing.services.order_kinds import Kind


def done(checkout: CheckoutSession) -> tuple[str, str]:
    """Headline and sentence of the success page."""
    subscription, plan = checkout.subscription, {"plan": checkout.plan_name}
    if checkout.purpose == CheckoutSession.Purpose.RECOVER:
        return gettext("Payment received"), gettext("Everything in your plan is yours from now on.")
    if subscription is not None and subscription.scheduled_updates:
        waiting = scheduled_changes.waiting_for(subscription)
        return gettext("Your change is set"), waiting.sentence if waiting else ""
    if subscription is not None and subscription.status == Subscription.Status.NOT_STARTED:
        words = plan | {"date": text.date(subscription.started_at) if subscription.started_at else ""}
        sentence = gettext("%(plan)s starts on %(date)s. Until then your trial goes on.") % words
        return gettext("Your plan is set"), sentence
    if checkout.kind == Kind.TRIAL and subscription is not None and subscription.trial_ends_at is not None:
        words = plan | {"date": text.date(subscription.trial_ends_at)}
        sentence = gettext("Everything in %(plan)s is yours to try until %(date)s.") % words
        return gettext("Your trial has started"), sentence
    if checkout.is_change or checkout.kind == Kind.TO_FREE:
        return gettext("Your plan is changed"), gettext("You have %(plan)s now, as you ordered it.") % plan
    return gettext("Welcome to %(plan)s") % plan, gettext("Everything in your plan is yours from now on.")


def deadline(checkout: CheckoutSession, until: str) -> str:
    """How long an unpaid order waits, and what becomes of it then."""
    if checkout.is_change:
        return gettext(
            "Your change waits until %(time)s UTC. After that it is dropped and nothing is charged. "
            "What you have now stays as it is, whatever happens."
        ) % {"time": until}
    return gettext("Your order waits until %(time)s UTC. After that it is canceled, and nothing is charged.") % {
        "time": until
    }
