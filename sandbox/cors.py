"""Cross-origin calls: any page on loopback may call any side, no other page may."""

import re
from collections.abc import Sequence

from starlette.middleware.cors import CORSMiddleware
from starlette.types import ASGIApp

LOOPBACK_ORIGINS = r"https?://(127\.0\.0\.1|localhost|\[::1\])(:\d+)?"
_LOOPBACK_ORIGIN = re.compile(LOOPBACK_ORIGINS)
_METHODS = ["GET", "POST", "DELETE"]


def open_to_loopback_pages(app: ASGIApp, shown_headers: Sequence[str] = ()) -> ASGIApp:
    """For browser SDKs and pages under test; `shown_headers` are those that a page may read of an answer."""
    return CORSMiddleware(
        app,
        allow_origin_regex=LOOPBACK_ORIGINS,
        allow_methods=_METHODS,
        allow_headers=["*"],
        expose_headers=shown_headers,
    )


def allowing(origin: str | None) -> list[tuple[bytes, bytes]]:
    """The headers of an answer given before an app is reached."""
    if origin is None or not _LOOPBACK_ORIGIN.fullmatch(origin):
        return []
    return [(b"access-control-allow-origin", origin.encode()), (b"vary", b"Origin")]
