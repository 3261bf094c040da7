"""A running trial on the account page: how long it lasts, what follows, and what to do about it. Rows only."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext

from billing.models import Customer, Subscription
from billing.services import current, next_bill, text


@dataclass(frozen=True, slots=True)
class TrialPanel:
    """`warning` is said when the trial cannot go on as it is meant to; what is bought already is not offered again."""

    left: str
    sentence: str
    warning: str
    upgrade_label: str
    upgrade_url: str
    cancel_url: str


def panel_for(row: Subscription, customer: Customer, *, now: datetime) -> TrialPanel | None:
    """The panel of a subscription in trial; None for any other."""
    if row.status != Subscription.Status.IN_TRIAL or row.trial_ends_at is None:
        return None
    bought = current.waiting_after(row)
    lacks_card = bought is None and row.converts_after_trial and current.card_on_file(customer, now) is None
    query = urlencode({"plan": row.plan_id, "period": row.billing_period})
    words = {"date": text.date(row.trial_ends_at)}
    return TrialPanel(
        left=gettext("%(days)s left") % {"days": text.days(current.days_left(row, now))},
        sentence=_what_follows(row, bought),
        warning=gettext("There is no card on file yet: without one the plan cannot go on after %(date)s.") % words
        if lacks_card
        else "",
        upgrade_label=gettext("Add a card and upgrade") if lacks_card else gettext("Upgrade now"),
        upgrade_url="" if bought else f"{reverse('billing:checkout_start')}?{query}",
        cancel_url=reverse("billing:cancel_trial", args=[row.stigg_id]),
    )


def _what_follows(row: Subscription, bought: Subscription | None) -> str:
    if bought is not None and bought.started_at is not None:
        words = {"plan": bought.plan_name, "date": text.date(bought.started_at)}
        return gettext("%(plan)s starts on %(date)s. Until then your trial goes on.") % words
    if row.trial_ends_at is None:
        return ""
    words = {"date": text.date(row.trial_ends_at), "price": next_bill.price_after_trial(row)}
    if row.converts_after_trial and words["price"]:
        return gettext("On %(date)s it becomes %(price)s, unless you cancel before.") % words
    if row.converts_after_trial:
        return gettext("On %(date)s it becomes a paid plan, unless you cancel before.") % words
    return gettext("It ends by itself on %(date)s, and nothing is charged.") % words
