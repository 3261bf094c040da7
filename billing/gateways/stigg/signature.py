"""Proof that a message at /hooks/stigg/ is Stigg's: a shared secret in a header, compared in constant time.

Stigg sends the secret itself and signs nothing, so there is no timestamp and no body to check.
Source: https://docs.stigg.io/docs/webhooks
"""

from __future__ import annotations

import hmac
from collections.abc import Mapping, Sequence

from billing.errors import SignatureInvalid, SourceDisabled

HEADER = "Stigg-Webhooks-Secret"


def verify(headers: Mapping[str, str], secrets: Sequence[str]) -> None:
    """Pass, or raise SignatureInvalid; SourceDisabled when no secret is set.

    Any of `secrets` will do: two are live while one is being replaced.
    """
    known = [secret for secret in secrets if secret]
    if not known:
        raise SourceDisabled("no secret is set for Stigg's webhooks")
    sent = next((value for name, value in headers.items() if name.lower() == HEADER.lower()), "")
    if not sent:
        raise SignatureInvalid(f"the header {HEADER} is missing")
    fits = False
    for secret in known:  # to the end, whichever fits
        fits |= hmac.compare_digest(_as_bytes(sent), _as_bytes(secret))
    if not fits:
        raise SignatureInvalid(f"the header {HEADER} holds another secret than ours")


def _as_bytes(value: str) -> bytes:
    return value.encode("utf-8", "surrogatepass")
