"""Proof that a message at /hooks/stripe/ is Stripe's: HMAC-SHA256 over its timestamp and the raw body.

Our own reading of the header, because the SDK's accepts timestamps of the future and one secret only.
Source: https://docs.stripe.com/webhooks/signatures
"""

from __future__ import annotations

import hmac
from collections.abc import Mapping, Sequence
from datetime import datetime
from hashlib import sha256
from itertools import product

from billing.errors import SignatureInvalid, SourceDisabled

HEADER = "Stripe-Signature"
SCHEME = "v1"
TOLERANCE_SECONDS = 300
# Stripe sends one signature per live secret, two at most; the rest is somebody's attempt to keep us busy.
MOST_SIGNATURES = 10
LONGEST_HEADER = 2048
LONGEST_TIMESTAMP = 12


def verify(payload: bytes, headers: Mapping[str, str], secrets: Sequence[str], now: datetime) -> None:
    """Pass, or raise SignatureInvalid; SourceDisabled when no secret is set.

    `payload` is the body as it came, `now` aware UTC. Any signature made with any of `secrets` will
    do: two are live while one is being replaced.
    """
    known = [secret for secret in secrets if secret.strip()]
    if not known:
        raise SourceDisabled("no secret is set for Stripe's webhooks")
    sent = next((value for name, value in headers.items() if name.lower() == HEADER.lower()), "")
    timestamp, signatures = _parse(sent)
    if abs(now.timestamp() - int(timestamp)) > TOLERANCE_SECONDS:
        raise SignatureInvalid("the timestamp is too far from our clock")
    signed = timestamp.encode() + b"." + payload
    expected = [hmac.new(secret.encode(), signed, sha256).hexdigest().encode() for secret in known]
    fits = False
    for ours, theirs in product(expected, signatures):  # to the end, whichever fits
        fits |= hmac.compare_digest(ours, theirs)
    if not fits:
        raise SignatureInvalid("no signature fits the body")


def _parse(header: str) -> tuple[str, list[bytes]]:
    """The timestamp's digits and the v1 signatures of `t=…,v1=…,v1=…`."""
    if not header:
        raise SignatureInvalid(f"the header {HEADER} is missing")
    if len(header) > LONGEST_HEADER or not header.isascii():
        raise SignatureInvalid(f"the header {HEADER} is not one of Stripe's")
    pairs = [part.strip().partition("=") for part in header.split(",")]
    timestamps = [value for name, _, value in pairs if name == "t"]
    signatures = [value.encode() for name, _, value in pairs if name == SCHEME and value]
    if len(timestamps) != 1 or not timestamps[0].isdigit() or len(timestamps[0]) > LONGEST_TIMESTAMP:
        raise SignatureInvalid(f"the header {HEADER} has no single timestamp")
    if not 1 <= len(signatures) <= MOST_SIGNATURES:
        raise SignatureInvalid(f"the header {HEADER} has no {SCHEME} signature, or too many")
    return timestamps[0], signatures
