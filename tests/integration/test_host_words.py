"""What a host says in its own words, by language: our main texts, any text, and the names of its plans."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from babel.messages import Catalog
from django.test import Client
from django.utils import translation
from django.utils.translation import trans_real

from billing.services import text
from scripts import catalogs

pytestmark = [pytest.mark.django_db, pytest.mark.shows("P11")]
PLAN_CARD = Path("templates/billing/partials/plan.html")


@pytest.fixture
def host(settings: Any, tmp_path: Path) -> Iterator[Path]:
    """A host project with catalogs and templates of its own, which go before ours."""
    (site,) = settings.TEMPLATES
    settings.LOCALE_PATHS = [tmp_path / "locale"]
    settings.TEMPLATES = [site | {"DIRS": [tmp_path / "templates", *site["DIRS"]]}]
    trans_real._translations = {}
    yield tmp_path
    trans_real._translations = {}


def write_catalog(host: Path, language: str, words: dict[str, str]) -> None:
    catalog = Catalog(locale=language)
    for ours, own in words.items():
        catalog.add(ours, own)
    path = host / "locale" / language / "LC_MESSAGES" / "django.mo"
    path.parent.mkdir(parents=True)
    path.write_bytes(catalogs.compiled(catalog))


@pytest.mark.usefixtures("price_list")
def test_the_hosts_words_are_in_their_language_and_ours_elsewhere(client: Client, settings: Any) -> None:
    settings.TOLLGATE_TEXTS = {"paywall_title": {"ja": "料金はこれだけ。", "pt": "Preços simples."}}
    for tag, title in (("ja", "料金はこれだけ。"), ("pt-BR", "Preços simples."), ("de", "Wählen Sie Ihren Tarif.")):
        assert title in client.get(f"/pricing/?lang={tag}").content.decode()


@pytest.mark.usefixtures("price_list")
def test_a_host_words_any_text_and_names_its_plans_in_a_language(client: Client, host: Path) -> None:
    write_catalog(host, "de", {"Starter": "Einsteiger", "Sign in": "Einloggen"})
    own_card = host / "templates" / "billing" / "partials" / "plan.html"
    own_card.parent.mkdir(parents=True)
    own_card.write_text(PLAN_CARD.read_text().replace("{{ card.name }}", "{% translate card.name %}"))
    german = client.get("/pricing/?lang=de").content.decode()
    assert "Einloggen" in german
    assert "Einsteiger" in names_of_plans(german)
    assert "Starter" in names_of_plans(client.get("/pricing/?lang=fr").content.decode())


def names_of_plans(page: str) -> list[str]:
    return [name.strip() for name in re.findall(r"<h\d[^>]*>([^<]+)", page)]


def test_sentences_stand_together_as_the_language_writes_them() -> None:
    with translation.override("ja"):
        assert (
            text.sentences("期限が切れました", "もう一度お選びください。")
            == "期限が切れました。もう一度お選びください。"
        )
    with translation.override("de"):
        assert text.sentences("Abgelaufen", "Bitte neu wählen.") == "Abgelaufen. Bitte neu wählen."
