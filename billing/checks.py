"""System checks: what can be seen to be wrong before the first request."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core import checks

from billing import conf, wording

STRIPE_JS_ORIGIN = "https://js.stripe.com"
LOOPBACK = {"localhost", "127.0.0.1", "[::1]", "::1", "testserver"}


def register() -> None:
    """Called once by the app's `ready`."""
    checks.register(check_stripe_js, checks.Tags.security)
    checks.register(check_keys, checks.Tags.security)
    checks.register(check_texts)
    checks.register(check_trial_card)


def check_stripe_js(**_kwargs: Any) -> Iterable[checks.CheckMessage]:
    """Stripe.js must come from Stripe (PCI), unless the whole site is on loopback with test keys.

    Source: https://docs.stripe.com/security/guide
    """
    options = conf.current()
    parts = urlsplit(options.stripe_js_url)
    if f"{parts.scheme}://{parts.netloc}" == STRIPE_JS_ORIGIN or not options.stripe_js_url:
        return []
    is_local = parts.hostname in LOOPBACK or (parts.hostname or "").endswith(".test")
    hosts_local = bool(settings.ALLOWED_HOSTS) and all(host in LOOPBACK for host in settings.ALLOWED_HOSTS)
    if is_local and hosts_local and _is_test(options.stripe_publishable_key) and _is_test(options.stripe_secret_key):
        return []
    return [
        checks.Error(
            "STRIPE_JS_URL is not Stripe's own.",
            hint=f"Take {STRIPE_JS_ORIGIN}/endive/stripe.js. Another address is accepted only where it, and every "
            "host in ALLOWED_HOSTS, is on this machine and the Stripe keys are test keys.",
            id="billing.E001",
        )
    ]


def check_keys(**_kwargs: Any) -> Iterable[checks.CheckMessage]:
    """Keys of one kind belong together."""
    options = conf.current()
    found: list[checks.CheckMessage] = []
    secret, publishable = options.stripe_secret_key, options.stripe_publishable_key
    if secret and publishable and _is_test(secret) != _is_test(publishable):
        found.append(
            checks.Error(
                "One Stripe key is live, the other is a test key.",
                hint="Take both from the same mode of the same Stripe account.",
                id="billing.E002",
            )
        )
    if secret.startswith("pk_") or publishable.startswith(("sk_", "rk_")):
        found.append(
            checks.Error(
                "The Stripe keys are swapped.",
                hint="STRIPE_SECRET_KEY begins with sk_ or rk_, STRIPE_PUBLISHABLE_KEY with pk_.",
                id="billing.E003",
            )
        )
    return found


def check_texts(**_kwargs: Any) -> Iterable[checks.CheckMessage]:
    """The host's wording is for texts that there are, and fills in what can be filled in."""
    found: list[checks.CheckMessage] = []
    languages = {code for code, _name in settings.LANGUAGES}
    for key, given in conf.current().texts.items():
        if key not in wording.DEFAULTS:
            hint = f"The names are: {', '.join(sorted(wording.DEFAULTS))}."
            found.append(checks.Error(f"TOLLGATE_TEXTS: there is no text {key!r}.", hint=hint, id="billing.E004"))
            continue
        by_language = {"": given} if isinstance(given, str) else given
        for language in by_language.keys() - languages - {""}:
            hint = f"The site's languages are: {', '.join(sorted(languages))}."
            message = f"TOLLGATE_TEXTS: {key!r} is worded in {language!r}, which is no language of the site."
            found.append(checks.Error(message, hint=hint, id="billing.E005"))
        allowed = wording.places(str(wording.DEFAULTS[key]))
        for name in sorted({name for text in by_language.values() for name in wording.places(text)} - allowed):
            hint = f"It can hold: {', '.join(sorted(allowed)) or 'nothing'}."
            message = f"TOLLGATE_TEXTS: {key!r} has no %({name})s to fill in."
            found.append(checks.Error(message, hint=hint, id="billing.E006"))
    return found


def check_trial_card(**_kwargs: Any) -> Iterable[checks.CheckMessage]:
    """A word that is none of the three would let every trial begin without a card."""
    given = conf.current().trial_card
    if given in conf.TRIAL_CARD:
        return []
    message = f"TOLLGATE_TRIAL_CARD is {given!r}, which says nothing about when a trial asks for a card."
    return [checks.Error(message, hint=f"It is one of {', '.join(conf.TRIAL_CARD)}.", id="billing.E007")]


def _is_test(key: str) -> bool:
    return "_test_" in key
