"""What the review page says around the order: what it is, when it takes effect, with which card, and what the button
does. Rows only, no network."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext

from billing import conf, wording
from billing.gateways.stigg.types import PlanSnapshot
from billing.models import CheckoutSession, Customer, PaymentMethod, Subscription
from billing.services import current, text
from billing.services.checkout import Terms
from billing.services.order_kinds import Kind, needs_card
from billing.services.summary import OrderSummary


@dataclass(frozen=True, slots=True)
class Review:
    """The words of the page. `card` is the one on file with which the button completes the order at once."""

    heading: str
    held: str
    effect: str
    button: str
    fine_print: str
    card: PaymentMethod | None
    card_label: str
    scheduled: str
    scheduled_url: str
    has_card_step: bool


def terms_of(plan: PlanSnapshot, order: OrderSummary) -> Terms:
    """What the customer agrees to with the button."""
    asks = needs_card(
        plan,
        order.kind,
        is_scheduled=order.is_scheduled and order.kind != Kind.CONVERSION,
        due_now=order.total,
        trial_card=conf.current().trial_card,
    )
    return Terms(order.kind, asks, None if order.is_estimate else order.total)


def review(
    customer: Customer, plan: PlanSnapshot, order: OrderSummary | None, *, held: Subscription | None, now: datetime
) -> Review:
    """The page for `order`, or, without one, for a form that has still to be mended."""
    terms = terms_of(plan, order) if order else Terms("", plan.pricing_type == "PAID")
    card = current.card_on_file(customer, now) if terms.needs_card else None
    label = text.card(card.brand, card.last4) if card else ""
    has_card_step = terms.needs_card and card is None
    scheduled = held.scheduled_updates[0] if held and held.scheduled_updates else None
    return Review(
        heading=_heading(plan, held),
        held=_held(held, now),
        effect=text.sentences(*filter(None, [order.effect, current.end_of_addons(held, plan, order.choice)]))
        if order
        else "",
        button=_button(plan, order, has_card_step=has_card_step),
        fine_print=_fine_print(order, terms, label),
        card=card,
        card_label=label,
        scheduled=_scheduled(scheduled) if scheduled else "",
        scheduled_url=reverse("billing:cancel_scheduled_change", args=[held.stigg_id]) if held and scheduled else "",
        has_card_step=has_card_step,
    )


def _heading(plan: PlanSnapshot, held: Subscription | None) -> str:
    if held is None or held.status == Subscription.Status.IN_TRIAL:
        return wording.say("checkout_title")
    return gettext("Change your plan") if held.plan_id == plan.plan_id else gettext("Review your change")


def _held(held: Subscription | None, now: datetime) -> str:
    """What the customer has now."""
    if held is None:
        return ""
    if held.status == Subscription.Status.IN_TRIAL:
        words = {"plan": held.plan_name, "days": text.days(current.days_left(held, now))}
        return gettext("You are trying %(plan)s: %(days)s left.") % words
    if held.total:
        price = f"{text.money(held.total)} {text.period_unit(held.billing_period)}"
        return gettext("You have %(plan)s now, for %(price)s.") % {"plan": held.plan_name, "price": price}
    return gettext("You have %(plan)s now.") % {"plan": held.plan_name}


def _scheduled(update: dict[str, str]) -> str:
    date = text.date(datetime.fromisoformat(update["scheduled_at"]))
    return gettext("A change is already set for %(date)s. A new order replaces it.") % {"date": date}


def _button(plan: PlanSnapshot, order: OrderSummary | None, *, has_card_step: bool) -> str:
    if has_card_step or order is None:
        return wording.say("checkout_continue") if has_card_step else gettext("Continue")
    if order.total:
        return gettext("Pay %(amount)s now") % {"amount": order.due_now}
    if order.kind == Kind.TRIAL:
        return gettext("Start the free trial")
    if order.kind in (Kind.NEW, Kind.CONVERSION):
        return gettext("Start with %(plan)s") % {"plan": plan.display_name}
    return gettext("Confirm the change")


def _fine_print(order: OrderSummary | None, terms: Terms, card_label: str) -> str:
    if terms.needs_card and not card_label:
        return wording.say("checkout_not_charged")
    if card_label and order and order.total:
        return gettext("Your %(card)s is charged at once.") % {"card": card_label}
    if card_label:
        return gettext("Nothing is charged now. Later bills go to your %(card)s.") % {"card": card_label}
    is_later = order is not None and order.kind in CheckoutSession.CHANGES
    return gettext("Nothing is charged now.") if is_later else gettext("No card is needed.")
