"""From an HTTP request to a resource's handler and back: keys, parameters, idempotency, headers."""

import base64
import binascii
import hashlib
import json
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from sandbox.settings import LIVE_KEY_PREFIXES
from sandbox.stripe.call import BROWSER_PARAMS, UNSUPPORTED, Call, Operation
from sandbox.stripe.errors import StripeError, unknown_parameter, unsupported
from sandbox.stripe.events import API_VERSION, causing_request
from sandbox.stripe.expand import expanded
from sandbox.stripe.ids import random_text
from sandbox.stripe.params import Params, parse_form
from sandbox.stripe.state import Answer, Obj, drop_oldest
from sandbox.world import World

LONGEST_IDEMPOTENCY_KEY = 255
# Stripe keeps the answers of calls that were carried out, not of those refused beforehand.
# Source: https://docs.stripe.com/api/idempotent_requests
KEPT_STATUSES = {200, 402}
KEPT_ANSWERS = 10_000


async def respond(world: World, operation: Operation, request: Request) -> Response:
    """Handlers do not await, so a call is atomic."""
    body = (await request.body()).decode("utf-8", "replace")
    request_id = f"req_{random_text(14)}"
    headers = {
        "Request-Id": request_id,
        "Stripe-Version": request.headers.get("stripe-version", API_VERSION),
    }
    key = request.headers.get("idempotency-key") if request.method == "POST" else None
    if key is not None:
        headers["Idempotency-Key"] = key
    token = causing_request.set((request_id, key))
    try:
        params = Params(parse_form(request.url.query) | parse_form(body))
        publishable = _authenticate(world, operation, request, params)
        call = Call(world, params, publishable)
        status, content = _once(call, operation, request, key, headers)
    except StripeError as error:
        status, content = error.status, error.body(request_id)
    finally:
        causing_request.reset(token)
    return JSONResponse(content, status, headers)


async def not_found(request: Request) -> Response:
    """For an address that the API does not have."""
    message = f"Unrecognized request URL ({request.method}: {request.url.path})."
    error = StripeError(404, message)
    request_id = f"req_{random_text(14)}"
    headers = {"Request-Id": request_id, "Stripe-Version": API_VERSION}
    return JSONResponse(error.body(request_id), 404, headers)


def _authenticate(world: World, operation: Operation, request: Request, params: Params) -> bool:
    """True for the publishable key. Raises 401 for a missing or unknown key, 403 for the wrong kind."""
    key = _sent_key(request, params)
    if not key:
        message = (
            "You did not provide an API key. You need to provide your API key in the Authorization header, "
            "using Bearer auth (e.g. 'Authorization: Bearer YOUR_SECRET_KEY')."
        )
        raise StripeError(401, message)
    if key == world.settings.stripe_secret_key:
        return False
    if key != world.settings.stripe_publishable_key:
        shown = "a live key" if key.startswith(LIVE_KEY_PREFIXES) else f"{key[:8]}***{key[-4:]}"
        raise StripeError(401, f"Invalid API Key provided: {shown}")
    if not operation.publishable:
        message = (
            "This API call cannot be made with a publishable API key. Please use a secret API key. "
            "You can find a list of your API keys at https://dashboard.stripe.com/account/apikeys."
        )
        raise StripeError(403, message, code="secret_key_required")
    return True


def _sent_key(request: Request, params: Params) -> str | None:
    scheme, _, value = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer":
        return value.strip()
    if scheme.lower() == "basic":
        try:
            return base64.b64decode(value).decode().partition(":")[0]
        except (binascii.Error, UnicodeDecodeError):
            return None
    return params.text("key")


def _once(
    call: Call, operation: Operation, request: Request, key: str | None, headers: dict[str, str]
) -> tuple[int, Obj]:
    """Carry the call out, or give the answer kept under its idempotency key."""
    if key is None:
        return _carry_out(call, operation, request, headers["Request-Id"])
    if len(key) > LONGEST_IDEMPOTENCY_KEY:
        message = f"Idempotency keys can be at most {LONGEST_IDEMPOTENCY_KEY} characters."
        raise StripeError(400, message, kind="idempotency_error")
    fingerprint = _fingerprint(request, call.params)
    kept = call.state.answers.get(key)
    if kept is None:
        status, content = _carry_out(call, operation, request, headers["Request-Id"])
        if status in KEPT_STATUSES:
            call.state.answers[key] = Answer(fingerprint, status, content, headers["Request-Id"])
            drop_oldest(call.state.answers, KEPT_ANSWERS)
        return status, content
    if kept.fingerprint != fingerprint:
        message = (
            "Keys for idempotent requests can only be used with the same parameters they were first used "
            f"with. Try using a key other than '{key}' if you meant to execute a different request."
        )
        raise StripeError(400, message, kind="idempotency_error")
    headers["Idempotent-Replayed"] = "true"
    headers["Original-Request"] = kept.request_id
    return kept.status, kept.body


def _carry_out(call: Call, operation: Operation, request: Request, request_id: str) -> tuple[int, Obj]:
    try:
        _check_parameters(call, operation)
        paths = call.params.texts("expand")
        result = operation.handler(call, **request.path_params)
        return 200, expanded(call.state, result, paths)
    except StripeError as error:
        return error.status, json.loads(json.dumps(error.body(request_id)))


def _check_parameters(call: Call, operation: Operation) -> None:
    allowed = operation.params | BROWSER_PARAMS if call.publishable else operation.params
    for name in call.params.names():
        if name == "payment_method_types" and name not in allowed and "_intents" in operation.path:
            message = (
                "The parameter payment_method_types is no longer supported. Use automatic_payment_methods "
                "or allowed_payment_method_types instead."
            )
            raise StripeError(400, message, code="payment_method_types_no_longer_supported", param=name)
        if name not in allowed:
            raise unknown_parameter(name)
        if name in UNSUPPORTED and call.params.tree[name] != "":
            raise unsupported(name)
    if call.params.group("automatic_tax").flag("enabled"):
        raise unsupported("automatic_tax")
    if call.params.text("capture_method") == "manual":
        raise unsupported("capture_method")


def _fingerprint(request: Request, params: Params) -> str:
    sent: dict[str, Any] = {"method": request.method, "path": request.url.path, "params": params.tree}
    return hashlib.sha256(json.dumps(sent, sort_keys=True).encode()).hexdigest()
