"""Ids and secrets in Stripe's form."""

import os
import string

_ALPHABET = (string.ascii_letters + string.digits) * 5  # more than 256, so that every byte is an index


def random_text(length: int) -> str:
    return "".join([_ALPHABET[byte] for byte in os.urandom(length)])


def new_id(prefix: str) -> str:
    return f"{prefix}_{random_text(24)}"


def client_secret(object_id: str) -> str:
    return f"{object_id}_secret_{random_text(25)}"
