"""What the checks look at, and what an earlier check has learned for a later one."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cached_property

from billing.conf import BillingConf
from billing.gateways import stigg, stripe
from billing.gateways.stripe.client import StripeConnection

LONGEST_WAIT_SECONDS = 5.0


@dataclass
class Context:
    """One examination.

    `needed_stripe_events` and `stripe_hook_path` come from above: which events have a handler, and
    where this site listens.
    """

    options: BillingConf
    now: datetime
    needed_stripe_events: Collection[str]
    stripe_hook_path: str
    allowed_hosts: Collection[str] = ()

    stigg_works: bool = field(default=False, init=False)
    stripe_works: bool = field(default=False, init=False)
    database_works: bool = field(default=False, init=False)

    @cached_property
    def stigg(self) -> stigg.StiggGateway:
        """A gateway of its own. Raises ConfigurationError when the key is missing."""
        return stigg.build(self._hurried)

    @cached_property
    def stripe(self) -> stripe.StripeGateway:
        """A gateway of its own. Raises ConfigurationError when the key is missing."""
        return stripe.build(self._hurried)

    @cached_property
    def stripe_connection(self) -> StripeConnection:
        """For what only the doctor asks, and the gateway has no verb for. Raises as `stripe`."""
        return StripeConnection(
            secret_key=self.options.stripe_secret_key,
            api_url=self.options.stripe_api_url,
            connect_timeout_seconds=self.options.connect_timeout_seconds,
            read_timeout_seconds=LONGEST_WAIT_SECONDS,
        )

    @property
    def stripe_api_url(self) -> str:
        """Where Stripe's API is."""
        return self.options.stripe_api_url or "https://api.stripe.com"

    @property
    def secrets(self) -> tuple[str, ...]:
        """What must never be shown, the longest first."""
        options = self.options
        known = {
            options.stigg_api_key,
            options.stripe_secret_key,
            *options.stigg_webhook_secrets,
            *options.stripe_webhook_secrets,
        }
        return tuple(sorted(filter(None, known), key=len, reverse=True))

    @cached_property
    def _hurried(self) -> BillingConf:
        """A person waits: shorter time-outs, and no breaker, as each check is to see for itself."""
        seconds = min(self.options.read_timeout_seconds, LONGEST_WAIT_SECONDS)
        return replace(self.options, read_timeout_seconds=seconds, breaker_failures=1_000)
