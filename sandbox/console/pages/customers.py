"""Customers as both sides know them, and the timeline of one."""

from collections.abc import Mapping

from sandbox.console.html import Child, Html, h
from sandbox.console.pages.layout import card, code, folded, moment, page, pill, table
from sandbox.console.timeline import Entry, Who, customer, customers, timeline
from sandbox.world import World

SHOWN = 300
KINDS = {"event": "Event", "webhook": "Webhook", "call": "Call"}


def customers_page(world: World) -> Html:
    found = customers(world)
    lines: list[list[Child]] = [_line(world, who) for who in found[:SHOWN]]
    headings = ["Timeline", "E-mail", "Stripe", "Stigg", "Subscriptions"]
    listed = table(headings, lines, "Nobody yet.")
    return page(world, "/customers", "Customers", card(f"{len(found)} known", listed, live="customers"))


def timeline_page(world: World, wanted: str, query: Mapping[str, str]) -> Html:
    """Raises LookupError."""
    who = customer(world, wanted)
    internal = query.get("who") == "all"
    entries = [each for each in timeline(world, who) if internal or not each.internal]
    other = ("", "Only with the application") if internal else ("?who=all", "Also between the sides")
    return page(
        world,
        "/customers",
        who.name or who.email or wanted,
        h("p", _names(who), cls="line"),
        card("Subscriptions", _subscriptions(world, who), live="subscriptions"),
        card(
            f"{len(entries)} happenings, newest first",
            table(["At", "Side", "Kind", "What", "Outcome", ""], [_happening(each) for each in entries[:SHOWN]], ""),
            aside=h("a", other[1], href=f"/customers/{wanted}{other[0]}"),
            live="timeline",
        ),
    )


def _line(world: World, who: Who) -> list[Child]:
    own = who.stripe_id or who.stigg_id
    return [
        h("a", who.name or who.email or own, href=f"/customers/{own}"),
        who.email or h("span", "–", cls="quiet"),
        *_links(who),
        [pill(each.status) for each in world.stigg.subscriptions.values() if each.customer_ref_id == who.stigg_id],
    ]


def _names(who: Who) -> list[Child]:
    return [who.email, *_links(who)]


def _links(who: Who) -> list[Child]:
    nothing = h("span", "–", cls="quiet")
    return [
        h("a", code(own), href=f"/{side}/customers/{own}") if own else nothing
        for side, own in (("stripe", who.stripe_id), ("stigg", who.stigg_id))
    ]


def _subscriptions(world: World, who: Who) -> Html:
    mine = [each for each in world.stigg.subscriptions.values() if each.customer_ref_id == who.stigg_id]
    lines: list[list[Child]] = [
        [
            h("a", code(each.ref_id), href=f"/stigg/subscriptions/{each.ref_id}"),
            each.plan_id,
            pill(each.status),
            pill(each.payment_collection),
            h("a", code(each.billing_id), href=f"/stripe/subscriptions/{each.billing_id}") if each.billing_id else "–",
        ]
        for each in mine
    ]
    return table(["Stigg", "Plan", "Status", "Payment", "Stripe"], lines, "No subscription.")


def _happening(entry: Entry) -> list[Child]:
    what: list[Child] = [code(entry.title), pill("internal") if entry.internal else None]
    return [
        h("span", f"{entry.at:%d %b} ", moment(entry.at)),
        h("span", entry.side, cls=f"side {entry.side}"),
        KINDS[entry.kind],
        what,
        [_outcome(each) for each in entry.outcomes],
        folded(entry.id, entry.detail, f"{entry.kind}-{entry.id}"),
    ]


def _outcome(word: str) -> Html:
    if word.isdigit():
        return pill(word, "good" if int(word) < 400 else "bad")
    return pill(word, "bad" if word == "no answer" else None)
