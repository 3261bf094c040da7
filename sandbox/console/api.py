"""The JSON API that tests steer the sandbox with. Forms of the pages come here too."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from sandbox import scenarios
from sandbox.console import actions, crowd, gifts
from sandbox.console.http import Handler, answer, answering, fields_of
from sandbox.console.plain import plain
from sandbox.console.rows import matching, rows
from sandbox.elements.preferences import preferences_of, set_preferences
from sandbox.world import World

HIDDEN_OF_ENDPOINTS = {"secret"}


class Api:
    def __init__(self, world: World) -> None:
        self._world = world

    def routes(self) -> list[BaseRoute]:
        table: list[tuple[str, str, Handler]] = [
            ("POST", "/api/reset", self.reset),
            ("GET", "/api/clock", self.clock),
            ("POST", "/api/clock", self.advance),
            ("GET", "/api/faults", self.faults),
            ("POST", "/api/faults", self.add_fault),
            ("DELETE", "/api/faults", self.clear_faults),
            ("POST", "/api/faults/clear", self.clear_faults),
            ("DELETE", "/api/faults/{id}", self.remove_fault),
            ("POST", "/api/faults/{id}/remove", self.remove_fault),
            ("GET", "/api/calls", self.calls),
            ("GET", "/api/deliveries", self.deliveries),
            ("POST", "/api/deliveries/{id}/resend", self.resend),
            ("POST", "/api/quiet", self.quiet),
            ("GET", "/api/webhooks", self.webhooks),
            ("POST", "/api/webhooks", self.set_policy),
            ("POST", "/api/webhooks/release", self.release),
            ("POST", "/api/webhooks/endpoints", self.set_endpoint),
            ("DELETE", "/api/webhooks/endpoints/{source}", self.remove_endpoint),
            ("POST", "/api/webhooks/endpoints/{source}/remove", self.remove_endpoint),
            ("GET", "/api/elements", self.elements),
            ("POST", "/api/elements", self.set_elements),
            ("POST", "/api/promotional_entitlements", self.grant),
            ("POST", "/api/promotional_entitlements/revoke", self.revoke),
            ("GET", "/api/scenarios", self.scenarios),
            ("POST", "/api/scenarios/{name}", self.run_scenario),
            ("GET", "/api/crowd", self.crowd),
            ("POST", "/api/crowd", self.grow_crowd),
            ("POST", "/api/crowd/moves", self.move_crowd),
            ("GET", "/api/{side:str}/{collection}", self.objects),
        ]
        return [Route(path, answering(handler), methods=[method]) for method, path, handler in table]

    async def reset(self, request: Request) -> Response:
        await actions.reset(self._world)
        return answer(request, {"reset": True})

    async def clock(self, request: Request) -> Response:
        return answer(request, self._clock())

    async def advance(self, request: Request) -> Response:
        await actions.advance(self._world, await fields_of(request))
        return answer(request, self._clock())

    async def faults(self, request: Request) -> Response:
        return answer(request, {"data": self._world.faults.list()})

    async def add_fault(self, request: Request) -> Response:
        return answer(request, actions.add_fault(self._world, await fields_of(request)))

    async def clear_faults(self, request: Request) -> Response:
        self._world.faults.clear()
        return answer(request, {"data": []})

    async def remove_fault(self, request: Request) -> Response:
        fault_id = request.path_params["id"]
        if not self._world.faults.remove(fault_id):
            raise LookupError(f"There is no fault {fault_id}.")
        return answer(request, {"removed": fault_id})

    async def calls(self, request: Request) -> Response:
        """Newest first; any field of a call filters."""
        return answer(request, _filtered(self._world.journal.list(), request.query_params))

    async def deliveries(self, request: Request) -> Response:
        """Newest first, with the body that was sent; any field of a delivery filters."""
        return answer(request, _filtered(self._world.deliveries.list(), request.query_params))

    async def resend(self, request: Request) -> Response:
        delivery = await self._world.deliveries.resend(request.path_params["id"])
        if delivery is None:
            raise LookupError(f"There is no delivery {request.path_params['id']}.")
        return answer(request, delivery)

    async def quiet(self, request: Request) -> Response:
        """Answers when nothing is on its way, or after `seconds` (20)."""
        return answer(request, {"quiet": await actions.quiet(self._world, await fields_of(request))})

    async def webhooks(self, request: Request) -> Response:
        return answer(request, self._webhooks())

    async def set_policy(self, request: Request) -> Response:
        actions.set_policy(self._world, await fields_of(request))
        return answer(request, self._webhooks())

    async def release(self, request: Request) -> Response:
        return answer(request, {"released": actions.release(self._world, await fields_of(request))})

    async def set_endpoint(self, request: Request) -> Response:
        actions.set_endpoint(self._world, await fields_of(request))
        return answer(request, self._webhooks())

    async def remove_endpoint(self, request: Request) -> Response:
        actions.remove_endpoint(self._world, request.path_params["source"])
        return answer(request, self._webhooks())

    async def elements(self, request: Request) -> Response:
        return answer(request, asdict(preferences_of(self._world)))

    async def set_elements(self, request: Request) -> Response:
        return answer(request, asdict(set_preferences(self._world, await fields_of(request))))

    async def grant(self, request: Request) -> Response:
        return answer(request, gifts.grant(self._world, await fields_of(request)))

    async def revoke(self, request: Request) -> Response:
        return answer(request, gifts.revoke(self._world, await fields_of(request)))

    async def scenarios(self, request: Request) -> Response:
        listed = [
            {"name": each.name, "group": each.group, "title": each.title, "summary": each.summary}
            for each in scenarios.SCENARIOS.values()
        ]
        return answer(request, {"data": listed})

    async def run_scenario(self, request: Request) -> Response:
        scenario = await scenarios.run(self._world, request.path_params["name"])
        return answer(request, {"name": scenario.name, "clock": self._clock()})

    async def crowd(self, request: Request) -> Response:
        return answer(request, {"data": crowd.told(self._world)})

    async def grow_crowd(self, request: Request) -> Response:
        """`count` copies of the customer `like`."""
        fields = await fields_of(request)
        given = str(fields.get("like")), int(fields.get("count") or 0), int(fields.get("seed") or 0)
        return answer(request, {"data": crowd.grow(self._world, *given)})

    async def move_crowd(self, request: Request) -> Response:
        moves = (await fields_of(request)).get("moves") or []
        return answer(request, {"moved": crowd.move(self._world, moves)})

    async def objects(self, request: Request) -> Response:
        side, collection = request.path_params["side"], request.path_params["collection"]
        return answer(request, {"data": rows(self._world, side, collection, request.query_params)})

    def _clock(self) -> dict[str, Any]:
        clock = self._world.clock
        return {"now": clock.now(), "offset_seconds": clock.offset_seconds}

    def _webhooks(self) -> dict[str, Any]:
        deliveries = self._world.deliveries
        endpoints = [
            {name: value for name, value in asdict(endpoint).items() if name not in HIDDEN_OF_ENDPOINTS}
            for endpoint in deliveries.endpoints()
        ]
        return {
            "stripe": deliveries.policy("stripe"),
            "stigg": deliveries.policy("stigg"),
            "endpoints": endpoints,
        }


def _filtered(found: list[Any], filters: Mapping[str, str]) -> dict[str, Any]:
    return {"data": matching([plain(each) for each in found], filters)}
