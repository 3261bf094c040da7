"""Webhooks: where they go, how they fare, each delivery with its tries."""

from collections.abc import Mapping

from sandbox.console.html import Child, Html, h
from sandbox.console.pages.layout import button, card, code, field, folded, moment, page, pill, select, table
from sandbox.console.pages.record import linked
from sandbox.console.plain import plain
from sandbox.delivery import MODES, SOURCES, Delivery
from sandbox.world import World

SHOWN = 150
MEANINGS = {
    "deliver": "Deliver at once",
    "drop": "Drop",
    "double": "Send twice",
    "delay": "Delay",
    "shuffle": "Shuffle",
    "hold": "Hold until released",
}


def webhooks_page(world: World, query: Mapping[str, str]) -> Html:
    internal = query.get("who") == "all"
    found = world.deliveries.list(internal=None if internal else False)
    other = ("/webhooks", "Only to the application") if internal else ("/webhooks?who=all", "Also between the sides")
    return page(
        world,
        "/webhooks",
        "Webhooks",
        h("div", [_source(world, source) for source in SOURCES], cls="pair"),
        card(
            "Deliveries",
            deliveries_table(found[:SHOWN]),
            aside=h("a", other[1], href=other[0]),
            live="deliveries",
        ),
    )


def deliveries_table(deliveries: list[Delivery]) -> Html:
    return table(
        ["At", "From", "Event", "State", "Tries", "Body", ""],
        [_line(delivery) for delivery in deliveries],
        "No webhooks yet.",
    )


def delivery_page(world: World, wanted: str) -> Html:
    """Raises LookupError."""
    delivery = world.deliveries.get(wanted)
    if delivery is None:
        raise LookupError(f"There is no delivery {wanted}.")
    again = button(f"/api/deliveries/{delivery.id}/resend", "Send again")
    return page(
        world,
        "/webhooks",
        f"{delivery.source.title()}: {delivery.kind}",
        h("p", pill(delivery.status), " to ", code(delivery.url), cls="line", id="state", data_live=True),
        card("Tries", _tries(delivery), aside=again, live="tries"),
        card("Body", h("pre", linked(world, plain(delivery.body)), cls="whole", tabindex="0")),
    )


def _tries(delivery: Delivery) -> Html:
    lines: list[list[Child]] = [
        [
            moment(each.at),
            _attempt(each.status_code, each.error),
            h("span", f"{each.milliseconds:.0f} ms", cls="number"),
            each.error or "",
        ]
        for each in delivery.attempts
    ]
    following = h("p", "The next one: ", moment(delivery.next_try_at), cls="line") if delivery.next_try_at else None
    return h("div", following, table(["At", "Answer", "Took", "Error"], lines, "Not tried yet."))


def _line(delivery: Delivery) -> list[Child]:
    return [
        moment(delivery.created_at),
        h("span", delivery.source, cls=f"side {delivery.source}"),
        [h("a", code(delivery.kind), href=f"/webhooks/{delivery.id}"), pill("internal") if delivery.internal else None],
        pill(delivery.status),
        h("span", [_attempt(each.status_code, each.error) for each in delivery.attempts], cls="tries"),
        folded(delivery.event_id or delivery.id, plain(delivery.body), delivery.id),
        button(f"/api/deliveries/{delivery.id}/resend", "Send again", cls="small"),
    ]


def _attempt(status_code: int | None, error: str | None) -> Html:
    if status_code is None:
        return h("span", "no answer", cls="pill bad", title=error)
    return pill(str(status_code), "good" if status_code < 300 else "bad")


def _source(world: World, source: str) -> Html:
    policy = world.deliveries.policy(source)
    endpoints = [each for each in world.deliveries.endpoints(source) if not each.internal]
    held = sum(each.status == "held" for each in world.deliveries.list(source))
    policy_form = h(
        "form",
        h("input", type="hidden", name="source", value=source),
        field("From now on", select("mode", [(mode, MEANINGS[mode]) for mode in MODES], policy.mode)),
        field("Seconds", h("input", type="number", name="seconds", min=0, step="any", value=f"{policy.seconds:g}")),
        h("button", "Set"),
        method="post",
        action="/api/webhooks",
        cls="filters",
    )
    endpoint_form = h(
        "form",
        h("input", type="hidden", name="source", value=source),
        field(
            "Address", h("input", type="url", name="url", required=True, placeholder="http://127.0.0.1:8000/hooks/…")
        ),
        field("Secret", h("input", name="secret", required=True, autocomplete="off")),
        h("button", "Use this address"),
        method="post",
        action="/api/webhooks/endpoints",
        cls="filters",
    )
    going = [h("p", code(each.url), cls="line") for each in endpoints]
    own = any(not each.made_by_api for each in endpoints)
    stop = button(f"/api/webhooks/endpoints/{source}/remove", "Stop notifying", cls="small") if own else None
    return card(
        f"{source.title()} notifies",
        going or h("p", "No address yet: nothing is sent to the application.", cls="empty"),
        policy_form,
        button("/api/webhooks/release", f"Release {held} held", ("source", source)) if held else None,
        h("details", h("summary", "Another address"), endpoint_form, stop),
    )
