"""Stigg's side: the key and the two addresses."""

from __future__ import annotations

from billing.errors import ConfigurationError, GatewayError, GatewayUnauthorized
from billing.gateways.stigg.client import StiggClient, derive_edge_url
from billing.services.doctor.context import LONGEST_WAIT_SECONDS, Context
from billing.services.doctor.finding import Finding, fault, not_checked, ok, warning

WHERE_KEYS_ARE = "Stigg's app, Integrations → API keys"
EDGE_PATH = "/v1/config/server-sdk-configuration.json"


def check_key(context: Context) -> Finding:
    """One cheap read with it."""
    name, options = "Stigg key", context.options
    if options.stigg_api_key.startswith("client-"):
        return fault(
            name,
            "STIGG_API_KEY is a publishable key (client-…): it may not provision",
            f"Set STIGG_API_KEY to the server key of your environment ({WHERE_KEYS_ARE}).",
        )
    try:
        context.stigg.ping()
    except ConfigurationError as error:
        return fault(name, str(error), f"Set STIGG_API_KEY ({WHERE_KEYS_ARE}).")
    except GatewayUnauthorized:
        return fault(
            name,
            f"{options.stigg_api_url} refuses the key",
            f"Set STIGG_API_KEY to the server key of the environment that you mean ({WHERE_KEYS_ARE}); "
            "a rotated key stops working after its grace period.",
        )
    except GatewayError as error:
        return fault(
            name,
            f"{options.stigg_api_url} does not answer as it should ({error})",
            "Look at STIGG_API_URL (https://api.stigg.io unless Stigg told you otherwise) and at whether this "
            "machine may reach it.",
        )
    context.stigg_works = True
    return ok(name, f"{options.stigg_api_url} accepts it")


def check_edge(context: Context) -> Finding:
    """Price lists come from there; without it each renewal waits for a time-out first."""
    name, options = "Stigg edge", context.options
    if not context.stigg_works:
        return not_checked(name, "the Stigg key has to work first")
    edge_url = options.stigg_edge_url or derive_edge_url(options.stigg_api_url)
    client = StiggClient(
        api_key=options.stigg_api_key,
        api_url=options.stigg_api_url,
        edge_url=edge_url,
        connect_timeout_seconds=options.connect_timeout_seconds,
        read_timeout_seconds=LONGEST_WAIT_SECONDS,
    )
    try:
        client.fetch_edge(EDGE_PATH, {})
    except GatewayUnauthorized:
        return warning(
            name,
            f"{edge_url} refuses the key that the API accepts",
            "A new key reaches the edge after a minute or two; try again. If it stays, "
            "STIGG_EDGE_URL and STIGG_API_URL are of different regions.",
        )
    except GatewayError as error:
        return fault(
            name,
            f"{edge_url} does not answer as it should ({error})",
            "Leave STIGG_EDGE_URL empty to have it derived from STIGG_API_URL, and look at whether this machine "
            "may reach it.",
        )
    return ok(name, f"{edge_url} answers")
