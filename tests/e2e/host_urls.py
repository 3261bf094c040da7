"""A page of a host application with nothing of ours but htmx; what its buttons ask for is behind the guard."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.template import RequestContext, Template
from django.urls import include, path

from billing.views.gate import requires_entitlement

PAGE = Template(
    """<!DOCTYPE html>{% load django_htmx %}<html lang="en"><head><meta charset="utf-8"><title>Acme projects</title>
    <meta name="viewport" content="width=device-width, initial-scale=1"><meta name="color-scheme" content="light dark">
    <meta name="htmx-config" content='{"includeIndicatorStyles": false, "allowEval": false}'></head><body><main>
    <h1>Projects</h1><ul id="projects"><li>One</li><li>Two</li><li>Three</li></ul>
    <form method="post" action="/host/projects/new/" hx-post="/host/projects/new/" hx-target="#projects"
      hx-select="#made" hx-swap="outerHTML" hx-push-url="true">{% csrf_token %}<button>New project</button></form>
    <p><button hx-get="/host/sso/" hx-target="this" hx-swap="outerHTML">Set up single sign-on</button></p>
    </main>{% htmx_script %}</body></html>"""
)


def projects(request: HttpRequest) -> HttpResponse:
    return HttpResponse(PAGE.render(RequestContext(request)))


@requires_entitlement("feature-projects", requested=1)
def new_project(request: HttpRequest) -> HttpResponse:
    return HttpResponse('<ul id="made"><li>New</li></ul>')


@requires_entitlement("feature-sso")
def single_sign_on(request: HttpRequest) -> HttpResponse:
    return HttpResponse("signed on")


urlpatterns = [
    path("host/projects/", projects),
    path("host/projects/new/", new_project),
    path("host/sso/", single_sign_on),
    path("", include("checkout_site.urls")),
]
