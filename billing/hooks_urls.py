"""Addresses that Stigg and Stripe post to."""

from django.urls import path

from billing.views.hooks import receive

urlpatterns = [
    path("stigg/", receive, {"source": "stigg"}, name="hooks_stigg"),
    path("stripe/", receive, {"source": "stripe"}, name="hooks_stripe"),
]
