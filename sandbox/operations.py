"""What a call is named in faults and in the journal."""

import json
from typing import Any
from urllib.parse import parse_qsl

from graphql import FieldNode, GraphQLError, OperationDefinitionNode, parse

# Words that stand where an id would be expected.
_STRIPE_VERBS = {"create_preview", "search"}


def operations_of(provider: str, method: str, path: str, body: bytes) -> list[str]:
    """The names of one call, most telling first: a GraphQL request may hold several root fields."""
    if provider == "stripe":
        return [f"{method} {stripe_pattern(path)}"]
    if path == "/graphql":
        return graphql_root_fields(body) or ["/graphql"]
    return [path]


def stripe_pattern(path: str) -> str:
    """/v1/customers/cus_1/payment_methods → /v1/customers/{id}/payment_methods: words and ids take turns."""
    head, *segments = path.removeprefix("/v1/").split("/")
    if not path.startswith("/v1/"):
        return path
    prefix = f"/v1/{head}"
    if head == "test_helpers" and segments:
        prefix = f"{prefix}/{segments.pop(0)}"
    named = [
        "{id}" if index % 2 == 0 and segment not in _STRIPE_VERBS else segment for index, segment in enumerate(segments)
    ]
    return "/".join([prefix, *named])


def graphql_root_fields(body: bytes) -> list[str]:
    """The root fields of the operation that a GraphQL request runs; empty when it cannot be read."""
    try:
        request = json.loads(body)
        document = parse(request["query"])
    except (ValueError, KeyError, TypeError, GraphQLError):
        return []
    chosen = request.get("operationName")
    return [
        field.name.value
        for definition in document.definitions
        if isinstance(definition, OperationDefinitionNode)
        and (not chosen or (definition.name is not None and definition.name.value == chosen))
        for field in definition.selection_set.selections
        if isinstance(field, FieldNode)
    ]


def request_summary(path: str, query: str, content_type: str, body: bytes) -> dict[str, Any]:
    """The parameters of a call, still with their secrets: `journal.without_secrets` cuts those out."""
    summary: dict[str, Any] = dict(parse_qsl(query))
    if "json" in content_type:
        try:
            sent = json.loads(body)
        except ValueError:
            return summary
        if isinstance(sent, dict):
            summary |= sent.get("variables") or {} if path == "/graphql" else sent
    else:
        summary |= dict(parse_qsl(body.decode("utf-8", "replace")))
    return summary
