"""Our GraphQL documents: they parse, are named as their file, use nothing that Stigg refuses, and fit the schema."""

from __future__ import annotations

from pathlib import Path

import pytest
from graphql import (
    DirectiveNode,
    DocumentNode,
    FieldNode,
    GraphQLSchema,
    OperationDefinitionNode,
    Visitor,
    build_schema,
    parse,
    validate,
    visit,
)

from billing.gateways.stigg import documents

SCHEMA = Path(__file__).parents[3] / "sandbox" / "stigg" / "schema.graphql"
OPERATIONS = documents.names()


@pytest.fixture(scope="module")
def schema() -> GraphQLSchema:
    return build_schema(SCHEMA.read_text(encoding="utf-8"))


class Forbidden(Visitor):
    """Finds what Stigg's server limits or refuses."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def enter_directive(self, node: DirectiveNode, *_: object) -> None:
        self.found.append(f"@{node.name.value}")

    def enter_field(self, node: FieldNode, *_: object) -> None:
        if node.alias:
            self.found.append(f"alias {node.alias.value}")


def parsed(operation: str) -> DocumentNode:
    return parse(documents.load(operation))


def test_there_are_documents() -> None:
    assert "ProvisionSubscription" in OPERATIONS


@pytest.mark.parametrize("operation", OPERATIONS)
def test_document_fits_the_schema(schema: GraphQLSchema, operation: str) -> None:
    assert [error.message for error in validate(schema, parsed(operation))] == []


@pytest.mark.parametrize("operation", OPERATIONS)
def test_file_holds_the_one_operation_it_is_named_after(operation: str) -> None:
    found = [node for node in parsed(operation).definitions if isinstance(node, OperationDefinitionNode)]
    assert [node.name and node.name.value for node in found] == [operation]


@pytest.mark.parametrize("operation", OPERATIONS)
def test_no_directives_and_no_aliases(operation: str) -> None:
    forbidden = Forbidden()
    visit(parsed(operation), forbidden)
    assert forbidden.found == []


def test_every_fragment_file_is_used() -> None:
    everything = "\n".join(documents.load(operation) for operation in OPERATIONS)
    files = {path.stem for path in (documents.FOLDER / "fragments").glob("*.graphql")}
    assert {name for name in files if f"fragment {name} on" not in everything} == set()


def test_an_unknown_operation_is_our_own_bug() -> None:
    with pytest.raises(FileNotFoundError):
        documents.load("NoSuchOperation")
