"""The table of events in the docs is what the code does."""

from __future__ import annotations

from scripts import event_table


def test_the_table_of_events_in_the_docs_is_up_to_date() -> None:
    text = event_table.PAGE.read_text()
    assert event_table.with_table(text) == text, "run `python -m scripts.event_table`"
