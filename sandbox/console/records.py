"""The JSON API's look into what happened: search, one object, customers and their timelines; and money taken back."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from sandbox.console import actions, timeline
from sandbox.console.http import Handler, answer, answering, fields_of
from sandbox.console.rows import row_of
from sandbox.console.search import search
from sandbox.world import World


class Records:
    def __init__(self, world: World) -> None:
        self._world = world

    def routes(self) -> list[BaseRoute]:
        table: list[tuple[str, str, Handler]] = [
            ("GET", "/api/search", self.search),
            ("GET", "/api/customers", self.customers),
            ("GET", "/api/timeline/{id}", self.timeline),
            ("POST", "/api/charges/{id}/refund", self.refund),
            ("POST", "/api/charges/{id}/dispute", self.dispute),
            ("POST", "/api/disputes/{id}/decide", self.decide),
            ("GET", "/api/{side:str}/{collection}/{id:path}", self.object),
        ]
        return [Route(path, answering(handler), methods=[method]) for method, path, handler in table]

    async def search(self, request: Request) -> Response:
        """Objects of both sides that `q` is the id of, names, or stands in; best first."""
        return answer(request, {"data": search(self._world, request.query_params.get("q", ""))})

    async def customers(self, request: Request) -> Response:
        return answer(request, {"data": timeline.customers(self._world)})

    async def timeline(self, request: Request) -> Response:
        """What happened to a customer, by their id at either side; newest first."""
        who = timeline.customer(self._world, request.path_params["id"])
        return answer(request, {"customer": who, "data": timeline.timeline(self._world, who)})

    async def object(self, request: Request) -> Response:
        found = request.path_params
        return answer(request, row_of(self._world, found["side"], found["collection"], found["id"]))

    async def refund(self, request: Request) -> Response:
        return answer(request, actions.refund(self._world, request.path_params["id"], await fields_of(request)))

    async def dispute(self, request: Request) -> Response:
        return answer(request, actions.dispute(self._world, request.path_params["id"], await fields_of(request)))

    async def decide(self, request: Request) -> Response:
        return answer(request, actions.decide(self._world, request.path_params["id"], await fields_of(request)))
