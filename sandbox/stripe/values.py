"""Small values that several objects share."""

from sandbox.stripe.params import Params
from sandbox.stripe.state import Obj

ADDRESS_FIELDS = ("city", "country", "line1", "line2", "postal_code", "state")


def nulls(names: str) -> Obj:
    """Space-separated keys that hold nothing: Stripe shows them all the same."""
    return dict.fromkeys(names.split())


def address_of(params: Params) -> Obj | None:
    """A complete address, or None when nothing of it was given."""
    if not params.tree:
        return None
    params.only(ADDRESS_FIELDS)
    return {name: params.text(name) for name in ADDRESS_FIELDS}


def empty_address() -> Obj:
    return dict.fromkeys(ADDRESS_FIELDS)


def card_option() -> Obj:
    return {
        "installments": None,
        "mandate_options": None,
        "network": None,
        "request_three_d_secure": "automatic",
    }
