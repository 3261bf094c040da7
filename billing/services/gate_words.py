"""The sentences of a refusal: why, and what would help. Pure; in the visitor's language."""

from __future__ import annotations

from collections.abc import Iterable

from babel.lists import format_list
from django.utils.translation import gettext

from billing import wording
from billing.services import text
from billing.services.entitlements import CUSTOMER_NOT_FOUND, NOT_IN_SUBSCRIPTION, OTHER_VALUES, OVER_LIMIT, Decision
from billing.services.plan_cards import entitlement_text
from billing.services.upgrades import Offer, grant_of

WITHOUT_PLAN = (CUSTOMER_NOT_FOUND, "NoActiveSubscription", "CustomerIsArchived")


def why(refusal: Decision, *, name: str, plan_name: str) -> str:
    """The heading: what stands in the way, e.g. "You have used 3 of 3 projects"."""
    if refusal.reason == OVER_LIMIT:
        return _over_limit(refusal, name)
    if refusal.reason == OTHER_VALUES:
        missing = [value for value in refusal.requested_values if value not in refusal.values]
        return gettext("%(feature)s: your plan does not include %(values)s") % {
            "feature": name,
            "values": _listed(missing),
        }
    if refusal.reason in WITHOUT_PLAN:
        return gettext("%(feature)s comes with a plan") % {"feature": name}
    if refusal.reason == NOT_IN_SUBSCRIPTION:
        plan = plan_name or gettext("your plan")
        return gettext("%(feature)s is not part of %(plan)s") % {"feature": name, "plan": plan}
    if refusal.reason == "BudgetExceeded":
        return gettext("Your budget for %(feature)s is used up") % {"feature": name}
    return gettext("%(feature)s is not available to you right now") % {"feature": name}


def _over_limit(refusal: Decision, name: str) -> str:
    figures = {
        "used": text.number(refusal.usage),
        "limit": text.number(refusal.limit or 0),
        "more": text.number(refusal.requested),
        "units": refusal.units_plural or refusal.units or name,
    }
    if not refusal.is_metered:
        return gettext("Your plan includes %(limit)s %(units)s, and this needs %(more)s") % figures
    if refusal.requested > 1 and refusal.limit is not None and refusal.usage < refusal.limit:
        return gettext("You have used %(used)s of %(limit)s %(units)s, and this needs %(more)s more") % figures
    return gettext("You have used %(used)s of %(limit)s %(units)s") % figures


def _listed(values: Iterable[str]) -> str:
    words = [value.replace("_", " ").replace("-", " ") for value in values]
    return format_list(words, locale=text.locale())


def unpaid(plan_name: str) -> str:
    """For a subscription that waits for its first payment."""
    return gettext("Your payment for %(plan)s is still open. Once it is paid, you can go on.") % {"plan": plan_name}


def help_sentences(refusal: Decision, offer: Offer | None) -> tuple[str, ...]:
    """What would grant it, and when an allowance begins anew by itself."""
    help_ = _offer_sentence(refusal, offer)
    if refusal.reason != OVER_LIMIT or refusal.resets_at is None:
        return (help_,)
    return help_, gettext("Your allowance begins anew on %(date)s.") % {"date": text.date(refusal.resets_at)}


def _offer_sentence(refusal: Decision, offer: Offer | None) -> str:
    if offer is None:
        return gettext("None of our plans includes this. Write to us, and we will see what we can do.")
    names = {"plan": offer.plan.display_name, "count": text.number(offer.units)}
    if offer.addon:
        names |= {"addon": offer.addon.display_name}
        return gettext("You can add %(addon)s to %(plan)s.") % names
    if offer.kind == "units":
        names |= {"units": refusal.units_plural or refusal.name}
        return gettext("You can have %(plan)s with %(count)s %(units)s.") % names
    grant = grant_of(offer.plan, refusal.feature_id)
    what = entitlement_text(grant) if grant else ""
    if grant is None or what == grant.feature.display_name:
        return gettext("%(plan)s includes it.") % names
    return gettext("%(plan)s includes: %(what)s.") % (names | {"what": what})


def action_label(offer: Offer | None, *, has_plan: bool) -> str:
    """What the button says: where it is the paywall's own, in the host's words if it gave any."""
    if offer is None or offer.kind == "contact":
        return wording.say("plan_contact")
    if offer.addon:
        return gettext("Add %(addon)s") % {"addon": offer.addon.display_name}
    if offer.kind == "units" and has_plan:
        return gettext("Change to %(count)s") % {"count": text.number(offer.units)}
    if offer.plan.pricing_type == "FREE" and not has_plan:
        return wording.say("plan_start_free")
    return wording.say("plan_upgrade" if has_plan else "plan_choose", plan=offer.plan.display_name)
