"""Payment methods: brand, last four digits, expiry; there is no more of a card here."""

from __future__ import annotations

from django.contrib import admin
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from billing.admin import links, words
from billing.admin.base import ReadOnlyAdmin
from billing.models import PaymentMethod


@admin.register(PaymentMethod)
class PaymentMethodAdmin(ReadOnlyAdmin):
    """The list begins with the newest."""

    list_display = ("__str__", "customer_link", "is_default", "expiry", "detached_at", "last_synced")
    list_filter = ("is_default", ("detached_at", admin.EmptyFieldListFilter))
    list_select_related = ("customer",)
    ordering = ("-pk",)
    sortable_by = ()
    search_by_text = ("stripe_id",)
    search_by_uuid = ("customer_id",)
    search_help_text = _("Stripe id (pm_…), customer id, cus_…, or beginning of the e-mail address")
    fields = (
        *("customer", "stripe_id", "type", "brand", "last4", "expiry", "is_default"),
        *("detached_at", "last_synced", "created_at"),
    )

    @admin.display(description=_("customer"))
    def customer_link(self, method: PaymentMethod) -> SafeString | str:
        return links.to_record(method.customer)

    @admin.display(description=_("expires"))
    def expiry(self, method: PaymentMethod) -> str:
        if method.exp_month is None or method.exp_year is None:
            return links.NOTHING
        now = timezone.now()
        mark = "✗ " if method.is_expired(now) else "! " if method.is_expiring(now) else ""
        return f"{mark}{method.exp_month:02}/{method.exp_year}"

    @admin.display(description=_("last synced"))
    def last_synced(self, method: PaymentMethod) -> str:
        return words.moment(method.mirrored_at)
