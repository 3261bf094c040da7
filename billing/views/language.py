"""Which language a page is in: the one that `?lang=` names, else the remembered one, else the browser's wish.

A choice is a link to the page one is on: it needs neither script nor form nor redirect, so it leads nowhere
else, and the address with it can be passed on.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

from django.conf import settings
from django.core.exceptions import TooManyFieldsSent
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.middleware.locale import LocaleMiddleware
from django.utils import translation
from django.utils.cache import patch_vary_headers

from billing.services import customers
from billing.views.access import signed_in_user

PARAMETER = "lang"


@dataclass(frozen=True, slots=True)
class Choice:
    """A language of the site as the foot of a page offers it, named in itself."""

    tag: str
    """As HTML wants it (BCP 47): "pt-BR"."""
    name: str
    url: str
    """This page in that language: its query stays."""
    is_current: bool


class LanguageMiddleware(LocaleMiddleware):
    """Django's own, and before it the language that the address asks for, which is remembered in a cookie."""

    def process_request(self, request: HttpRequest) -> None:
        code = _asked_for(request)
        if not code:
            super().process_request(request)
            return
        translation.activate(code)
        request.LANGUAGE_CODE = translation.get_language()

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        answer = super().process_response(request, response)
        # The remembered language decides, too: a cache in between must know.
        patch_vary_headers(answer, ["Cookie"])
        code = _asked_for(request)
        if code and request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME) != code:
            if hasattr(request, "user") and request.user.is_authenticated:
                customers.speak(signed_in_user(request), code)
            answer.set_cookie(
                settings.LANGUAGE_COOKIE_NAME,
                code,
                max_age=settings.LANGUAGE_COOKIE_AGE,
                secure=settings.LANGUAGE_COOKIE_SECURE,
                samesite="Lax",
            )
        return answer


def choices(request: HttpRequest, *, query: Mapping[str, str] | None = None) -> list[Choice]:
    """Every language of the site, for the page that was asked for; for one that others will see, by its own `query`."""
    told = _query_of(request) if query is None else query
    current = translation.get_language()
    return [
        Choice(tag=_tag(code), name=name, url=_address(told, code), is_current=code == current)
        for code, name in settings.LANGUAGES
    ]


def _query_of(request: HttpRequest) -> dict[str, str]:
    """What stands behind the question mark; nothing where it is too much: the page that says so has a foot, too."""
    try:
        return request.GET.dict()
    except TooManyFieldsSent:
        return {}


@dataclass(frozen=True, slots=True)
class Alternate:
    """A page in another language, as its head names it to search engines."""

    tag: str
    url: str


def alternates(url: str, query: Mapping[str, str]) -> list[Alternate]:
    """A page in every language, and at last its address for those whose language the browser tells.

    https://developers.google.com/search/docs/specialty/international/localized-versions
    """
    named = [
        Alternate(_tag(code), with_query(url, {**query, PARAMETER: _tag(code)})) for code in dict(settings.LANGUAGES)
    ]
    return [*named, Alternate("x-default", with_query(url, query))]


def canonical(url: str, query: Mapping[str, str]) -> str:
    """The one address of a page in the language it is in; the site's own language needs no mention."""
    code = translation.get_language()
    own = (
        {}
        if code in {None, settings.LANGUAGE_CODE.partition("-")[0], settings.LANGUAGE_CODE}
        else {PARAMETER: _tag(code)}
    )
    return with_query(url, {**query, **own})


def with_query(url: str, query: Mapping[str, str]) -> str:
    """An address and what stands behind its question mark, if anything does."""
    return f"{url}?{urlencode(query)}" if query else url


def _asked_for(request: HttpRequest) -> str:
    """The language in the address, "" when there is none or the site does not speak it."""
    if PARAMETER not in request.META.get("QUERY_STRING", ""):
        return ""  # most addresses: they need not be taken apart for this
    code = request.GET.get(PARAMETER, "").lower()
    return code if code in dict(settings.LANGUAGES) else ""


def _address(query: Mapping[str, str], code: str) -> str:
    # Only the query: wherever the page is, the link stays on it.
    return f"?{urlencode({**query, PARAMETER: _tag(code)})}"


def _tag(code: str) -> str:
    language, _, region = code.partition("-")
    return f"{language}-{region.upper()}" if region else language
