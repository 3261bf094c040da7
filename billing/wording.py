"""The main texts of paywall and checkout by name, each of which the host may word otherwise (`TOLLGATE_TEXTS`).

`TOLLGATE_TEXTS = {"paywall_title": "Simple prices.", "plan_contact": {"en": "Call us", "de": "Rufen Sie uns an"}}`:
a text for every language, or one for each; where the host says nothing, ours is shown, translated as ever.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from billing import conf

DEFAULTS: dict[str, str | Promise] = {
    "paywall_head_title": _("Plans and prices"),
    "paywall_title": _("Pick your plan."),
    "paywall_title_second": _("Change it whenever."),
    "paywall_lead": _("Start free. Every price is the whole price."),
    "paywall_empty": _("There are no plans to choose from right now. Please come back soon."),
    "plan_recommended": _("Recommended"),
    "plan_choose": _("Choose %(plan)s"),
    "plan_start_free": _("Start for free"),
    "plan_start_trial": _("Try %(plan)s free for %(time)s"),
    "plan_upgrade": _("Upgrade to %(plan)s"),
    "plan_move": _("Move to %(plan)s"),
    "plan_contact": _("Talk to us"),
    "plan_current": _("Your current plan"),
    "checkout_title": _("Review your order"),
    "checkout_continue": _("Continue to payment"),
    "checkout_not_charged": _("You are not charged yet: this step only prepares your order."),
    "checkout_pay_title": _("Pay for %(plan_name)s"),
}
PLACE = re.compile(r"%\((\w+)\)s")


def say(key: str, **values: object) -> str:
    """The text named `key` in the visitor's language, `%(name)s` filled in from `values`.

    Raises: KeyError, for a key that there is not.
    """
    text = given(conf.current().texts.get(key), get_language() or "") or str(DEFAULTS[key])
    # No `%` operator: a host may well write "50 % off" into a text.
    return PLACE.sub(lambda place: str(values.get(place[1], place[0])), text)


def given(wording: str | Mapping[str, str] | None, language: str) -> str:
    """The host's wording for a language ("pt-br", else "pt"), or ""."""
    if wording is None or isinstance(wording, str):
        return wording or ""
    return wording.get(language) or wording.get(language.partition("-")[0]) or ""


def places(text: str) -> set[str]:
    """Names that are filled in."""
    return set(PLACE.findall(text))
