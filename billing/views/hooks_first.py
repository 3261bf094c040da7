"""A middleware that hands /hooks/ to its view at once.

What stands below it serves people: sessions, languages, cookies, pages. A sender of webhooks has none of
these and waits for its answer, and in a storm of events they would cost more than keeping the event does.
"""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.urls import NoReverseMatch, reverse

from billing.views.hooks import receive

SOURCES = ("stigg", "stripe")


class HooksFirst:
    """Put it below SecurityMiddleware, which belongs to every answer, and above the rest."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self._get_response = get_response
        self._sources: dict[str, str] | None = None

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if self._sources is None:
            self._sources = _addresses()
        source = self._sources.get(request.path)
        if source is None:
            return self._get_response(request)
        response = receive(request, source)
        response.headers["Content-Length"] = str(len(response.content))
        return response


def _addresses() -> dict[str, str]:
    """Source by address; none where the site does not route them."""
    try:
        return {reverse(f"hooks_{source}"): source for source in SOURCES}
    except NoReverseMatch:
        return {}
