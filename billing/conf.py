"""Settings of the app, read once from Django's settings under one prefix (`TOLLGATE_…`) into one frozen object.

The host project sets them; nothing else in the app reads `django.conf.settings` for its own options.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from functools import lru_cache
from typing import Any

from django.conf import settings
from django.core.signals import setting_changed
from django.dispatch import receiver

PREFIX = "TOLLGATE_"
TRIAL_CARD = ("never", "if_converting", "always")


@dataclass(frozen=True, slots=True)
class BillingConf:
    """Every option with its default. Durations say their unit; URLs have no trailing slash."""

    stigg_api_url: str = "https://api.stigg.io"
    stigg_edge_url: str = ""
    """Empty: derived from the API address as Stigg's SDKs do."""
    stigg_api_key: str = ""
    stigg_webhook_secrets: tuple[str, ...] = ()
    """Current secret first, then the previous one while it is being rotated out."""
    stigg_app_url: str = "https://app.stigg.io"
    product_id: str = ""
    """Stigg product whose plans are sold; empty when there is only one."""
    product_ids: tuple[str, ...] = ()
    """All products that the paywall may show (`?product=`), where there are several."""

    stripe_api_url: str = ""
    """Empty: Stripe's own."""
    stripe_secret_key: str = ""
    stripe_publishable_key: str = ""
    stripe_webhook_secrets: tuple[str, ...] = ()
    stripe_js_url: str = "https://js.stripe.com/endive/stripe.js"
    stripe_dashboard_url: str = "https://dashboard.stripe.com"

    connect_timeout_seconds: float = 3.0
    read_timeout_seconds: float = 10.0
    provision_timeout_seconds: float = 60.0
    max_concurrent_calls: int = 4
    """Per provider and process, half of the threads of a web process: a provider that hangs must not take them all.
    The next caller is told that it is unavailable."""
    breaker_failures: int = 5
    breaker_seconds: float = 10.0

    highlighted_plan_id: str = ""
    preferred_billing_period: str = ""
    hidden_plan_ids: tuple[str, ...] = ()
    only_eligible_plans: bool = False
    """Whether a customer's paywall leaves out the plans below their own."""
    country_header: str = ""
    """Request header in which a CDN of ours says the visitor's country (e.g. "CF-IPCountry"); empty: none."""
    designer_theme: bool = False
    """Whether colours, type, layout and custom CSS from Stigg's no-code designer are put on the paywall."""
    texts: Mapping[str, str | Mapping[str, str]] = field(default_factory=dict)
    """The host's own wording by name, for all languages or for each; the names: billing/wording.py."""
    catalog_max_age_seconds: int = 300
    """How old the stored price list may be before it is renewed behind the visitor's back."""
    contact_email: str = ""
    """Where questions from the contact form go by e-mail; without it they are only kept, for the admin."""
    site_url: str = ""
    """Where the site is, for links in e-mails: scheme and host, without a slash at the end."""
    site_name: str = "Tollgate"

    payment_deadline_hours: int = 23
    """How long an unpaid first invoice waits: Stripe expires an incomplete subscription at 23 h.
    Source: https://docs.stripe.com/billing/subscriptions/overview#subscription-statuses"""
    checkout_lifetime_hours: int = 24
    """An untouched checkout is closed after this time."""
    trial_card: str = "if_converting"
    """Whether a trial asks for a card: "never", "if_converting" (it becomes a paid plan by itself) or "always"."""

    behind_proxy: bool = False
    """Whether a proxy of ours writes X-Forwarded-For; believed for the limits below only if so."""
    setup_intents_per_10_minutes: int = 5
    setup_intents_per_day: int = 20
    setup_intents_per_address_per_10_minutes: int = 15
    coupons_per_10_minutes: int = 10
    contact_requests_per_address_per_hour: int = 5

    hooks_max_body_bytes: int = 1_000_000
    hooks_max_attempts: int = 10
    hooks_lease_seconds: int = 60
    hooks_keep_days: int = 90

    reconcile_calls_per_minute: int = 1200
    """To each provider. The lowest limit among our reads is 1,500 at Stigg (subscriptions), and at Stripe 25 a second.
    Source: https://docs.stigg.io/api-and-sdks/integration/graphql/rate-limits and https://docs.stripe.com/rate-limits"""


@lru_cache(maxsize=1)
def current() -> BillingConf:
    """The options in force."""
    given: dict[str, Any] = {
        option.name: getattr(settings, PREFIX + option.name.upper())
        for option in fields(BillingConf)
        if hasattr(settings, PREFIX + option.name.upper())
    }
    values: dict[str, Any] = {name: tuple(v) if isinstance(v, list) else v for name, v in given.items()}
    return BillingConf(**values)


@receiver(setting_changed)
def _forget(*, setting: str, **_kwargs: object) -> None:
    if setting.startswith(PREFIX):
        current.cache_clear()
