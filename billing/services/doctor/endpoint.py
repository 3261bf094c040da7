"""Our webhook endpoint at Stripe: registered, switched on, of our API version, and with the events that we handle."""

from __future__ import annotations

from urllib.parse import urlsplit

from django.http.request import validate_host

from billing.errors import BillingError, GatewayUnauthorized
from billing.gateways.stripe.client import API_VERSION
from billing.gateways.stripe.types import WebhookEndpointSnapshot
from billing.services.doctor.context import Context
from billing.services.doctor.finding import Finding, fault, lacks_permission, not_checked, ok, warning

NAME = "Stripe webhook endpoint"
WHERE = "Stripe's dashboard, Developers → Webhooks"


def check(context: Context) -> Finding:
    """Among all endpoints of the account, those that end in our path; one good one is enough."""
    if not context.stripe_works:
        return not_checked(NAME, "the Stripe key has to work first")
    try:
        listed = context.stripe.fetch_webhook_endpoints()
    except GatewayUnauthorized as error:
        if lacks_permission(error):
            return warning(
                NAME,
                "the restricted key may not list webhook endpoints",
                "Allow it to read “Webhook Endpoints”, or look yourself: " + _wanted(context),
            )
        return not_checked(NAME, str(error))
    except BillingError as error:
        return not_checked(NAME, str(error))
    path = context.stripe_hook_path
    same_path = [endpoint for endpoint in listed if urlsplit(endpoint.url).path == path]
    ours = [endpoint for endpoint in same_path if _is_ours(endpoint, context)]
    if not ours:
        elsewhere = sorted({urlsplit(endpoint.url).netloc for endpoint in same_path})
        told = f"; there are some for {', '.join(elsewhere)}" if elsewhere else ""
        return fault(
            NAME,
            f"none of the account's {len(listed)} endpoints posts to this site's {path}{told}",
            f"Register it ({WHERE}): {_wanted(context)} While developing, `stripe listen --forward-to` does instead.",
        )
    findings = [_judge(endpoint, context) for endpoint in ours]
    return next((finding for finding in findings if not finding.fix), findings[0])


def _is_ours(endpoint: WebhookEndpointSnapshot, context: Context) -> bool:
    host = urlsplit(endpoint.url).hostname or ""
    return not context.allowed_hosts or validate_host(f"[{host}]" if ":" in host else host, context.allowed_hosts)


def _judge(endpoint: WebhookEndpointSnapshot, context: Context) -> Finding:
    if endpoint.status != "enabled":
        return fault(NAME, f"{endpoint.url} is {endpoint.status}", f"Enable it ({WHERE}).")
    missing = sorted(set(context.needed_stripe_events) - set(endpoint.enabled_events))
    if missing and "*" not in endpoint.enabled_events:
        return fault(
            NAME, f"{endpoint.url} is not sent {', '.join(missing)}", f"Add these events to the endpoint ({WHERE})."
        )
    if endpoint.api_version != API_VERSION:
        return fault(
            NAME,
            f"{endpoint.url} speaks API version {endpoint.api_version or '(the default of the account)'}, "
            f"this app {API_VERSION}",
            f"An endpoint keeps its version: register it anew with {API_VERSION} ({WHERE}), put its secret beside the "
            "old one in STRIPE_WEBHOOK_SECRETS, then delete the old endpoint.",
        )
    return ok(NAME, f"{endpoint.url} is sent what this app needs")


def _wanted(context: Context) -> str:
    events = ", ".join(sorted(context.needed_stripe_events))
    return f"https://<your host>{context.stripe_hook_path}, API version {API_VERSION}, events {events}."
