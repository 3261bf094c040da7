"""Invoices, as Stripe told."""

from __future__ import annotations

from django.contrib import admin
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from billing.admin import links, words
from billing.admin.base import ReadOnlyAdmin
from billing.models import Invoice
from billing.money import Money


@admin.register(Invoice)
class InvoiceAdmin(ReadOnlyAdmin):
    """The list begins with the newest."""

    list_display = ("__str__", "customer_link", "subscription_link", "status", "total", "remaining", "issued")
    list_filter = ("status",)
    list_select_related = ("customer", "subscription")
    ordering = ("-pk",)
    sortable_by = ()
    search_by_text = ("stripe_id",)
    search_by_uuid = ("customer_id",)
    search_help_text = _("Stripe id (in_…), customer id, cus_…, or beginning of the e-mail address")
    fields = (
        *("number", "stripe_link", "customer", "subscription", "status", "total", "amount_due", "remaining"),
        *("billing_reason", "attempt_count", "issued_at", "hosted_invoice_url", "invoice_pdf", "last_synced"),
    )

    @admin.display(description=_("customer"))
    def customer_link(self, invoice: Invoice) -> SafeString | str:
        return links.to_record(invoice.customer)

    @admin.display(description=_("subscription"))
    def subscription_link(self, invoice: Invoice) -> SafeString | str:
        return links.to_record(invoice.subscription)

    @admin.display(description=_("Stripe"))
    def stripe_link(self, invoice: Invoice) -> SafeString | str:
        return links.to_stripe(invoice.stripe_id)

    @admin.display(description=_("total"))
    def total(self, invoice: Invoice) -> str:
        return words.money(invoice.total)

    @admin.display(description=_("amount due"))
    def amount_due(self, invoice: Invoice) -> str:
        return words.money(Money(invoice.amount_due_minor, invoice.currency))

    @admin.display(description=_("still to pay"))
    def remaining(self, invoice: Invoice) -> str:
        return words.money(invoice.amount_remaining)

    @admin.display(description=_("issued"))
    def issued(self, invoice: Invoice) -> str:
        return words.moment(invoice.issued_at)

    @admin.display(description=_("last synced"))
    def last_synced(self, invoice: Invoice) -> str:
        return words.moment(invoice.mirrored_at)
