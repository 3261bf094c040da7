"""Actions of staff: asked first on a page of their own, carried out and written into the admin's log together."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

from django.contrib import messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.admin.models import CHANGE, LogEntry
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.functional import Promise
from django.utils.translation import gettext as _

if TYPE_CHECKING:
    from billing.admin.base import ReadOnlyAdmin

MOST_AT_ONCE = 200
CONFIRMED = "confirmed"


@dataclass(frozen=True, slots=True)
class Deed:
    """What an action does: `run` gets the picked rows and answers how many it took on."""

    name: str
    title: str | Promise
    explanation: str | Promise
    run: Callable[[QuerySet[Any]], int]
    logged_as: str


def ask_then_do(
    model_admin: ReadOnlyAdmin, request: HttpRequest, picked: QuerySet[Any], deed: Deed
) -> HttpResponse | None:
    """The question, or, once it was answered, the deed; None leads back to the list."""
    # The list's own query (sorted, joined, without the payload) is not what the deed should run on.
    keys = list(picked.order_by().values_list("pk", flat=True)[: MOST_AT_ONCE + 1])
    if len(keys) > MOST_AT_ONCE:
        text = _("Please pick at most %(count)s at a time; for more there are management commands.")
        model_admin.message_user(request, text % {"count": MOST_AT_ONCE}, messages.WARNING)
        return None
    rows = model_admin.model._default_manager.filter(pk__in=keys)
    if request.POST.get(CONFIRMED) != "yes":
        return _question(model_admin, request, rows, deed)
    with transaction.atomic():
        LogEntry.objects.log_actions(cast("int", request.user.pk), rows, CHANGE, change_message=deed.logged_as)
        count = deed.run(rows)
    text = _("%(title)s: %(count)s of %(picked)s under way.")
    values = {"title": deed.title, "count": count, "picked": len(keys)}
    model_admin.message_user(request, text % values, messages.SUCCESS)
    return None


def _question(model_admin: ReadOnlyAdmin, request: HttpRequest, rows: QuerySet[Any], deed: Deed) -> HttpResponse:
    context = {
        **model_admin.admin_site.each_context(request),
        "title": deed.title,
        "explanation": deed.explanation,
        "rows": list(rows),
        "opts": model_admin.model._meta,
        "action": deed.name,
        "action_checkbox_name": ACTION_CHECKBOX_NAME,
        "confirmed": CONFIRMED,
        "media": model_admin.media,
    }
    return TemplateResponse(request, "admin/billing/confirm_action.html", context)
