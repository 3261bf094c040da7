"""Views of a host application behind the guard, at addresses of their own beside the site's."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.template import RequestContext, Template
from django.urls import include, path
from django.views import View

from billing.services import entitlements
from billing.views.access import customer_of
from billing.views.gate import EntitlementRequiredMixin, refuse, requires_entitlement

WORDS = Template(
    '{% load billing_gate %}{% entitlement "feature-sso" as sso %}{% if sso %}SSO on{% else %}no SSO{% endif %}; '
    '{% entitlement "feature-projects" requested=1 as projects %}{{ projects.usage }} of {{ projects.limit }}, '
    "{% if projects %}more{% else %}full{% endif %}"
)
HALF = Template(
    '{% load billing_gate %}{% entitlement "feature-projects" requested=0.5 as projects %}'
    "{{ projects.usage }} of {{ projects.limit }}: {% if projects %}yes{% else %}no{% endif %}"
)


@requires_entitlement("feature-sso")
def single_sign_on(request: HttpRequest, name: str = "") -> HttpResponse:
    return HttpResponse(f"signed on {name}".strip())


@requires_entitlement("feature-projects", requested=1)
def new_project(request: HttpRequest) -> HttpResponse:
    return HttpResponse("made")


@requires_entitlement("feature-projects", requested=lambda request: int(request.POST.get("count", "1")))
def new_projects(request: HttpRequest) -> HttpResponse:
    return HttpResponse("made")


@requires_entitlement("feature-sso")
async def single_sign_on_async(request: HttpRequest) -> HttpResponse:
    return HttpResponse("signed on")


@requires_entitlement("feature-seats", requested=1)
def new_seat(request: HttpRequest) -> HttpResponse:
    return HttpResponse("seated")


class Integration(EntitlementRequiredMixin, View):
    required_entitlement = "feature-integrations"

    def get_requested(self, request: HttpRequest) -> str:
        return request.GET.get("tool", "slack")

    def get(self, request: HttpRequest) -> HttpResponse:
        return HttpResponse("connected")


class AsyncRoles(EntitlementRequiredMixin, View):
    required_entitlement = "feature-roles"

    async def get(self, request: HttpRequest) -> HttpResponse:
        return HttpResponse("roles")


def asks_itself(request: HttpRequest) -> HttpResponse:
    decision = entitlements.check(customer_of(request), "feature-sso")
    return HttpResponse("signed on") if decision else refuse(request, decision)


def words(request: HttpRequest) -> HttpResponse:
    return HttpResponse(WORDS.render(RequestContext(request)))


def half(request: HttpRequest) -> HttpResponse:
    return HttpResponse(HALF.render(RequestContext(request)))


urlpatterns = [
    path("", include("checkout_site.urls")),
    path("host/sso/", single_sign_on),
    path("host/sso/<str:name>/", single_sign_on),
    path("host/sso-async/", single_sign_on_async),
    path("host/projects/new/", new_project),
    path("host/projects/many/", new_projects),
    path("host/seats/", new_seat),
    path("host/integrations/", Integration.as_view()),
    path("host/roles/", AsyncRoles.as_view()),
    path("host/asks/", asks_itself),
    path("host/words/", words),
    path("host/half/", half),
]
