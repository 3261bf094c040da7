"""`POST /graphql`: reads a request, runs it against the schema, answers in GraphQL's envelope."""

import logging
import re
from pathlib import Path
from typing import Any

from graphql import (
    ExecutionResult,
    GraphQLError,
    GraphQLSchema,
    build_schema,
    execute,
    get_operation_ast,
    parse,
    validate,
)
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from sandbox.stigg import limits, news, resolvers, scalars
from sandbox.stigg.errors import StiggError
from sandbox.stigg.side import Side
from sandbox.stigg.trace import trace_id, traced

Answer = dict[str, Any]

# Stigg answers a batch of at most 25 operations.
LARGEST_BATCH = 25

log = logging.getLogger("sandbox.stigg")


def make_schema() -> GraphQLSchema:
    schema = build_schema(Path(__file__).with_name("schema.graphql").read_text(encoding="utf-8"))
    scalars.install(schema)
    resolvers.install(schema)
    news.install(schema)
    return schema


class GraphQLApi:
    def __init__(self, side: Side) -> None:
        self._side = side
        self.schema = make_schema()

    async def endpoint(self, request: Request) -> Response:
        with traced():
            if not self.is_authentic(request):
                return JSONResponse(self.refusal("Unauthenticated", "Unauthenticated"))
            if "application/json" not in request.headers.get("content-type", ""):
                return JSONResponse(self.refusal("Unauthenticated", "Unauthenticated"), status_code=401)
            try:
                sent = await request.json()
            except ValueError:
                return JSONResponse(self.refusal("BadUserInput", "The body is not JSON"), status_code=400)
            if isinstance(sent, list):
                return await self._batch(sent)
            status, answer = await self._run(sent)
            return JSONResponse(answer, status_code=status)

    def is_authentic(self, request: Request) -> bool:
        return request.headers.get("x-api-key") == self._side.world.settings.stigg_api_key

    def has_room_at_the_edge(self) -> bool:
        """One limit for all its routes together."""
        found = limits.limits_of(self._side)
        return found is None or found.take("edge", limits.EDGE_CALLS)

    async def query(self, document: str, variables: dict[str, Any]) -> Answer:
        """For the edge, whose bodies are those of GraphQL operations."""
        _, answer = await self._run({"query": document, "variables": variables})
        return answer

    def refusal(self, code: str, message: str) -> Answer:
        """The whole answer to a request that is not run at all."""
        error = {"message": message, "extensions": {"code": _spelled(self._side, code), "traceId": trace_id()}}
        return {"data": None, "errors": [error]}

    async def _batch(self, sent: list[Any]) -> Response:
        if not 0 < len(sent) <= LARGEST_BATCH:
            code = "GraphQLBatchedOperationsLimitExceeded"
            return JSONResponse(self.refusal(code, f"At most {LARGEST_BATCH} operations"), status_code=400)
        return JSONResponse([(await self._run(each))[1] for each in sent])

    async def _run(self, sent: Any) -> tuple[int, Answer]:
        if not isinstance(sent, dict) or not isinstance(sent.get("query"), str):
            return 400, self.refusal("BadUserInput", "The request has no query")
        try:
            document = parse(sent["query"])
        except GraphQLError as error:
            return 400, {"errors": [shown(self._side, error)]}
        problems = validate(self.schema, document)
        if problems:
            return 400, {"errors": [shown(self._side, error) for error in problems]}
        name = sent.get("operationName")
        if get_operation_ast(document, name) is None:
            return 400, self.refusal("BadUserInput", "The document has no such operation")
        result = execute(
            self.schema,
            document,
            context_value=self._side,
            variable_values=sent.get("variables") or {},
            operation_name=name,
        )
        found = result if isinstance(result, ExecutionResult) else await result
        return 200, envelope(self._side, found)


def envelope(side: Side, result: ExecutionResult) -> Answer:
    answer: Answer = {"data": _plain(result.data)}
    if result.errors:
        answer["errors"] = [shown(side, error) for error in result.errors]
    return answer


def _plain(value: Any) -> Any:
    """Whole numbers without a fraction, as JavaScript writes a Float: 49, not 49.0."""
    if isinstance(value, dict):
        return {name: _plain(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [_plain(inner) for inner in value]
    return int(value) if isinstance(value, float) and value.is_integer() else value


def shown(side: Side, error: GraphQLError) -> Answer:
    answer: Answer = dict(error.formatted)
    origin = error.original_error
    if isinstance(origin, StiggError):
        extensions = origin.extensions
    elif origin is None or isinstance(origin, GraphQLError):
        extensions = {"code": "BadUserInput", "traceId": trace_id()}
    else:
        log.error("%s failed", error.path, exc_info=origin)
        extensions = {"code": "UnexpectedError", "traceId": trace_id()}
    return answer | {"extensions": extensions | {"code": _spelled(side, extensions["code"])}}


def _spelled(side: Side, code: str) -> str:
    """As Stigg's enum has it, CustomerNotFound, or, if the catalogue says so, as its pages do: CUSTOMER_NOT_FOUND."""
    if side.state.catalog.behaviour.error_codes == "CustomerNotFound":
        return code
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", code).upper()
