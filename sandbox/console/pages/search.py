"""What the search box finds, of both sides, best first."""

from collections.abc import Mapping

from sandbox.console.html import Child, Html, h
from sandbox.console.pages.layout import card, code, folded, page, table
from sandbox.console.search import MOST_HITS, Hit, search
from sandbox.world import World


def search_page(world: World, query: Mapping[str, str]) -> Html:
    text = query.get("q", "")
    found = search(world, text)
    title = f"Search: {text}" if text else "Search"
    if not text:
        content = card("All objects", h("p", "Type an id, a name, an e-mail address, a status, anything.", cls="empty"))
    else:
        more = f"The first {MOST_HITS}" if len(found) == MOST_HITS else str(len(found))
        content = card(f"{more} found", hits_table(found, f"Nothing has {text!r} in it."), live="hits")
    return page(world, "/search", title, content, searched=text)


def hits_table(found: list[Hit], empty: str) -> Html:
    lines: list[list[Child]] = [
        [
            h("span", hit.side, cls=f"side {hit.side}"),
            h("a", hit.collection.replace("_", " "), href=f"/{hit.side}/{hit.collection}"),
            h("a", code(hit.id), href=f"/{hit.side}/{hit.collection}/{hit.id}"),
            hit.label or h("span", "–", cls="quiet"),
            str(hit.row.get("status") or ""),
            folded("JSON", hit.row, f"{hit.side}-{hit.collection}-{hit.id}"),
        ]
        for hit in found
    ]
    return table(["Side", "Collection", "Id", "Is", "Status", ""], lines, empty)
