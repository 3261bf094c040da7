"""/v1/events and /v1/webhook_endpoints."""

from sandbox.delivery import Endpoint, application_id
from sandbox.settings import is_loopback_url
from sandbox.stripe.call import CURSOR_PARAMS, LIST_PARAMS, Call, operation
from sandbox.stripe.copying import copied
from sandbox.stripe.errors import invalid, missing_parameter
from sandbox.stripe.events import API_VERSION
from sandbox.stripe.ids import new_id, random_text
from sandbox.stripe.listing import matching, page
from sandbox.stripe.params import Params, merged_metadata
from sandbox.stripe.state import Obj


def retrieve_event(call: Call, id: str) -> Obj:
    pending = call.world.deliveries.unfinished()[id]
    return call.find("events", id, "event") | {"pending_webhooks": pending}


def list_events(call: Call) -> Obj:
    rows = list(call.state.events.values())
    if kind := call.params.text("type"):
        rows = [each for each in rows if _kind_matches(each["type"], kind)]
    if kinds := call.params.texts("types"):
        rows = [each for each in rows if each["type"] in kinds]
    unfinished = call.world.deliveries.unfinished()
    if (delivered := call.params.flag("delivery_success")) is not None:
        rows = [each for each in rows if (unfinished[each["id"]] == 0) == delivered]
    listed = page(call, rows, "/v1/events")
    listed["data"] = [each | {"pending_webhooks": unfinished[each["id"]]} for each in listed["data"]]
    return listed


def create_endpoint(call: Call) -> Obj:
    """The only answer that shows the secret."""
    url, events = _checked_url(call.params), call.params.texts("enabled_events")
    if not events:
        raise missing_parameter("enabled_events")
    endpoint: Obj = {
        "id": new_id("we"),
        "object": "webhook_endpoint",
        "api_version": call.params.text("api_version"),
        "application": None,
        "created": call.now(),
        "description": call.params.text("description"),
        "enabled_events": events,
        "livemode": False,
        "metadata": merged_metadata({}, call.params),
        "status": "enabled",
        "url": url,
    }
    call.state.webhook_endpoints[endpoint["id"]] = endpoint
    secret = f"whsec_{random_text(32)}"
    _register(call, endpoint, secret)
    return endpoint | {"secret": secret}


def retrieve_endpoint(call: Call, id: str) -> Obj:
    return call.find("webhook_endpoints", id, "webhook endpoint")


def update_endpoint(call: Call, id: str) -> Obj:
    endpoint = call.find("webhook_endpoints", id, "webhook endpoint")
    changed = copied(endpoint)
    if "url" in call.params:
        changed["url"] = _checked_url(call.params)
    if "enabled_events" in call.params:
        changed["enabled_events"] = call.params.texts("enabled_events")
    if "description" in call.params:
        changed["description"] = call.params.text("description")
    if (disabled := call.params.flag("disabled")) is not None:
        changed["status"] = "disabled" if disabled else "enabled"
    changed["metadata"] = merged_metadata(changed["metadata"], call.params)
    endpoint.update(changed)
    known = next(each for each in call.world.deliveries.endpoints("stripe") if each.id == id)
    _register(call, endpoint, known.secret)
    return endpoint


def delete_endpoint(call: Call, id: str) -> Obj:
    call.find("webhook_endpoints", id, "webhook endpoint")
    del call.state.webhook_endpoints[id]
    call.world.deliveries.unregister(id)
    return {"id": id, "object": "webhook_endpoint", "deleted": True}


def list_endpoints(call: Call) -> Obj:
    rows = matching([*call.state.webhook_endpoints.values(), *_given_at_start(call)], call.params)
    return page(call, rows, "/v1/webhook_endpoints")


def _given_at_start(call: Call) -> list[Obj]:
    """The application's endpoint that was named on the command line: the account has it like any other."""
    return [
        {
            "id": known.id,
            "object": "webhook_endpoint",
            "api_version": API_VERSION,
            "application": None,
            "created": call.now(),
            "description": "Given when the sandbox was started",
            "enabled_events": ["*"],
            "livemode": False,
            "metadata": {},
            "status": "enabled",
            "url": known.url,
        }
        for known in call.world.deliveries.endpoints("stripe")
        if known.id == application_id("stripe")
    ]


def _kind_matches(kind: str, pattern: str) -> bool:
    return kind.startswith(pattern[:-1]) if pattern.endswith("*") else kind == pattern


def _checked_url(params: Params) -> str:
    url = params.need("url")
    if not is_loopback_url(url):
        raise invalid("The sandbox notifies loopback addresses only.", "url", "url_invalid")
    return url


def _register(call: Call, endpoint: Obj, secret: str) -> None:
    call.world.deliveries.register(
        Endpoint(
            id=endpoint["id"],
            source="stripe",
            url=endpoint["url"],
            secret=secret,
            events=list(endpoint["enabled_events"]),
            enabled=endpoint["status"] == "enabled",
        )
    )


OPERATIONS = [
    operation("GET", "/v1/events", list_events, f"{LIST_PARAMS} delivery_success type types"),
    operation("GET", "/v1/events/{id}", retrieve_event),
    operation(
        "POST",
        "/v1/webhook_endpoints",
        create_endpoint,
        "api_version connect description enabled_events metadata url",
    ),
    operation("GET", "/v1/webhook_endpoints", list_endpoints, CURSOR_PARAMS),
    operation("GET", "/v1/webhook_endpoints/{id}", retrieve_endpoint),
    operation(
        "POST",
        "/v1/webhook_endpoints/{id}",
        update_endpoint,
        "description disabled enabled_events metadata url",
    ),
    operation("DELETE", "/v1/webhook_endpoints/{id}", delete_endpoint),
]
