"""Our clock against Stripe's: signatures of webhooks are refused when the two are minutes apart."""

from __future__ import annotations

import time
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING

from billing.errors import BillingError
from billing.services.doctor.context import Context
from billing.services.doctor.finding import Finding, fault, not_checked, ok

if TYPE_CHECKING:
    from stripe import Account

    from billing.gateways.stripe.client import StripeConnection

NAME = "clock"
MOST_SKEW_SECONDS = 60


def check(context: Context) -> Finding:
    """By the Date header of an answer of Stripe."""
    if not context.stripe_works:
        return not_checked(NAME, "the Stripe key has to work first")
    started = time.time()
    try:
        date = _date_header(context.stripe_connection)
    except BillingError as error:
        return not_checked(NAME, str(error))
    try:
        theirs = parsedate_to_datetime(date).timestamp()
    except ValueError:
        return not_checked(NAME, "Stripe's answer does not tell the time")
    skew = round((started + time.time()) / 2 - theirs)
    if abs(skew) > MOST_SKEW_SECONDS:
        side = "ahead of" if skew > 0 else "behind"
        return fault(
            NAME,
            f"this machine's clock is {abs(skew)} s {side} Stripe's: webhooks will be refused",
            "Set the clock, and have it kept by NTP (for instance `timedatectl set-ntp true`).",
        )
    return ok(NAME, f"within {max(1, abs(skew))} s of Stripe's")


def _date_header(connection: StripeConnection) -> str:
    """Of the answer about the account; the gateway's own verbs give only what is in the body."""
    dates: list[str] = []

    def ask() -> Account:
        account = connection.v1.accounts.retrieve_current()
        headers = account.last_response.headers if account.last_response else {}
        dates.append(str(headers.get("Date") or ""))
        return account

    connection.call("fetch_clock", ask)
    return dates[0]
