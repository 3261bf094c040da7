"""All behaviours are shown, by tests that run through both doors, and the page says so."""

import inspect

from tests.contract.stripe.behaviours.doors import DOORS, ROUTES
from tests.contract.stripe.behaviours.names import BEHAVIOURS
from tests.contract.stripe.behaviours.table import MODULES, PAGE, by_behaviour, page
from tests.contract.stripe.schema import document, pattern_of


def test_there_are_37_behaviours_and_each_is_shown() -> None:
    assert len(BEHAVIOURS) == 37
    assert [name for name, tests in by_behaviour().items() if not tests] == []


def test_each_is_shown_through_both_doors() -> None:
    assert set(DOORS) == {"SDK", "raw HTTP"}
    for module in MODULES:
        for name, test in inspect.getmembers(module, inspect.isfunction):
            if name.startswith("test_"):
                assert "door" in inspect.signature(test).parameters, name
                assert hasattr(test, "shows"), name


def test_every_call_of_theirs_is_held_against_a_schema() -> None:
    for route in ROUTES.values():
        method, path = route.split(" ")
        known = document()["paths"][pattern_of(path.format("id_1"))]
        assert "200" in known[method.lower()]["responses"], route


def test_the_page_is_up_to_date() -> None:
    assert PAGE.read_text("utf-8") == page()
