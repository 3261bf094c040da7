"""Stripe's side: the two keys and the script."""

from __future__ import annotations

from urllib.parse import urlsplit

from billing.checks import check_stripe_js as system_check_of_stripe_js
from billing.errors import BillingError, ConfigurationError, GatewayUnauthorized
from billing.gateways.stripe.client import API_VERSION
from billing.services.doctor.context import Context
from billing.services.doctor.finding import Finding, fault, lacks_permission, ok, warning

WHERE_KEYS_ARE = "Stripe's dashboard, Developers → API keys"
RELEASE = API_VERSION.partition(".")[2]


def check_secret_key(context: Context) -> Finding:
    """Reads the account that it belongs to."""
    name, key = "Stripe secret key", context.options.stripe_secret_key
    fix = f"Set STRIPE_SECRET_KEY to the key that begins with sk_ or rk_ ({WHERE_KEYS_ARE})."
    if key.startswith("pk_"):
        return fault(name, "STRIPE_SECRET_KEY is a publishable key (pk_…)", fix)
    try:
        account = context.stripe.fetch_account()
    except ConfigurationError as error:
        return fault(name, str(error), fix)
    except GatewayUnauthorized as error:
        if lacks_permission(error):
            context.stripe_works = True
            return warning(
                name,
                "a restricted key that may not read its own account, so we cannot say which account it is",
                "Allow it to read “Connect → Accounts”, if you want this check to tell.",
            )
        return fault(name, f"{context.stripe_api_url} refuses the key", fix)
    except BillingError as error:
        return fault(
            name,
            f"{context.stripe_api_url} does not answer as it should ({error})",
            "Leave STRIPE_API_URL empty for Stripe's own address, and look at whether this machine may reach it.",
        )
    context.stripe_works = True
    whose = f"{account.account_id} {account.display_name}".strip()
    return ok(name, f"{mode_of(key)} key of {whose}")


def check_publishable_key(context: Context) -> Finding:
    """Only its form and mode can be known here: a browser uses it, a server cannot."""
    name = "Stripe publishable key"
    secret, publishable = context.options.stripe_secret_key, context.options.stripe_publishable_key
    fix = f"Set STRIPE_PUBLISHABLE_KEY to the key that begins with pk_, beside the secret key ({WHERE_KEYS_ARE})."
    if not publishable:
        return fault(name, "STRIPE_PUBLISHABLE_KEY is empty: no card form can be shown", fix)
    if publishable.startswith(("sk_", "rk_")):
        return fault(name, "STRIPE_PUBLISHABLE_KEY is a secret key: browsers would be shown it", fix)
    if not publishable.startswith("pk_"):
        return fault(name, "STRIPE_PUBLISHABLE_KEY does not begin with pk_", fix)
    if secret and mode_of(secret) != mode_of(publishable):
        return fault(
            name,
            f"the publishable key is a {mode_of(publishable)} key, the secret key a {mode_of(secret)} key",
            f"Take both keys from the same mode of the same account ({WHERE_KEYS_ARE}).",
        )
    return ok(name, f"{mode_of(publishable)} key, as the secret one")


def check_stripe_js(context: Context) -> Finding:
    """From Stripe itself, and of the release that the API version belongs to."""
    name, url = "Stripe.js", context.options.stripe_js_url
    for message in system_check_of_stripe_js():
        return fault(name, message.msg, message.hint or "")
    if not urlsplit(url).netloc:
        return fault(name, "STRIPE_JS_URL is not an address", f"Set it to https://js.stripe.com/{RELEASE}/stripe.js.")
    if f"/{RELEASE}/" not in urlsplit(url).path:
        return warning(
            name,
            f"STRIPE_JS_URL is not of the release {RELEASE}, to which API version {API_VERSION} belongs",
            f"Set it to https://js.stripe.com/{RELEASE}/stripe.js.",
        )
    return ok(name, url)


def mode_of(key: str) -> str:
    """`live` or `test`, as the key itself says."""
    return "live" if "_live_" in key else "test"
