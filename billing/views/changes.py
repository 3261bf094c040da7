"""Taking back a change that has not happened yet, or a trial: a page that asks, and the POST that does it."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from billing.models import Subscription
from billing.services import scheduled_changes as service
from billing.services import text
from billing.views.access import own_subscription_of


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@login_required
def cancel_scheduled_change(request: HttpRequest, stigg_id: str) -> HttpResponse:
    """Drop a change that waits for its day or its payment."""
    subscription = own_subscription_of(request, stigg_id)
    if request.method == "POST":
        if service.cancel(subscription):
            messages.success(request, gettext("The change is canceled. Everything stays as it is."))
        else:
            messages.info(request, gettext("There is no change to cancel."))
        return redirect("billing:account")
    waiting = service.waiting_for(subscription)
    if waiting is None:
        messages.info(request, gettext("There is no change to cancel."))
        return redirect("billing:account")
    question = {
        "title": gettext("Cancel the change?"),
        "text": waiting.sentence,
        "yes": gettext("Yes, cancel the change"),
        "no": gettext("Keep the change"),
    }
    return render(request, "billing/confirm.html", {"question": question})


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@login_required
def cancel_trial(request: HttpRequest, stigg_id: str) -> HttpResponse:
    """End a trial at once."""
    subscription = own_subscription_of(request, stigg_id)
    if request.method == "POST":
        if service.cancel_trial(subscription):
            messages.success(request, gettext("Your trial is over. Nothing was charged."))
        else:
            messages.info(request, gettext("There is no trial to cancel."))
        return redirect("billing:account")
    if subscription.status != Subscription.Status.IN_TRIAL or subscription.trial_ends_at is None:
        messages.info(request, gettext("There is no trial to cancel."))
        return redirect("billing:account")
    words = {"plan": subscription.plan_name, "date": text.date(subscription.trial_ends_at)}
    question = {
        "title": gettext("Cancel your trial?"),
        "text": gettext(
            "Without canceling you can go on trying %(plan)s until %(date)s. "
            "If you cancel, it ends now, and there is no second trial."
        )
        % words,
        "yes": gettext("Yes, cancel the trial"),
        "no": gettext("Go on trying"),
    }
    return render(request, "billing/confirm.html", {"question": question})
