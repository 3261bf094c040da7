"""The frame around every page: head, navigation, clock bar; and the small parts that pages share."""

import json
from datetime import datetime
from typing import Any

from sandbox.console.actions import UNITS
from sandbox.console.html import Child, Html, h, joined
from sandbox.console.plain import plain
from sandbox.console.rows import collections_of
from sandbox.world import World

STEPS = (("+1 hour", 3600), ("+22 hours", 22 * 3600), ("+1 day", 86400), ("+1 month", 31 * 86400))
PAGES = (
    ("/", "Overview"),
    ("/customers", "Customers"),
    ("/webhooks", "Webhooks"),
    ("/calls", "Calls"),
    ("/faults", "Faults"),
    ("/scenarios", "Scenarios"),
    ("/cards", "Test cards"),
)
# How a word of either provider is coloured; what is not named here stays neutral.
TONES = {
    "good": "active succeeded paid delivered complete IN_TRIAL ACTIVE enabled trialing",
    "bad": "failed canceled incomplete_expired uncollectible CANCELED EXPIRED FAILED past_due dropped unpaid",
    "wait": "pending open incomplete requires_action requires_payment_method PAYMENT_PENDING held processing "
    "ACTION_REQUIRED requires_confirmation",
}
_TONE_OF = {word: tone for tone, words in TONES.items() for word in words.split()}


def page(world: World, path: str, title: str, *content: Child, searched: str = "") -> Html:
    head = h(
        "head",
        h("meta", charset="utf-8"),
        h("meta", name="viewport", content="width=device-width, initial-scale=1"),
        h("title", f"{title} – Sandbox"),
        h("link", rel="stylesheet", href="/static/console.css"),
        h("link", rel="icon", href="/static/icon.svg"),
        h("script", type="module", src="/static/console.js"),
    )
    body = h(
        "body",
        h("a", "To the content", cls="skip", href="#content"),
        _sidebar(world, path),
        h("div", _bar(world, searched), h("main", h("h1", title), content, id="content"), cls="stage"),
    )
    return joined(Html("<!doctype html>"), h("html", head, body, lang="en"))


def card(title: str, *content: Child, aside: Child = None, live: str | None = None) -> Html:
    """A titled box; with `live` its content is refreshed while the page is open."""
    header = h("header", h("h2", title), h("div", aside, cls="aside") if aside else None)
    return h("section", header, h("div", content, id=live, data_live=bool(live)), cls="card")


def table(headings: list[str], lines: list[list[Child]], empty: str) -> Html:
    if not lines:
        return h("p", empty, cls="empty")
    head = h("thead", h("tr", [h("th", heading, scope="col") for heading in headings]))
    body = h("tbody", [h("tr", [h("td", cell) for cell in line]) for line in lines])
    return h("div", h("table", head, body), cls="scroll", tabindex="0", role="region", aria_label="Table")


def pill(word: str, tone: str | None = None) -> Html:
    return h("span", word, cls=f"pill {tone or _TONE_OF.get(word, 'plain')}")


def code(text: str) -> Html:
    return h("code", text)


def moment(when: datetime | None) -> Html:
    if when is None:
        return h("span", "–", cls="quiet")
    return h("time", when.strftime("%H:%M:%S"), datetime=when.isoformat(), title=f"{when:%Y-%m-%d %H:%M:%S} UTC")


def folded(summary: Child, value: Any, key: str) -> Html:
    """JSON behind a click; `key` keeps it open when the page refreshes itself."""
    text = json.dumps(plain(value), indent=2, ensure_ascii=False)
    return h("details", h("summary", summary), h("pre", text), data_key=key)


def button(action: str, label: str, *hidden: tuple[str, str], cls: str = "", confirm: str | None = None) -> Html:
    """A form of one button, which works without a script."""
    inputs = [h("input", type="hidden", name=name, value=value) for name, value in hidden]
    return h("form", inputs, h("button", label, cls=cls), method="post", action=action, data_confirm=confirm)


def field(label: str, control: Html) -> Html:
    return h("label", h("span", label), control, cls="field")


def select(name: str, options: list[tuple[str, str]], chosen: str = "", label: str | None = None) -> Html:
    """`label` where no label element stands beside it."""
    items = [h("option", text, value=value, selected=value == chosen) for value, text in options]
    return h("select", items, name=name, aria_label=label)


def _sidebar(world: World, path: str) -> Html:
    links = [_link(href, label, path) for href, label in PAGES]
    sides = [
        [
            h("h2", side.title()),
            [_link(f"/{side}/{name}", name.replace("_", " ").capitalize(), path) for name in collections_of(side)],
        ]
        for side in ("stripe", "stigg")
    ]
    addresses = h(
        "p", "Stripe ", code(world.settings.stripe_url), " Stigg ", code(world.settings.stigg_url), cls="addresses"
    )
    return h("nav", h("p", "Sandbox", cls="brand"), links, sides, addresses, aria_label="Console")


def _link(href: str, label: str, path: str) -> Html:
    return h("a", label, href=href, aria_current="page" if href == path else None)


def _bar(world: World, searched: str) -> Html:
    return h("header", _face(world), _search(searched), _steps(), cls="clock-bar")


def _face(world: World) -> Html:
    clock = world.clock
    now = clock.now()
    ahead = int(clock.offset_seconds)
    drift = f"{ahead // 86400} d {ahead % 86400 // 3600} h ahead" if ahead else "real time"
    return h(
        "p",
        h("time", f"{now:%a %d %b %Y}", h("b", f"{now:%H:%M:%S}"), datetime=now.isoformat()),
        pill(drift, "wait" if ahead else "plain"),
        cls="face",
        id="clock",
        data_live=True,
    )


def _search(searched: str) -> Html:
    box = h(
        "input",
        type="search",
        name="q",
        value=searched,
        placeholder="Search all objects  /",
        aria_label="Search all objects",
        aria_keyshortcuts="/",
    )
    return h("form", box, action="/search", role="search", cls="search")


def _steps() -> Html:
    steps = [button("/api/clock", label, ("advance_seconds", str(seconds))) for label, seconds in STEPS]
    further = h(
        "details",
        h("summary", "Other"),
        h(
            "form",
            h("input", type="number", name="amount", min=1, step="any", value=7, required=True, aria_label="How far"),
            select("unit", [(unit, unit) for unit in UNITS], "days", label="Unit"),
            h("button", "Move the clock"),
            method="post",
            action="/api/clock",
            cls="further",
        ),
    )
    reset = button("/api/reset", "Reset", cls="danger", confirm="Forget everything and start anew?")
    return h("div", steps, further, reset, cls="steps")
