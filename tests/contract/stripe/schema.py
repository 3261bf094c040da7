"""Checks what Stripe's side answers against the shapes of Stripe's API, every documented key present."""

import gzip
import json
import re
from functools import cache
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012

DATA = Path(__file__).parents[2] / "data" / "stripe-schema.json.gz"
ROOT = "urn:stripe"
FIRST_ERRORS = 5
PARTS_IN_ERRORS = [["error", "setup_intent"], ["error", "payment_intent"]]


def problems(method: str, path: str, status: int, body: Any, *, publishable: bool = False) -> list[str]:
    """What is wrong with an answer; nothing for paths that the schema does not have.

    A publishable key is shown a part of an intent: what is there must be right, the rest may be absent.
    """
    pattern = pattern_of(path)
    operation = document()["paths"].get(pattern, {}).get(method.lower())
    if operation is None:
        return []
    answer = "200" if status == 200 else "default"
    pointer = f"#/paths/{pattern.replace('/', '~1')}/{method.lower()}/responses/{answer}"
    errors = list(validator(f"{ROOT}{pointer}/content/application~1json/schema").iter_errors(body))
    if publishable:
        errors = [error for error in errors if not _is_of_a_part(error)]
    return [_told(error) for error in errors[:FIRST_ERRORS]]


def _is_of_a_part(error: Any) -> bool:
    where = list(error.absolute_path)
    return (error.validator == "required" and not where) or where[:2] in PARTS_IN_ERRORS


def object_problems(name: str, body: Any) -> list[str]:
    errors = validator(f"{ROOT}#/components/schemas/{name}").iter_errors(body)
    return [_told(error) for error in list(errors)[:FIRST_ERRORS]]


def documented_parameters() -> dict[tuple[str, str], set[str]]:
    """The parameters of each documented call, by method and path."""
    schemas = document()["components"]["schemas"]
    found = {}
    for path, operations in document()["paths"].items():
        for method, operation in operations.items():
            reference = operation.get("x-params", {}).get("$ref", "").rpartition("/")[2]
            properties = schemas[reference]["properties"] if reference else {}
            found[(method.upper(), path)] = set(properties)
    return found


def _told(error: Any) -> str:
    deepest = error
    while deepest.context:
        deepest = max(deepest.context, key=lambda each: len(each.absolute_path))
    return f"{'.'.join(map(str, deepest.absolute_path))}: {deepest.message[:300]}"


@cache
def document() -> dict[str, Any]:
    document: dict[str, Any] = json.loads(gzip.decompress(DATA.read_bytes()))
    return document


@cache
def validator(reference: str) -> Draft202012Validator:
    resource = Resource.from_contents(document(), default_specification=DRAFT202012)
    registry: Registry[Any] = Registry().with_resource(ROOT, resource)
    return Draft202012Validator({"$ref": reference}, registry=registry)


@cache
def pattern_of(path: str) -> str:
    if path in document()["paths"]:
        return path
    for pattern in document()["paths"]:
        if re.fullmatch(re.sub(r"\{\w+\}", "[^/]+", pattern), path):
            return str(pattern)
    return path
