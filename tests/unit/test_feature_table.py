"""The table of features in the docs is what the tests say."""

from __future__ import annotations

from scripts import feature_table

DATA = feature_table.read_data()
FEATURES = [key for features in feature_table.groups(DATA).values() for key in features]


def test_the_table_of_features_in_the_docs_is_up_to_date() -> None:
    assert feature_table.PAGE.read_text() == feature_table.page(), "run `python -m scripts.feature_table`"


def test_every_feature_has_a_test_unless_the_table_says_otherwise() -> None:
    shown = {each.feature for each in feature_table.found()}
    assert [key for key in FEATURES if key not in shown and key not in DATA["in_part"]] == []


def test_tests_show_only_features_that_there_are() -> None:
    assert {each.feature for each in feature_table.found()} - set(FEATURES) == set()
    assert set(DATA["in_part"]) - set(FEATURES) == set()


def test_paywall_and_checkout_are_listed_whole() -> None:
    assert [f"P{number}" for number in range(1, 17)] + [f"C{number}" for number in range(1, 16)] == FEATURES


def test_marks_are_read_from_a_test_and_from_its_module() -> None:
    source = """
pytestmark = [pytest.mark.django_db, pytest.mark.shows("P1")]

@pytest.mark.parametrize("x", [1])
@pytest.mark.shows("P2", "C3")
def test_one(x): ...

def helper(): ...

async def test_two(): ...
"""
    found = [(each.feature, each.test) for each in feature_table.shown_in(source, "test_x.py")]
    assert found == [("P1", "test_one"), ("P2", "test_one"), ("C3", "test_one"), ("P1", "test_two")]
