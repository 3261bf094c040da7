"""Card attempts: what the limits against card testing count."""

from __future__ import annotations

from django.contrib import admin
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from billing.admin import links, words
from billing.admin.base import ReadOnlyAdmin
from billing.models import CardAttempt


@admin.register(CardAttempt)
class CardAttemptAdmin(ReadOnlyAdmin):
    """The list begins with the newest."""

    list_display = ("happened", "kind", "customer_link", "reference", "address")
    list_filter = ("kind",)
    list_select_related = ("customer",)
    ordering = ("-pk",)
    sortable_by = ()
    search_by_text = ("reference",)
    search_by_uuid = ("customer_id",)
    search_help_text = _("Beginning of the reference, customer id, cus_…, or beginning of the e-mail address")
    fields = ("happened_at", "kind", "customer", "reference", "address_digest")

    @admin.display(description=_("happened"))
    def happened(self, attempt: CardAttempt) -> str:
        return words.moment(attempt.happened_at)

    @admin.display(description=_("customer"))
    def customer_link(self, attempt: CardAttempt) -> SafeString | str:
        return links.to_record(attempt.customer)

    @admin.display(description=_("network address (digest)"))
    def address(self, attempt: CardAttempt) -> SafeString | str:
        digest = attempt.address_digest
        return links.to_list(CardAttempt, digest[:10], address_digest=digest) if digest else links.NOTHING
