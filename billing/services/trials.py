"""A running trial on the account page: how long it lasts, what follows, and what to do about it. Rows only."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext

from billing.models import Customer, Subscription
from billing.services import current, text


@dataclass(frozen=True, slots=True)
class TrialPanel:
    """`warning` is said when the trial cannot go on as it is meant to."""

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
    lacks_card = row.converts_after_trial and current.card_on_file(customer, now) is None
    query = urlencode({"plan": row.plan_id, "period": row.billing_period})
    words = {"date": text.date(row.trial_ends_at)}
    return TrialPanel(
        left=gettext("%(days)s left") % {"days": text.days(current.days_left(row, now))},
        sentence=_what_follows(row),
        warning=gettext("There is no card on file yet: without one the plan cannot go on after %(date)s.") % words
        if lacks_card
        else "",
        upgrade_label=gettext("Add a card and upgrade") if lacks_card else gettext("Upgrade now"),
        upgrade_url=f"{reverse('billing:checkout_start')}?{query}",
        cancel_url=reverse("billing:cancel_trial", args=[row.stigg_id]),
    )


def _what_follows(row: Subscription) -> str:
    if row.trial_ends_at is None:
        return ""
    words = {"plan": row.plan_name, "date": text.date(row.trial_ends_at)}
    if row.converts_after_trial and row.total:
        words |= {"amount": text.money(row.total), "period": text.period_unit(row.billing_period)}
        return gettext("On %(date)s it becomes %(amount)s %(period)s, unless you cancel before.") % words
    return gettext("It ends by itself on %(date)s, and nothing is charged.") % words
