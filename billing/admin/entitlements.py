"""Entitlements of a customer, on its page."""

from __future__ import annotations

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from billing.admin import links, words
from billing.admin.base import ReadOnlyInline
from billing.models import Entitlement


class EntitlementInline(ReadOnlyInline):
    """What the customer may use, or why not."""

    model = Entitlement
    fields = ("display_name", "feature_id", "access", "limit", "usage", "resets_at", "last_synced")

    @admin.display(description=_("access"))
    def access(self, entitlement: Entitlement) -> str:
        if entitlement.is_granted:
            return f"✓ {_('granted')}"
        return f"✗ {entitlement.denied_reason or _('denied')}"

    @admin.display(description=_("limit"))
    def limit(self, entitlement: Entitlement) -> str:
        if entitlement.has_unlimited_usage:
            return str(_("unlimited"))
        if entitlement.enum_values:
            return ", ".join(str(value) for value in entitlement.enum_values)
        if entitlement.usage_limit is None:
            return links.NOTHING
        soft = f" ({_('soft')})" if entitlement.has_soft_limit else ""
        return f"{entitlement.usage_limit.normalize():f}{soft}"

    @admin.display(description=_("usage"))
    def usage(self, entitlement: Entitlement) -> str:
        if entitlement.current_usage is None:
            return links.NOTHING
        percent = f" ({entitlement.used_percent} %)" if entitlement.used_percent is not None else ""
        return f"{entitlement.current_usage.normalize():f}{percent}"

    @admin.display(description=_("resets"))
    def resets_at(self, entitlement: Entitlement) -> str:
        return words.moment(entitlement.usage_period_ends_at)

    @admin.display(description=_("last synced"))
    def last_synced(self, entitlement: Entitlement) -> str:
        return words.moment(entitlement.mirrored_at)
