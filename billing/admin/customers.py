"""Customers, with members, subscriptions and entitlements on their page, and links to everything else of theirs."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from billing.admin import links, words
from billing.admin.actions import Deed, ask_then_do
from billing.admin.base import ReadOnlyAdmin
from billing.admin.entitlements import EntitlementInline
from billing.admin.filters import ProvisionFilter, SyncFilter
from billing.admin.memberships import MembershipInline
from billing.admin.subscriptions import SubscriptionInline
from billing.models import CardAttempt, CheckoutSession, Customer, Invoice, PaymentMethod, Subscription, WebhookEvent
from billing.services import customers

NAMES = ("name", "email", "kind", "country", "created_at")
PROVISIONING = ("provisioned_at", "provision_due_at", "provision_attempts", "provision_error")
COPY = ("mirrored_at", "entitlements_denied_reason", "refresh_due_at", "refresh_attempts", "refresh_error")


@admin.register(Customer)
class CustomerAdmin(ReadOnlyAdmin):
    """The list begins with the newest."""

    list_display = ("name", "email", "at_stigg", "at_stripe", "last_synced", "created_at")
    list_filter = (ProvisionFilter, SyncFilter, "kind")
    ordering = ("-created_at",)
    sortable_by = ("email",)
    search_by_text = ("email", "stripe_id")
    search_by_uuid = ("pk",)
    customer_field = "pk"
    search_help_text = _("Beginning of the e-mail address, customer id, or Stripe id (cus_…)")
    actions = ("sync_from_stigg",)
    inlines = (MembershipInline, SubscriptionInline, EntitlementInline)
    fieldsets = (
        (None, {"fields": NAMES}),
        (_("Records"), {"fields": ("records", "events")}),
        (_("At Stigg and Stripe"), {"fields": ("stigg_link", "stripe_link", "default_payment_method_id")}),
        (_("Provisioning"), {"fields": PROVISIONING}),
        (_("Our copy"), {"fields": COPY}),
    )

    @admin.display(description=_("at Stigg"))
    def at_stigg(self, customer: Customer) -> str:
        if customer.is_provisioned:
            return f"✓ {_('known')}"
        return f"✗ {_('tries fail')}" if customer.provision_attempts else f"… {_('not yet')}"

    @admin.display(description=_("Stripe id"))
    def at_stripe(self, customer: Customer) -> str:
        return customer.stripe_id or links.NOTHING

    @admin.display(description=_("last synced"))
    def last_synced(self, customer: Customer) -> str:
        return words.moment(customer.mirrored_at)

    @admin.display(description=_("Stigg"))
    def stigg_link(self, customer: Customer) -> SafeString | str:
        return links.to_stigg("customers", customer.stigg_id)

    @admin.display(description=_("Stripe"))
    def stripe_link(self, customer: Customer) -> SafeString | str:
        return links.to_stripe(customer.stripe_id)

    @admin.display(description=_("records"))
    def records(self, customer: Customer) -> SafeString:
        own = {"customer__id__exact": customer.pk}
        return links.joined(
            links.to_list(Subscription, _("subscriptions"), **own),
            links.to_list(CheckoutSession, _("checkouts"), **own),
            links.to_list(Invoice, _("invoices"), **own),
            links.to_list(PaymentMethod, _("payment methods"), **own),
            links.to_list(CardAttempt, _("card attempts"), **own),
        )

    @admin.display(description=_("webhook events"))
    def events(self, customer: Customer) -> SafeString:
        refs = ",".join(filter(None, [customer.stigg_id, customer.stripe_id]))
        return links.to_list(WebhookEvent, _("events about this customer"), customer_ref__in=refs)

    @admin.action(description=_("Sync from Stigg"), permissions=["sync"])
    def sync_from_stigg(self, request: HttpRequest, queryset: QuerySet[Customer]) -> HttpResponse | None:
        deed = Deed(
            name="sync_from_stigg",
            title=_("Sync from Stigg"),
            explanation=_(
                "A worker will read these customers, their subscriptions, entitlements, cards and invoices again from "
                "Stigg and Stripe. Customers that Stigg does not know yet are left to their own next try."
            ),
            run=_refresh_soon,
            logged_as="Sync from Stigg asked for.",
        )
        return ask_then_do(self, request, queryset, deed)

    def has_sync_permission(self, request: HttpRequest) -> bool:
        """Reading may be for support, starting work is for those who may change customers."""
        return request.user.has_perm("billing.change_customer")


def _refresh_soon(rows: QuerySet[Any]) -> int:
    keys = list(rows.filter(provisioned_at__isnull=False).values_list("pk", flat=True))
    for key in keys:
        customers.refresh_soon(key)
    return len(keys)
