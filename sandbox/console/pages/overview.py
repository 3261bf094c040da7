"""The first page: how things stand, what is disturbed, the scenarios, and what happened last."""

from itertools import groupby

from sandbox.console.html import Html, h
from sandbox.console.pages.calls import calls_table
from sandbox.console.pages.faults import faults_table
from sandbox.console.pages.layout import button, card, page, pill
from sandbox.console.pages.webhooks import deliveries_table
from sandbox.elements.preferences import preferences_of
from sandbox.scenarios import SCENARIOS
from sandbox.scenarios.cards import changed_cards
from sandbox.world import World

LATEST = 8


def overview(world: World) -> Html:
    return page(
        world,
        "/",
        "Overview",
        h("div", _figures(world), id="figures", data_live=True, cls="figures"),
        h("div", h("div", _happenings(world)), card("Scenarios", _scenarios()), cls="split"),
    )


def _happenings(world: World) -> list[Html]:
    return [
        card("Disturbances", _disturbances(world), aside=button("/api/scenarios/calm", "Calm"), live="disturbances"),
        card(
            "Latest webhooks to the application",
            deliveries_table(world.deliveries.list(internal=False)[:LATEST]),
            aside=h("a", "All webhooks", href="/webhooks"),
            live="latest-webhooks",
        ),
        card(
            "Latest calls from the application",
            calls_table([call for call in world.journal.list() if not call.internal][:LATEST]),
            aside=h("a", "All calls", href="/calls"),
            live="latest-calls",
        ),
    ]


def _figures(world: World) -> list[Html]:
    subscriptions = list(world.stigg.subscriptions.values())
    deliveries = world.deliveries.list(internal=False)
    figures = [
        ("Customers", len(world.stigg.customers), "/stigg/customers"),
        ("Granting access", sum(each.grants_access for each in subscriptions), "/stigg/subscriptions"),
        ("Payment pending", sum(each.status == "PAYMENT_PENDING" for each in subscriptions), "/stigg/subscriptions"),
        (
            "Open invoices",
            sum(each["status"] == "open" for each in world.stripe.invoices.values()),
            "/stripe/invoices",
        ),
        ("Saved cards", _saved_cards(world), "/stripe/payment_methods"),
        ("Webhooks not taken", sum(each.status != "delivered" for each in deliveries), "/webhooks"),
    ]
    return [h("a", h("b", count), h("span", label), href=href) for label, count, href in figures]


def _saved_cards(world: World) -> int:
    return sum(each["customer"] is not None for each in world.stripe.payment_methods.values())


def _disturbances(world: World) -> list[Html]:
    policies = [
        h("p", pill("webhooks", "wait"), f" {source.title()}’s webhooks: {policy.mode}", cls="line")
        for source in ("stripe", "stigg")
        if (policy := world.deliveries.policy(source)).mode != "deliver"
    ]
    if preferences_of(world).three_d_secure == "redirect":
        policies.append(h("p", pill("elements", "wait"), " 3-D Secure leaves the page", cls="line"))
    if changed := changed_cards(world):
        policies.append(h("p", pill("cards", "wait"), f" {changed} saved not as printed", cls="line"))
    faults = world.faults.list()
    if not faults and not policies:
        return [h("p", "None: both providers answer, all webhooks are delivered.", cls="empty")]
    return [*policies, *([faults_table(faults)] if faults else [])]


def _scenarios() -> list[Html]:
    groups = groupby(SCENARIOS.values(), key=lambda scenario: scenario.group)
    return [
        h(
            "div",
            h("h3", group),
            h(
                "div",
                [
                    h(
                        "form",
                        h("button", h("b", each.title), h("span", each.summary), cls="scenario"),
                        method="post",
                        action=f"/api/scenarios/{each.name}",
                    )
                    for each in members
                ],
                cls="scenarios",
            ),
        )
        for group, members in groups
    ]
