"""The edge: read-only JSON over GET, with the bodies of the matching GraphQL operations.

Source: https://docs.stigg.io/api-and-sdks/integration/graphql/rate-limits (the list of routes)
"""

from pathlib import Path
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from sandbox.stigg.graphql_api import GraphQLApi
from sandbox.stigg.trace import traced

TOO_MANY = {"error": "rate_limit_exceeded", "message": "Too many requests"}
DOCUMENTS = Path(__file__).with_name("edge_documents")


class Edge:
    def __init__(self, api: GraphQLApi) -> None:
        self._api = api
        self._documents = {path.stem: path.read_text(encoding="utf-8") for path in DOCUMENTS.glob("*.graphql")}

    def routes(self) -> list[Route]:
        return [
            Route("/v1/paywall.json", self.paywall),
            Route("/v1/p/{product_id}/paywall.json", self.paywall),
            Route("/v1/c/{customer_id}/entitlements.json", self.entitlements),
            Route("/v1/c/{customer_id}/entitlements-state.json", self.entitlements_state),
            Route("/v1/c/{customer_id}/subscriptions.json", self.subscriptions),
            Route("/v1/config/server-sdk-configuration.json", self.configuration),
            Route("/v1/config/client-sdk-configuration.json", self.configuration),
            Route("/health", _health),
        ]

    async def paywall(self, request: Request) -> Response:
        given = {
            "productId": request.path_params.get("product_id"),
            "billingCountryCode": request.query_params.get("billingCountryCode"),
            "fetchAllCountriesPrices": request.query_params.get("fetchAllCountriesPrices") == "true",
            "includeHiddenPlans": request.query_params.get("includeHiddenPlans") == "true",
        }
        return await self._answer(request, "paywall", {"input": given})

    async def entitlements(self, request: Request) -> Response:
        query = _customer_query(request)
        feature_id = request.query_params.get("featureId")
        if feature_id is None:
            return await self._answer(request, "entitlements", {"query": query})
        usage = request.query_params.get("requestedUsage")
        try:
            options = {"requestedUsage": float(usage)} if usage else {}
        except ValueError:
            return JSONResponse(self._api.refusal("BadUserInput", "requestedUsage is not a number"), status_code=400)
        query |= {"featureId": feature_id, "options": options}
        return await self._answer(request, "entitlement", {"query": query})

    async def entitlements_state(self, request: Request) -> Response:
        return await self._answer(request, "entitlements_state", {"query": _customer_query(request)})

    async def subscriptions(self, request: Request) -> Response:
        given = _customer_query(request)
        several = request.query_params.getlist("resourceIds")
        if several:
            given["resourceIds"] = several
        return await self._answer(request, "subscriptions", {"input": given})

    async def configuration(self, request: Request) -> Response:
        return await self._answer(request, "sdk_configuration", {})

    async def _answer(self, request: Request, document: str, variables: dict[str, Any]) -> Response:
        with traced():
            if not self._api.is_authentic(request):
                return JSONResponse(self._api.refusal("Unauthenticated", "Unauthenticated"), status_code=401)
            if not self._api.has_room_at_the_edge():
                return JSONResponse(TOO_MANY, status_code=429)
            return JSONResponse(await self._api.query(self._documents[document], variables))


async def _health(_request: Request) -> Response:
    return JSONResponse({"status": "ok"})


def _customer_query(request: Request) -> dict[str, Any]:
    query = {"customerId": request.path_params["customer_id"]}
    resource_id = request.query_params.get("resourceId")
    return query | ({"resourceId": resource_id} if resource_id else {})
