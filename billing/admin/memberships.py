"""Members of a customer, on its page."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest

from billing.admin.base import ReadOnlyInline
from billing.models import Membership


class MembershipInline(ReadOnlyInline):
    """Who may act for the customer."""

    model = Membership
    fields = ("user", "role", "created_at")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).select_related("user", "customer")
