"""How one sandbox is set up: ports, accepted keys, addresses of webhooks; and what it refuses."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal, get_args
from urllib.parse import urlsplit

LOOPBACK = "127.0.0.1"
LIVE_KEY_PREFIXES = ("sk_live_", "pk_live_", "rk_live_")
# What becomes of a subscription whose renewal could not be collected.
# Source: https://docs.stripe.com/billing/revenue-recovery/smart-retries
AfterRetries = Literal["cancel", "unpaid", "past_due"]
AFTER_RETRIES: tuple[str, ...] = get_args(AfterRetries)


class SettingsError(ValueError):
    """A setting that the sandbox refuses; the text is one sentence for the person who started it."""


@dataclass(slots=True)
class Settings:
    stripe_port: int = 12111
    stigg_port: int = 12112
    console_port: int = 12110
    stripe_secret_key: str = "sk_test_sandbox"
    stripe_publishable_key: str = "pk_test_sandbox"
    stigg_api_key: str = "server-sandbox"
    stripe_webhook_url: str | None = None
    stripe_webhook_secret: str = "whsec_sandbox"
    stigg_webhook_url: str | None = None
    stigg_webhook_secret: str = "stigg-webhook-sandbox"
    catalog: Path | None = None
    edge_port: int | None = None
    state_file: Path | None = None
    # When a failed renewal is tried again, in days after the last try; and what follows the last of them.
    retry_days: tuple[int, ...] = (3, 5, 7)
    after_retries: AfterRetries = "cancel"
    # Stripe leaves a renewal's invoice a draft for an hour; without it the sandbox bills at once.
    draft_hour: bool = False
    # How long before a renewal `invoice.upcoming` is sent; 0 for never.
    upcoming_days: int = 7

    # Whether it stops when the process that started it is gone, which then cannot stop it any more.
    with_parent: bool = False

    # Whether a server that confirms an intent must name a return_url unless redirects are off, as at Stripe.
    need_return_url: bool = False

    def __post_init__(self) -> None:
        if self.after_retries not in AFTER_RETRIES:
            raise SettingsError(f"after_retries must be one of {', '.join(AFTER_RETRIES)}.")
        if any(days < 1 for days in self.retry_days) or self.upcoming_days < 0:
            raise SettingsError("Retries are whole days apart, and invoice.upcoming comes some days before.")
        for key in (self.stripe_secret_key, self.stripe_publishable_key, self.stigg_api_key):
            refuse_live_key(key)
        for url in (self.stripe_webhook_url, self.stigg_webhook_url):
            if url is not None:
                refuse_foreign_url(url)

    @property
    def stripe_url(self) -> str:
        return f"http://{LOOPBACK}:{self.stripe_port}"

    @property
    def stigg_url(self) -> str:
        return f"http://{LOOPBACK}:{self.stigg_port}"

    @property
    def console_url(self) -> str:
        return f"http://{LOOPBACK}:{self.console_port}"


def refuse_live_key(key: str) -> None:
    if key.startswith(LIVE_KEY_PREFIXES):
        raise SettingsError("The sandbox refuses live keys: it accepts test keys of its own only.")


def is_loopback_url(url: str) -> bool:
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return parts.scheme in {"http", "https"} and parts.hostname in {LOOPBACK, "localhost", "::1"}


def refuse_foreign_url(url: str) -> None:
    if not is_loopback_url(url):
        raise SettingsError(f"The sandbox notifies loopback addresses only, not {url!r}.")
