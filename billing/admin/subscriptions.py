"""Subscriptions with the history of their changes; and the short table of them on a customer's page."""

from __future__ import annotations

from django.contrib import admin
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from billing.admin import links, words
from billing.admin.base import ReadOnlyAdmin, ReadOnlyInline
from billing.admin.filters import DeadlineFilter, PlanFilter
from billing.models import CheckoutSession, Invoice, Subscription, SubscriptionChange, WebhookEvent

WHAT = (
    "customer",
    "plan",
    "product_id",
    "pricing_type",
    "billing_period",
    "quantity",
    "add_ons",
    "price",
)
STATE = ("status", "payment", "deadline", "latest_invoice", "latest_invoice_error")
DATES = (
    "started_at",
    "current_period_started_at",
    "current_period_ends_at",
    "trial_ends_at",
    "cancellation_at",
    "cancel_reason",
    "ends_at",
    "scheduled",
)


class SubscriptionColumns:
    """Columns that the list, the page and the customer's page have in common."""

    @admin.display(description=_("payment"), ordering="payment_collection")
    def payment(self, subscription: Subscription) -> str:
        return words.payment_state(subscription)

    @admin.display(description=_("pay until"), ordering="payment_deadline_at")
    def deadline(self, subscription: Subscription) -> str:
        return words.deadline(subscription.payment_deadline_at)

    @admin.display(description=_("last synced"), ordering="mirrored_at")
    def last_synced(self, subscription: Subscription) -> str:
        return words.moment(subscription.mirrored_at)

    @admin.display(description=_("price per period"))
    def price(self, subscription: Subscription) -> str:
        return words.money(subscription.total)


class SubscriptionInline(SubscriptionColumns, ReadOnlyInline):
    """All subscriptions of one customer: the over ones too, as they are never deleted."""

    model = Subscription
    fields = ("plan_name", "status", "payment", "deadline", "price", "current_period_ends_at", "last_synced")
    show_change_link = True


class SubscriptionChangeInline(ReadOnlyInline):
    """What became of the subscription, and what made us look."""

    model = SubscriptionChange
    verbose_name_plural = _("history")
    fields = ("happened_at", "field", "old_value", "new_value", "cause")


@admin.register(Subscription)
class SubscriptionAdmin(SubscriptionColumns, ReadOnlyAdmin):
    """The list begins with the newest."""

    list_display = ("customer_link", "plan", "status", "payment", "deadline", "last_synced")
    list_display_links = ("plan",)
    list_filter = ("status", "payment_collection", DeadlineFilter, PlanFilter)
    list_select_related = ("customer",)
    ordering = ("-pk",)
    sortable_by = ("deadline", "status")
    search_by_text = ("stigg_id", "stripe_id")
    search_by_uuid = ("customer_id",)
    search_help_text = _("Subscription id (Stigg's or sub_…), customer id, cus_…, or beginning of the e-mail address")
    inlines = (SubscriptionChangeInline,)
    fieldsets = (
        (None, {"fields": WHAT}),
        (_("State"), {"fields": STATE}),
        (_("Dates"), {"fields": DATES}),
        (_("Records"), {"fields": ("records", "stigg_link", "stripe_link")}),
        (_("Our copy"), {"fields": ("last_synced", "created_at")}),
    )

    @admin.display(description=_("plan"))
    def plan(self, subscription: Subscription) -> str:
        period = f" ({subscription.billing_period.lower()})" if subscription.billing_period else ""
        return f"{subscription.plan_name}{period}"

    @admin.display(description=_("customer"))
    def customer_link(self, subscription: Subscription) -> SafeString | str:
        return links.to_record(subscription.customer)

    @admin.display(description=_("add-ons"))
    def add_ons(self, subscription: Subscription) -> str:
        named = (f"{row.get('display_name')} × {row.get('quantity')}" for row in subscription.addons)
        return ", ".join(named) or links.NOTHING

    @admin.display(description=_("scheduled changes"))
    def scheduled(self, subscription: Subscription) -> SafeString | str:
        return words.pretty_json(subscription.scheduled_updates) if subscription.scheduled_updates else links.NOTHING

    @admin.display(description=_("latest invoice"))
    def latest_invoice(self, subscription: Subscription) -> SafeString | str:
        return links.to_stripe(subscription.latest_invoice_id)

    @admin.display(description=_("Stigg"))
    def stigg_link(self, subscription: Subscription) -> SafeString | str:
        return links.to_stigg("subscriptions", subscription.stigg_id)

    @admin.display(description=_("Stripe"))
    def stripe_link(self, subscription: Subscription) -> SafeString | str:
        return links.to_stripe(subscription.stripe_id)

    @admin.display(description=_("records"))
    def records(self, subscription: Subscription) -> SafeString:
        own = {"subscription__id__exact": subscription.pk}
        customer = subscription.customer
        refs = ",".join(filter(None, [customer.stigg_id, customer.stripe_id]))
        return links.joined(
            links.to_record(customer),
            links.to_list(CheckoutSession, _("checkouts"), **own),
            links.to_list(Invoice, _("invoices"), **own),
            links.to_list(WebhookEvent, _("events about the customer"), customer_ref__in=refs),
        )
