"""Checkouts: what was chosen, how far it came, and what stood in the way. Never a client secret: none is stored."""

from __future__ import annotations

from django.contrib import admin
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from billing.admin import links, words
from billing.admin.base import ReadOnlyAdmin
from billing.models import CheckoutSession, WebhookEvent

CHOICE = ("plan_name", "plan_id", "billing_period", "quantities", "addons", "coupon_id", "needs_card", "due_now")
WAY = (
    "setup_intent",
    "setup_intent_number",
    "payment_method_id",
    "provision_started_at",
    "provisioned_at",
    "invoice",
    "invoice_attempted_with",
    "paid_at",
)
TROUBLE = ("failure_code", "failure_message", "last_error", "attempts", "rejections")
DATES = ("created_at", "updated_at", "due_at", "deadline", "closed_at", "leased_until")


@admin.register(CheckoutSession)
class CheckoutSessionAdmin(ReadOnlyAdmin):
    """The list begins with the newest."""

    list_display = ("choice", "customer_link", "purpose", "progress", "due_now", "deadline", "created_at")
    list_filter = ("state", "purpose")
    list_select_related = ("customer",)
    ordering = ("-created_at",)
    sortable_by = ()
    search_by_text = ("setup_intent_id",)
    search_by_uuid = ("pk", "customer_id")
    search_help_text = _("Checkout id, SetupIntent (seti_…), customer id, cus_…, or beginning of the e-mail address")
    fieldsets = (
        (None, {"fields": ("customer", "user", "purpose", "progress", "subscription", "subscription_ref", "records")}),
        (_("Choice"), {"fields": CHOICE}),
        (_("Way"), {"fields": WAY}),
        (_("Trouble"), {"fields": TROUBLE}),
        (_("Dates"), {"fields": DATES}),
    )

    @admin.display(description=_("choice"))
    def choice(self, checkout: CheckoutSession) -> str:
        return " ".join(filter(None, [checkout.plan_name, checkout.billing_period.lower()]))

    @admin.display(description=_("customer"))
    def customer_link(self, checkout: CheckoutSession) -> SafeString | str:
        return links.to_record(checkout.customer)

    @admin.display(description=_("state"))
    def progress(self, checkout: CheckoutSession) -> str:
        return words.checkout_state(checkout)

    @admin.display(description=_("due now"))
    def due_now(self, checkout: CheckoutSession) -> str:
        return words.money(checkout.due_now)

    @admin.display(description=_("time until"))
    def deadline(self, checkout: CheckoutSession) -> str:
        return words.deadline(checkout.expires_at) if checkout.is_live else links.NOTHING

    @admin.display(description=_("SetupIntent"))
    def setup_intent(self, checkout: CheckoutSession) -> SafeString | str:
        return links.to_stripe(checkout.setup_intent_id)

    @admin.display(description=_("invoice"))
    def invoice(self, checkout: CheckoutSession) -> SafeString | str:
        return links.to_stripe(checkout.invoice_id)

    @admin.display(description=_("records"))
    def records(self, checkout: CheckoutSession) -> SafeString:
        customer = checkout.customer
        refs = ",".join(filter(None, [customer.stigg_id, customer.stripe_id]))
        return links.joined(
            links.to_record(customer),
            links.to_record(checkout.subscription),
            links.to_list(WebhookEvent, _("events about the customer"), customer_ref__in=refs),
        )
