"""How each source signs what it posts to an application."""

import hashlib
import hmac
import time


def signed_headers(source: str, secret: str, body: bytes) -> dict[str, str]:
    if source == "stripe":
        return {"Stripe-Signature": stripe_signature(secret, body)}
    # Source: https://docs.stigg.io/documentation/native-integrations/webhooks/integration
    return {"Stigg-Webhooks-Secret": secret}


def stripe_signature(secret: str, body: bytes) -> str:
    """Signed with the wall clock: receivers compare with theirs, whatever the sandbox's clock says.

    Source: https://docs.stripe.com/webhooks#verify-manually
    """
    moment = str(int(time.time()))
    digest = hmac.new(secret.encode(), moment.encode() + b"." + body, hashlib.sha256).hexdigest()
    return f"t={moment},v1={digest}"
