"""The Content-Security-Policy: ourselves, and the hosts that Stripe documents for Elements. No nonces, no inline code.

Source: https://docs.stripe.com/security/guide#content-security-policy
"""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

STRIPE_JS_ORIGIN = "https://js.stripe.com"
STRIPE_SCRIPT = [STRIPE_JS_ORIGIN, "https://*.js.stripe.com"]
LINK = ["https://link.com", "https://*.link.com"]
STRIPE_FRAMES = [STRIPE_JS_ORIGIN, "https://*.js.stripe.com", "https://hooks.stripe.com", *LINK]
STRIPE_CONNECT = ["https://api.stripe.com"]


def policy(*, stripe_js_url: str, stripe_api_url: str) -> dict[str, Any]:
    """django-csp's setting. Other addresses of Stripe.js and its API replace Stripe's own here, and nowhere else."""
    js_origin = origin(stripe_js_url)
    is_stripes_own = js_origin == STRIPE_JS_ORIGIN
    script = STRIPE_SCRIPT if is_stripes_own else [js_origin]
    frames = STRIPE_FRAMES if is_stripes_own else [js_origin]
    connect = [origin(stripe_api_url)] if stripe_api_url else STRIPE_CONNECT
    return {
        "DIRECTIVES": {
            "default-src": ["'none'"],
            "script-src": ["'self'", *script],
            "style-src": ["'self'"],
            "img-src": ["'self'", "data:", "https://*.stripe.com"],
            "font-src": ["'self'"],
            "connect-src": ["'self'", *connect],
            "frame-src": frames,
            "form-action": ["'self'"],
            "frame-ancestors": ["'none'"],
            "base-uri": ["'none'"],
            "manifest-src": ["'self'"],
        }
    }


def origin(url: str) -> str:
    """Scheme, host and port of `url`."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"
