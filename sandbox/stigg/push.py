"""The push channel: GraphQL subscriptions over the protocol graphql-transport-ws, on the address of the API.

Source: https://github.com/enisdenjo/graphql-ws/blob/master/PROTOCOL.md
"""

import asyncio
import json
from collections.abc import Awaitable
from typing import Any

from graphql import ExecutionResult, GraphQLError, GraphQLSchema, parse, subscribe, validate
from starlette.websockets import WebSocket, WebSocketDisconnect

from sandbox.stigg.graphql_api import envelope, shown
from sandbox.stigg.side import Side

SUBPROTOCOL = "graphql-transport-ws"
INIT_SECONDS = 10.0
BAD_REQUEST, UNAUTHORIZED, FORBIDDEN, NO_INIT, TAKEN, TOO_MANY_INITS = 4400, 4401, 4403, 4408, 4409, 4429

Message = dict[str, Any]


class Push:
    """One caller's connection, with a task for each of its subscriptions."""

    def __init__(self, side: Side, schema: GraphQLSchema, socket: WebSocket) -> None:
        self._side, self._schema, self._socket = side, schema, socket
        self._running: dict[str, asyncio.Task[None]] = {}

    async def serve(self) -> None:
        if SUBPROTOCOL not in self._socket.scope["subprotocols"]:
            await self._socket.close(BAD_REQUEST)
            return
        await self._socket.accept(subprotocol=SUBPROTOCOL)
        try:
            if await self._begin():
                while await self._take(await self._receive()):
                    pass
        except WebSocketDisconnect:
            pass
        except ValueError:
            await self._socket.close(BAD_REQUEST, "Invalid message received")
        finally:
            for task in self._running.values():
                task.cancel()

    async def _begin(self) -> bool:
        """The first message carries the headers that a call over HTTP would have."""
        try:
            first = await asyncio.wait_for(self._receive(), INIT_SECONDS)
        except TimeoutError:
            await self._socket.close(NO_INIT, "Connection initialisation timeout")
            return False
        if first.get("type") != "connection_init":
            await self._socket.close(UNAUTHORIZED, "Unauthorized")
            return False
        headers = (first.get("payload") or {}).get("headers") or {}
        keys = [value for name, value in headers.items() if name.lower() == "x-api-key"]
        if keys != [self._side.world.settings.stigg_api_key]:
            await self._socket.close(FORBIDDEN, "Invalid API key")
            return False
        await self._socket.send_json({"type": "connection_ack"})
        return True

    async def _receive(self) -> Message:
        """Raises ValueError for what is no message."""
        message = json.loads(await self._socket.receive_text())
        if not isinstance(message, dict):
            raise ValueError("a message is an object")
        return message

    async def _take(self, message: Message) -> bool:
        """False when the connection is over."""
        kind, name = message.get("type"), str(message.get("id"))
        if kind == "ping":
            await self._socket.send_json({"type": "pong"})
        elif kind == "complete":
            task = self._running.pop(name, None)
            if task is not None:
                task.cancel()
        elif kind == "subscribe" and name in self._running:
            await self._socket.close(TAKEN, f"Subscriber for {name} already exists")
            return False
        elif kind == "subscribe":
            self._running[name] = asyncio.create_task(self._run(name, message.get("payload") or {}))
        elif kind == "connection_init":
            await self._socket.close(TOO_MANY_INITS, "Too many initialisation requests")
            return False
        elif kind != "pong":
            raise ValueError("an unknown type of message")
        return True

    async def _run(self, name: str, payload: Message) -> None:
        try:
            document = parse(str(payload.get("query")))
            problems = validate(self._schema, document)
        except GraphQLError as error:
            problems = [error]
        if problems:
            await self._refuse(name, problems)
            return
        found = subscribe(
            self._schema,
            document,
            context_value=self._side,
            variable_values=payload.get("variables") or {},
            operation_name=payload.get("operationName"),
        )
        source = await found if isinstance(found, Awaitable) else found
        if isinstance(source, ExecutionResult):
            await self._refuse(name, source.errors or [])
            return
        async for result in source:
            await self._socket.send_json({"id": name, "type": "next", "payload": envelope(self._side, result)})
        await self._socket.send_json({"id": name, "type": "complete"})

    async def _refuse(self, name: str, errors: list[GraphQLError]) -> None:
        self._running.pop(name, None)
        payload = [shown(self._side, each) for each in errors]
        await self._socket.send_json({"id": name, "type": "error", "payload": payload})
