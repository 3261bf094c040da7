"""A stand-in for both providers that costs next to nothing: recorded answers with the asked-for id put in."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path
from typing import Any

ANSWERS: dict[str, str] = json.loads(Path(os.environ["BENCH_ANSWERS"]).read_text())
MODEL, CUSTOMER_KEY = ANSWERS["model"], re.compile(r"/v1/customers/([^/?]+)")
ACCOUNT = {"id": "acct_bench", "object": "account", "created": 1, "livemode": False, "settings": {}, "email": "a@b.c"}
CUSTOMER = json.loads(ANSWERS["customer"])
CUSTOMER["invoice_settings"]["default_payment_method"] = None
JSON = [("Content-Type", "application/json")]


def application(environ: dict[str, Any], start_response: Any) -> list[bytes]:
    """WSGI. Ids: a customer's UUID at Stigg, and `cus_<that UUID>` at Stripe."""
    start_response("200 OK", JSON)
    path = environ["PATH_INFO"]
    if path == "/graphql":
        asked = json.loads(environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"])))
        key = asked["variables"]["customer"]["customerId"]
        return [ANSWERS["state"].replace(MODEL, key).encode()]
    found = CUSTOMER_KEY.match(path)
    key = found[1].removeprefix("cus_") if found else path.rsplit("/", 1)[1].removeprefix("in_")
    kind = "cards" if path.endswith("/payment_methods") else "customer" if found else "invoice"
    if path == "/v1/account":
        return [json.dumps(ACCOUNT).encode()]
    if key.startswith("bench"):
        return [json.dumps(CUSTOMER | {"id": f"cus_{key}"}).encode()]
    return [ANSWERS[kind].replace(MODEL, key).encode()]
