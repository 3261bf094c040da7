"""The catalogs are whole: every text for customers is there in every language, and compiled as it stands."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from babel.messages import Catalog
from django.conf import settings
from django.utils import translation

from billing.services import text
from scripts import catalogs


@pytest.fixture(scope="module")
def template() -> Catalog:
    return catalogs.extracted()


def test_every_language_of_the_site_has_a_catalog() -> None:
    translated = {translation.to_locale(code) for code, _name in settings.LANGUAGES} - {"en"}
    assert translated == set(catalogs.LANGUAGES)


def test_python_and_templates_are_both_read(template: Catalog) -> None:
    assert template.get("Your current plan") is not None
    assert template.get("Pick your plan.") is not None
    assert template.get(("%(count)s day", "%(count)s days")) is not None
    assert template.get("%(site_name)s · Card payments are handled by Stripe.") is not None


@pytest.mark.parametrize("language", catalogs.LANGUAGES)
def test_every_text_is_translated_and_none_is_a_guess(language: str, template: Catalog) -> None:
    catalog = catalogs.read(language)
    missing = [message.id for message in catalogs.missing_texts(catalog, template)]
    assert missing == [], "run `make messages` and fill in what is empty"
    assert catalogs.unused_texts(catalog, template) == []
    assert [message.id for message in catalog if message.id and message.fuzzy] == []


@pytest.mark.parametrize("language", catalogs.LANGUAGES)
def test_translations_fill_in_the_same_things(language: str) -> None:
    assert catalogs.wrong_placeholders(catalogs.read(language)) == []


def test_a_lost_placeholder_a_guess_and_a_gap_are_found() -> None:
    catalog, template = Catalog(locale="de"), Catalog()
    catalog.add("Pay %(amount)s", "Bezahlen")
    catalog.add("Stay", "Bleiben", flags=["fuzzy"])
    for text_ in ("Pay %(amount)s", "Stay", "Sign out"):
        template.add(text_)
    assert catalogs.wrong_placeholders(catalog) == ["'Pay %(amount)s': 'Bezahlen'"]
    assert {message.id for message in catalogs.missing_texts(catalog, template)} == {"Stay", "Sign out"}


@pytest.mark.parametrize("language", catalogs.LANGUAGES)
def test_what_runs_is_what_was_translated(language: str) -> None:
    compiled = catalogs.path_of(language, "mo")
    assert compiled.read_bytes() == catalogs.compiled(catalogs.read(language)), "run `make messages`"


@pytest.mark.parametrize("language", catalogs.LANGUAGES)
def test_merging_what_is_merged_changes_nothing(
    language: str, template: Catalog, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = {suffix: catalogs.path_of(language, suffix).read_bytes() for suffix in ("po", "mo")}
    monkeypatch.setattr(catalogs, "LOCALE", tmp_path)
    for suffix, content in before.items():
        catalogs.path_of(language, suffix).parent.mkdir(parents=True, exist_ok=True)
        catalogs.path_of(language, suffix).write_bytes(content)
    catalogs.merge(language, template)
    assert {suffix: catalogs.path_of(language, suffix).read_bytes() for suffix in before} == before


@pytest.mark.parametrize(
    ("code", "moment", "rate", "listing"),
    [
        ("en", "November 28, 22:59", "8.25%", "A, B, and C"),
        ("de", "28. November, 22:59", "8,25 %", "A, B und C"),
        ("es", "28 de noviembre, 22:59", "8,25 %", "A, B y C"),
        ("fr", "28 novembre, 22:59", "8,25 %", "A, B et C"),
        ("pt-br", "28 de novembro 22:59", "8,25%", "A, B e C"),
        ("ja", "11月28日 22:59", "8.25%", "A、B、C"),
    ],
)
def test_moments_rates_and_lists_are_written_as_the_language_writes_them(
    code: str, moment: str, rate: str, listing: str
) -> None:
    with translation.override(code):
        shown = (text.moment(datetime(2026, 11, 28, 22, 59, tzinfo=UTC)), text.percent(Decimal("8.25")))
        assert tuple(re.sub(r"\s", " ", words) for words in shown) == (moment, rate)
        assert text.listing(["A", "B", "C"]) == listing


@pytest.mark.parametrize(
    ("code", "one", "many"),
    [
        ("en", "1 day", "14 days"),
        ("de", "1 Tag", "14 Tage"),
        ("es", "1 día", "14 días"),
        ("fr", "1 jour", "14 jours"),
        ("pt-br", "1 dia", "14 dias"),
        ("ja", "1日間", "14日間"),
    ],
)
def test_counted_things_follow_the_grammar_of_the_language(code: str, one: str, many: str) -> None:
    with translation.override(code):
        assert (text.days(1), text.days(14)) == (one, many)
