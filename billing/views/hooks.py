"""/hooks/: limit the size, verify the sender, store once, answer. The work is done later."""

from __future__ import annotations

import structlog
from django.db import DatabaseError, InterfaceError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.request import UnreadablePostError
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from billing import conf
from billing.errors import PayloadInvalid, PayloadTooLarge, WebhookError
from billing.gateways.stigg import signature as stigg_signature
from billing.gateways.stripe import signature as stripe_signature
from billing.webhooks import envelope, inbox

log = structlog.get_logger(__name__)

RETRY_AFTER_SECONDS = 5


@csrf_exempt
@require_POST
def receive(request: HttpRequest, source: str) -> HttpResponse:
    """2xx only once the message is durable. Refusals do no work and store nothing."""
    try:
        body = _verified(source, request)
        message = envelope.parse(source, body)
        created = inbox.store(
            source=source,
            external_id=message.external_id,
            event_type=message.event_type,
            payload=message.payload,
            customer_ref=message.customer_ref,
            occurred_at=message.occurred_at,
        )
    except WebhookError as error:
        log.info("webhook.refused", source=source, code=error.code, error=str(error))
        return JsonResponse({"error": error.code}, status=error.http_status)
    except (DatabaseError, InterfaceError) as error:
        log.error("webhook.not_stored", source=source, error=str(error))
        return JsonResponse(
            {"error": "database_unavailable"}, status=503, headers={"Retry-After": str(RETRY_AFTER_SECONDS)}
        )
    return JsonResponse({"received": True, "duplicate": not created})


def _read(request: HttpRequest) -> bytes:
    """The body, never more of it than an event can have."""
    limit = conf.current().hooks_max_body_bytes
    declared = request.META.get("CONTENT_LENGTH") or "0"
    if declared.isdecimal() and int(declared) > limit:
        raise PayloadTooLarge(f"{declared} bytes declared")
    try:
        body: bytes = request.read(limit + 1)
    except UnreadablePostError as error:
        raise PayloadInvalid("the body broke off") from error
    if len(body) > limit:
        raise PayloadTooLarge(f"more than {limit} bytes")
    return body


def _verified(source: str, request: HttpRequest) -> bytes:
    """The body, once the sender has proved itself; Stigg's secret stands in the head, so it is asked for first."""
    options = conf.current()
    if source == "stigg":
        sent = request.META.get("HTTP_STIGG_WEBHOOKS_SECRET", "")
        stigg_signature.verify({stigg_signature.HEADER: sent}, options.stigg_webhook_secrets)
        return _read(request)
    body = _read(request)
    sent = request.META.get("HTTP_STRIPE_SIGNATURE", "")
    secrets = options.stripe_webhook_secrets
    stripe_signature.verify(body, {stripe_signature.HEADER: sent}, secrets, timezone.now())
    return body
