"""Holds the parameters of a request against Stripe's schemas: brackets un-flattened, texts coerced, nothing unknown."""

import re
from typing import Any
from urllib.parse import parse_qsl

from tests.contract.stripe.schema import FIRST_ERRORS, ROOT, document, pattern_of, validator

# The calls of Stripe.js carry these; they are no part of the documented API.
STRIPE_JS_ONLY = {"key", "client_secret"}
_NUMBER = re.compile(r"-?\d+(\.\d+)?")


def parameter_problems(method: str, path: str, sent: str, *, publishable: bool = False) -> list[str]:
    """What is wrong with a form or query; nothing for a call that the schema does not have."""
    operation = document()["paths"].get(pattern_of(path), {}).get(method.lower())
    if operation is None:
        return []
    tree = unflattened(sent)
    if publishable:
        tree = _as_documented(tree)
    reference = operation.get("x-params", {}).get("$ref")
    if reference is None:
        return [f"{name}: the call has no parameters" for name in tree]
    errors = validator(f"{ROOT}{reference}").iter_errors(coerced(tree, {"$ref": reference}))
    return [f"{'.'.join(map(str, each.absolute_path))}: {each.message[:200]}" for each in list(errors)[:FIRST_ERRORS]]


def unflattened(sent: str) -> dict[str, Any]:
    """`items[0][price]=p` → {"items": {"0": {"price": "p"}}}"""
    tree: dict[str, Any] = {}
    for name, value in parse_qsl(sent, keep_blank_values=True):
        *parents, last = re.findall(r"[^\[\]]+|(?<=\[)(?=\])", name)
        node = tree
        for parent in parents:
            node = node.setdefault(parent or str(len(node)), {})
        node[last or str(len(node))] = value
    return tree


def coerced(value: Any, schema: Any) -> Any:
    """The texts of a form as the types that the schema asks for."""
    schema = _resolved(schema)
    if "anyOf" in schema:
        tried = [coerced(value, option) for option in schema["anyOf"]]
        fitting = (each for each, option in zip(tried, schema["anyOf"], strict=True) if _fits(each, option))
        return next(fitting, tried[0])
    kind = schema.get("type")
    if kind == "array" and isinstance(value, dict) and all(key.isdigit() for key in value):
        return [coerced(value[key], schema.get("items", {})) for key in sorted(value, key=int)]
    if isinstance(value, dict):
        known, others = schema.get("properties", {}), schema.get("additionalProperties")
        rest = others if isinstance(others, dict) else {}
        return {key: coerced(inner, known.get(key, rest)) for key, inner in value.items()}
    if kind == "boolean" and value in {"true", "false"}:
        return value == "true"
    if kind in {"number", "integer"} and _NUMBER.fullmatch(value):
        return float(value) if "." in value else int(value)
    return value


def _as_documented(tree: dict[str, Any]) -> dict[str, Any]:
    """Without what only Stripe.js sends: secrets, and a typed card where the API documents other types only."""
    kept = {name: value for name, value in tree.items() if name not in STRIPE_JS_ONLY}
    data = kept.get("payment_method_data")
    if isinstance(data, dict) and "card" in data:
        rest = {name: value for name, value in data.items() if name != "card"}
        kept["payment_method_data"] = rest | {"type": "link"}
    return kept


def _resolved(schema: Any) -> dict[str, Any]:
    while "$ref" in schema:
        schema = document()["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    found: dict[str, Any] = schema
    return found


def _fits(value: Any, option: Any) -> bool:
    return bool(validator(ROOT).evolve(schema=_absolute(option)).is_valid(value))


def _absolute(schema: Any) -> Any:
    """References that hold outside the document too."""
    if isinstance(schema, list):
        return [_absolute(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    if "$ref" in schema:
        return {"$ref": f"{ROOT}{schema['$ref']}"}
    return {key: _absolute(inner) for key, inner in schema.items()}
