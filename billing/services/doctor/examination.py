"""The order of the checks, and what keeps one of them from stopping the others or telling a secret."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

from django.db import Error as AnyDatabaseError

from billing.services.doctor import account_link, catalog, clock, endpoint, here, stigg, stripe, webhook_secrets
from billing.services.doctor.context import Context
from billing.services.doctor.finding import Finding, fault, not_checked

CHECKS: dict[str, Callable[[Context], Finding]] = {
    "database": here.check_database,
    "migrations": here.check_migrations,
    "Stigg key": stigg.check_key,
    "Stigg edge": stigg.check_edge,
    "catalog": catalog.check,
    "Stripe secret key": stripe.check_secret_key,
    "Stripe publishable key": stripe.check_publishable_key,
    "Stripe.js": stripe.check_stripe_js,
    "Stigg linked to Stripe": account_link.check,
    "Stigg webhook secret": webhook_secrets.check_stigg,
    "Stripe webhook secret": webhook_secrets.check_stripe,
    "Stripe webhook endpoint": endpoint.check,
    "clock": clock.check,
    "worker": here.check_worker,
}


def examine(context: Context) -> Iterator[Finding]:
    """Every check once, in an order in which later ones may lean on earlier ones."""
    for name, check in CHECKS.items():
        yield _without_secrets(_run(name, check, context), context)


def _run(name: str, check: Callable[[Context], Finding], context: Context) -> Finding:
    try:
        return check(context)
    except AnyDatabaseError as error:
        return not_checked(name, f"the database does not answer ({type(error).__name__})")
    except Exception as error:
        message = f"the check itself broke ({type(error).__name__}: {error})"
        return fault(name, message, "This is a fault of ours: please report it with this line.")


def _without_secrets(finding: Finding, context: Context) -> Finding:
    """Errors of other libraries end up in messages, so the last word is here."""
    message, fix = finding.message, finding.fix
    for secret in context.secrets:
        message, fix = message.replace(secret, "(secret)"), fix.replace(secret, "(secret)")
    return replace(finding, message=message, fix=fix)
