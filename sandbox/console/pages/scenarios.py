"""The scenarios: what each does, its button, and the call that does the same."""

from sandbox.console.html import Child, Html, h
from sandbox.console.pages.layout import button, card, code, page, table
from sandbox.scenarios import SCENARIOS
from sandbox.world import World


def scenarios_page(world: World) -> Html:
    lines: list[list[Child]] = [
        [
            each.title,
            button(f"/api/scenarios/{each.name}", "Run", cls="small"),
            h("span", each.summary, cls="prose"),
            code(f"POST /api/scenarios/{each.name}"),
        ]
        for each in SCENARIOS.values()
    ]
    return page(
        world,
        "/scenarios",
        "Scenarios",
        card("One word brings the sandbox there", table(["Scenario", "", "What it does", "Over HTTP"], lines, "")),
    )
