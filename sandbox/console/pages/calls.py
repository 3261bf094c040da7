"""The calls that both sides have received."""

from collections.abc import Mapping

from sandbox.console.html import Child, Html, h
from sandbox.console.pages.layout import card, code, field, folded, moment, page, pill, select, table
from sandbox.journal import Call
from sandbox.world import World

SHOWN = 200


def calls_page(world: World, query: Mapping[str, str]) -> Html:
    provider, who, text = query.get("provider", ""), query.get("who", "application"), query.get("q", "")
    found = [
        call
        for call in world.journal.list(provider or None)
        if (who == "all" or not call.internal) and text.lower() in f"{call.operation} {call.path}".lower()
    ]
    return page(
        world, "/calls", "Calls", _filters(provider, who, text), card("Calls", calls_table(found[:SHOWN]), live="calls")
    )


def calls_table(calls: list[Call]) -> Html:
    return table(
        ["At", "Provider", "Operation", "Answer", "Took", "Request"],
        [_line(call) for call in calls],
        "No calls yet.",
    )


def _line(call: Call) -> list[Child]:
    fault = pill(f"fault: {call.fault}", "bad") if call.fault else None
    internal = pill("internal") if call.internal else None
    return [
        moment(call.at),
        h("span", call.provider, cls=f"side {call.provider}"),
        [code(call.operation), fault, internal],
        _status(call.status),
        h("span", f"{call.duration_ms:.0f} ms", cls="number"),
        folded(call.request_id or "parameters", call.request, f"call-{call.id}"),
    ]


def _status(status: int) -> Html:
    if status == 0:
        return pill("no answer", "bad")
    return pill(str(status), "good" if status < 400 else "bad")


def _filters(provider: str, who: str, text: str) -> Html:
    providers = [("", "Both providers"), ("stripe", "Stripe"), ("stigg", "Stigg")]
    callers = [("application", "From the application"), ("all", "Also between the sides")]
    return h(
        "form",
        field("Provider", select("provider", providers, provider)),
        field("Caller", select("who", callers, who)),
        field("Operation contains", h("input", type="search", name="q", value=text)),
        h("button", "Filter"),
        cls="filters",
    )
