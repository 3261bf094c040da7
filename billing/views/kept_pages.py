"""Whole pages, rendered once and kept compressed, for views whose answer is a pure function of a few values.

The key names all of these values, so nothing needs to be thrown away when one of them changes: the old
page is simply not asked for any more and falls out. A page that holds a form's token is never kept.
"""

from __future__ import annotations

import gzip
import hashlib
import threading
from collections import OrderedDict
from collections.abc import Hashable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from django.core.signals import setting_changed
from django.http import HttpRequest, HttpResponse
from django.utils.cache import get_conditional_response

LEVEL = 6


@dataclass(frozen=True, slots=True)
class KeptPage:
    """A page as it goes over the wire; whoever cannot read gzip gets it unpacked."""

    gzipped: bytes
    tag: str

    @classmethod
    def of(cls, body: bytes) -> KeptPage:
        """`body` as the template gave it."""
        return cls(gzip.compress(body, LEVEL, mtime=0), hashlib.sha256(body).hexdigest()[:24])


class KeptPages:
    """At most `size` pages, the ones asked for last."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._pages: OrderedDict[Hashable, KeptPage] = OrderedDict()
        self._lock = threading.Lock()
        setting_changed.connect(self.clear, weak=False)

    def __len__(self) -> int:
        return len(self._pages)

    def find(self, key: Hashable) -> KeptPage | None:
        """The page, or None when it must be rendered."""
        with self._lock:
            page = self._pages.get(key)
            if page is not None:
                self._pages.move_to_end(key)
            return page

    def keep(self, key: Hashable, page: KeptPage) -> None:
        """Keep it, and drop what nobody asked for longest."""
        with self._lock:
            self._pages[key] = page
            while len(self._pages) > self._size:
                self._pages.popitem(last=False)

    def clear(self, **_kwargs: Any) -> None:
        """Forget all: the options have changed."""
        with self._lock:
            self._pages.clear()


def holds_a_token(request: HttpRequest) -> bool:
    """Whether the page just rendered has a form in it whose token belongs to this visitor alone."""
    return bool(request.META.get("CSRF_COOKIE_NEEDS_UPDATE"))


def answer(request: HttpRequest, page: KeptPage, *, is_private: bool) -> HttpResponse:
    """The page, compressed if the browser can read that, or 304 when it has it already.

    A browser may keep it but asks each time; a cache that many share never keeps a signed-in visitor's.
    """
    is_gzipped = accepts_gzip(request.META.get("HTTP_ACCEPT_ENCODING", ""))
    etag = f'"{page.tag}-gzip"' if is_gzipped else f'"{page.tag}"'
    headers = {
        "ETag": etag,
        "Cache-Control": "private, no-cache" if is_private else "no-cache",
        "Vary": "Accept-Encoding, Accept-Language, Cookie",
    }
    if is_gzipped:
        headers["Content-Encoding"] = "gzip"
    response = HttpResponse(page.gzipped if is_gzipped else gzip.decompress(page.gzipped), headers=headers)
    if "HTTP_IF_NONE_MATCH" not in request.META:
        return response
    found = get_conditional_response(request, etag=etag, response=response)
    return found if isinstance(found, HttpResponse) else response


@lru_cache(maxsize=64)
def accepts_gzip(header: str) -> bool:
    """Whether an `Accept-Encoding` allows gzip: named with a weight above nought, or by `*`."""
    allowed: dict[str, bool] = {}
    for part in header.lower().split(","):
        name, _, parameter = part.partition(";")
        weight = parameter.strip().removeprefix("q=").strip(" 0.")
        allowed[name.strip()] = not parameter.strip().startswith("q=") or weight != ""
    return allowed.get("gzip", allowed.get("*", False))
