"""Addresses of the site."""

from django.conf import settings
from django.contrib import admin
from django.urls import include, path

from checkout_site import health

admin.site.site_header = admin.site.site_title = settings.SITE_NAME

urlpatterns = [
    path("", include("billing.urls")),
    path("hooks/", include("billing.hooks_urls")),
    path("accounts/", include("allauth.urls")),
    path("admin/", admin.site.urls),
    path("healthz/live", health.live),
    path("healthz/ready", health.ready),
]
