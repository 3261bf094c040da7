"""E-mails to customers: what went out, what is due, what failed."""

from __future__ import annotations

from django.contrib import admin
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from billing.admin import links, words
from billing.admin.base import ReadOnlyAdmin
from billing.models import OutgoingEmail


@admin.register(OutgoingEmail)
class OutgoingEmailAdmin(ReadOnlyAdmin):
    """The list begins with the newest."""

    list_display = ("kind", "state", "customer_link", "recipient", "subject", "sent", "last_error")
    list_filter = ("kind", "state")
    list_select_related = ("customer",)
    ordering = ("-pk",)
    sortable_by = ()
    search_by_text = ("reference",)
    search_by_uuid = ("customer_id",)
    search_help_text = _("Beginning of the reference, customer id, cus_…, or beginning of the e-mail address")
    fields = (
        *("kind", "state", "customer", "reference", "checkout", "subscription", "recipient", "subject"),
        *("created_at", "due_at", "attempts", "last_error", "sent_at"),
    )

    @admin.display(description=_("customer"))
    def customer_link(self, email: OutgoingEmail) -> SafeString | str:
        return links.to_record(email.customer)

    @admin.display(description=_("sent"))
    def sent(self, email: OutgoingEmail) -> str:
        return words.moment(email.sent_at)
