"""The webhook secrets: present, of the right kind, and a message signed with each of them passes."""

from __future__ import annotations

import hmac
from hashlib import sha256

from billing.errors import WebhookError
from billing.gateways.stigg import signature as stigg_signature
from billing.gateways.stripe import signature as stripe_signature
from billing.models import WebhookEvent
from billing.services.doctor.context import Context
from billing.services.doctor.finding import Finding, fault, ok, warning

BODY = b'{"id":"evt_doctor","object":"event"}'


def check_stripe(context: Context) -> Finding:
    """Signs an event as Stripe does and verifies it as the endpoint does."""
    name, secrets = "Stripe webhook secret", context.options.stripe_webhook_secrets
    fix = (
        "Set STRIPE_WEBHOOK_SECRETS to the endpoint's signing secret (whsec_…; Stripe's dashboard, Developers → "
        f"Webhooks); without it {context.stripe_hook_path} answers 404."
    )
    if not secrets:
        return fault(name, "STRIPE_WEBHOOK_SECRETS is empty", fix)
    timestamp = str(int(context.now.timestamp()))
    for secret in secrets:
        signed = hmac.new(secret.encode(), timestamp.encode() + b"." + BODY, sha256).hexdigest()
        headers = {stripe_signature.HEADER: f"t={timestamp},v1={signed}"}
        try:
            stripe_signature.verify(BODY, headers, secrets, context.now)
        except WebhookError as error:
            return fault(name, f"an event signed with it is refused ({error})", fix)
    if not all(secret.startswith("whsec_") for secret in secrets):
        return warning(name, "a secret that does not begin with whsec_ is none of Stripe's", fix)
    return ok(name, _said(context, len(secrets), "stripe"))


def check_stigg(context: Context) -> Finding:
    """Stigg has no API to list its webhooks, so whether it has our address shows when something arrives."""
    name, secrets = "Stigg webhook secret", context.options.stigg_webhook_secrets
    fix = (
        "Set STIGG_WEBHOOK_SECRETS to the secret of your webhook in Stigg's app (Integrations → Webhooks), and have "
        "it post to /hooks/stigg/; without it that address answers 404."
    )
    if not secrets:
        return fault(name, "STIGG_WEBHOOK_SECRETS is empty", fix)
    for secret in secrets:
        try:
            stigg_signature.verify({stigg_signature.HEADER: secret}, secrets)
        except WebhookError as error:
            return fault(name, f"a message with it is refused ({error})", fix)
    return ok(name, _said(context, len(secrets), "stigg"))


def _said(context: Context, count: int, source: str) -> str:
    known = "an event signed with it passes" if count == 1 else f"{count} are live, events signed with each pass"
    if not context.database_works:
        return known
    last = WebhookEvent.objects.filter(source=source).order_by("-pk").values_list("received_at", flat=True).first()
    arrived = f"last one arrived {last:%Y-%m-%d %H:%M} UTC" if last else "none has arrived yet"
    return f"{known}; {arrived}"
