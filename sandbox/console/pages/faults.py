"""Faults: those in force, presets, and a form for any other."""

import re
from dataclasses import dataclass

from sandbox.console.html import Child, Html, h
from sandbox.console.pages.layout import button, card, code, field, page, pill, select, table
from sandbox.faults import KINDS, Fault
from sandbox.stripe.app import RESOURCES
from sandbox.world import World

_PLACEHOLDER = re.compile(r"\{\w+\}")


@dataclass(frozen=True, slots=True)
class Preset:
    label: str
    fields: tuple[tuple[str, str], ...] = ()
    scenario: str | None = None

    def button(self) -> Html:
        if self.scenario:
            return button(f"/api/scenarios/{self.scenario}", self.label)
        return button("/api/faults", self.label, *self.fields)


PRESETS = (
    Preset("Stigg down", scenario="stigg_down"),
    Preset("Stripe down", scenario="stripe_down"),
    Preset("Stigg slow 5 s", scenario="stigg_slow"),
    Preset("Stripe slow 5 s", scenario="stripe_slow"),
    Preset("Stripe 429 five times", scenario="stripe_rate_limited"),
    Preset("Provisioning hangs once", scenario="provision_hangs"),
    Preset("Next charge declined", scenario="next_charge_declined"),
    Preset(
        "Next provisioning fails",
        (
            ("provider", "stigg"),
            ("kind", "graphql_error"),
            ("operation", "provisionSubscriptionV2"),
            ("times", "1"),
        ),
    ),
    Preset(
        "Next SetupIntent 500",
        (("provider", "stripe"), ("kind", "status"), ("operation", "POST /v1/setup_intents"), ("times", "1")),
    ),
    Preset(
        "Card form slow 3 s",
        (
            ("provider", "stripe"),
            ("kind", "latency"),
            ("operation", "POST /v1/setup_intents/{id}/confirm"),
            ("seconds", "3"),
        ),
    ),
)


def faults_page(world: World) -> Html:
    return page(
        world,
        "/faults",
        "Faults",
        card(
            "In force",
            faults_table(world.faults.list()),
            aside=button("/api/faults/clear", "Remove all"),
            live="faults",
        ),
        card("Presets", h("div", [preset.button() for preset in PRESETS], cls="presets")),
        card("Another fault", _form()),
    )


def faults_table(faults: list[Fault]) -> Html:
    lines: list[list[Child]] = [
        [
            h("span", fault.provider, cls=f"side {fault.provider}"),
            pill(fault.kind, "bad"),
            code(fault.operation or "every call"),
            _detail(fault),
            "until removed" if fault.times is None else f"{fault.times} more",
            button(f"/api/faults/{fault.id}/remove", "Remove", cls="small"),
        ]
        for fault in faults
    ]
    return table(["Provider", "Fault", "Operation", "Detail", "Lasts", ""], lines, "No faults: both sides behave.")


def _detail(fault: Fault) -> str:
    parts = [
        f"status {fault.status}" if fault.kind == "status" else "",
        f"{fault.seconds:g} s" if fault.seconds else "",
        fault.code,
    ]
    return ", ".join(part for part in parts if part) or "–"


def _form() -> Html:
    return h(
        "form",
        field("Provider", select("provider", [("stigg", "Stigg"), ("stripe", "Stripe")])),
        field("Fault", select("kind", [(kind, kind.replace("_", " ")) for kind in KINDS])),
        field("Operation", h("input", name="operation", placeholder="every call", list="operations")),
        field("Status", h("input", type="number", name="status", value=500, min=400, max=599)),
        field("Seconds", h("input", type="number", name="seconds", value=0, min=0, step="any")),
        field("Code", h("input", name="code")),
        field("Times", h("input", type="number", name="times", min=1, placeholder="until removed")),
        h("button", "Add fault", cls="primary"),
        h("datalist", [h("option", value=each) for each in _operations()], id="operations"),
        method="post",
        action="/api/faults",
        cls="filters",
    )


def _operations() -> list[str]:
    stripe = {
        f"{each.method} {_PLACEHOLDER.sub('{id}', each.path)}" for resource in RESOURCES for each in resource.OPERATIONS
    }
    return [*sorted(stripe, key=lambda operation: operation.split()[::-1]), *STIGG_OPERATIONS]


STIGG_OPERATIONS = (
    "provisionCustomer",
    "getCustomerByRefId",
    "paywall",
    "previewSubscription",
    "provisionSubscriptionV2",
    "updateOneCustomer",
    "getActiveSubscriptions",
    "entitlementsState",
)
