"""Price lists that a paywall must bear: made here, in the form of the sandbox's catalog files."""

from __future__ import annotations

from typing import Any

LONG = "Donaudampfschifffahrtsgesellschaftskapitänspatent"
SENTENCE = "For teams of any size that ship every week, in every country, with all the rules that come with it"
Catalog = dict[str, Any]


def feature(index: int, name: str = "") -> dict[str, Any]:
    if index % 3 == 0:
        return {"name": name or f"Feature {index}", "description": "What it is good for", "type": "boolean"}
    unit = {"unit": f"thing {index}", "units": f"things {index}", "meter": "incremental"}
    return {"name": name or f"Feature {index}", "type": "number", **unit}


def grant(index: int, factor: int) -> Any:
    return True if index % 3 == 0 else {"limit": factor * 10 ** (index % 7), "resets": "month"}


def plan(name: str, monthly: float | None, features: range, factor: int, **fields: Any) -> dict[str, Any]:
    prices = (
        [{"period": "monthly", "amount": monthly}, {"period": "annually", "amount": monthly * 10}] if monthly else []
    )
    return {
        "product": "product-one",
        "name": name,
        "description": fields.pop("description", "A plan."),
        "pricing": "paid" if monthly else "free",
        "prices": prices,
        "entitlements": {f"feature-{index}": grant(index, factor) for index in features},
    } | fields


def catalog(plans: list[dict[str, Any]], names: dict[int, str] | None = None, features: int = 0) -> Catalog:
    listed = {f"feature-{index}": feature(index, (names or {}).get(index, "")) for index in range(features)}
    return {
        "currency": "USD",
        "products": {"product-one": {"name": "One"}},
        "features": listed,
        "plans": {f"plan-{index}": each for index, each in enumerate(plans)},
    }


def long_names() -> Catalog:
    rows = range(4)
    return catalog(
        [
            plan(LONG, None, rows, 1, description=SENTENCE),
            plan("The plan for everybody who wants everything and a little more", 123456.78, rows, 7),
            plan(LONG * 2, 19, rows, 900, description=LONG),
        ],
        names={0: LONG, 1: SENTENCE, 2: "Requests to the public programming interface", 3: SENTENCE},
        features=4,
    )


CATALOGS = {
    "long-names": long_names(),
    "one-plan": catalog([plan("Only", 19, range(3), 5)], features=3),
    "six-plans": catalog(
        [
            plan(name, 9.5 * index, range(5), index + 1)
            for index, name in enumerate(("Free", "S", "M", "L", "XL", "XXL"))
        ],
        features=5,
    ),
    "forty-features": catalog(
        [plan("Some", None, range(12), 1), plan("Many", 29, range(40), 3), plan("More", 99, range(40), 90)], features=40
    ),
    "no-features": catalog([plan("Bare", None, range(0), 1), plan("Barer", 5, range(0), 1)]),
}
