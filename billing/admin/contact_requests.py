"""Contact requests: who wants to talk about a plan, and whether somebody has answered."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from billing.admin import links, words
from billing.admin.actions import Deed, ask_then_do
from billing.admin.base import ReadOnlyAdmin
from billing.models import ContactRequest
from billing.services import contact


class HandledFilter(admin.SimpleListFilter):
    """Whether staff have answered."""

    title = _("handled")
    parameter_name = "handled"

    def lookups(self, _request: HttpRequest, _model_admin: Any) -> Iterable[tuple[str, Any]]:
        return (("no", _("waiting for an answer")), ("yes", _("handled")))

    def queryset(self, _request: HttpRequest, queryset: Any) -> Any:
        conditions = {"no": Q(handled_at=None), "yes": Q(handled_at__isnull=False)}
        return queryset.filter(conditions.get(self.value() or "", Q()))


@admin.register(ContactRequest)
class ContactRequestAdmin(ReadOnlyAdmin):
    """The list begins with the newest."""

    list_display = ("name", "email", "plan_name", "seats", "customer_link", "asked", "handled")
    list_filter = (HandledFilter,)
    list_select_related = ("customer",)
    ordering = ("-created_at",)
    sortable_by = ()
    search_by_text = ("email",)
    search_by_uuid = ("customer_id",)
    search_help_text = _("Beginning of the e-mail address, or customer id")
    customer_field = ""
    actions = ("mark_handled",)
    fields = (
        *("name", "email", "plan_name", "plan_id", "seats", "message"),
        *("customer", "language", "created_at", "handled_at"),
    )

    @admin.display(description=_("customer"))
    def customer_link(self, request: ContactRequest) -> SafeString | str:
        return links.to_record(request.customer)

    @admin.display(description=_("asked"))
    def asked(self, request: ContactRequest) -> str:
        return words.moment(request.created_at)

    @admin.display(description=_("handled"))
    def handled(self, request: ContactRequest) -> str:
        return words.moment(request.handled_at)

    @admin.action(description=_("Mark as handled"), permissions=["handle"])
    def mark_handled(self, request: HttpRequest, queryset: QuerySet[ContactRequest]) -> HttpResponse | None:
        deed = Deed(
            name="mark_handled",
            title=_("Mark as handled"),
            explanation=_("These people have their answer. The requests stay, and leave the list of those that wait."),
            run=contact.mark_handled,
            logged_as="Marked as handled.",
        )
        return ask_then_do(self, request, queryset, deed)

    def has_handle_permission(self, request: HttpRequest) -> bool:
        """Who may change a contact request may say that it is handled."""
        return request.user.has_perm("billing.change_contactrequest")
