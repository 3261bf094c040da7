"""Stylesheets of a page: small files to work on, one for the browser to fetch."""

from __future__ import annotations

import posixpath
import re
from pathlib import Path

import pytest
from django.contrib.staticfiles.finders import get_finders
from django.core.files.base import ContentFile
from django.core.files.storage import FileSystemStorage

from checkout_site.storage import ModuleManifestStorage, joined

FOUND = {path: (storage, path) for finder in get_finders() for path, storage in finder.list([])}
SHEETS = sorted(name for name in FOUND if name.startswith("billing/css/sheets/"))


@pytest.mark.parametrize("name", SHEETS)
def test_a_sheet_holds_what_it_lists_and_sends_the_browser_for_nothing_more(name: str) -> None:
    text = joined(name, FOUND)
    assert "@import" not in text
    addresses = re.findall(r"""url\(["']?(?!data:)([^"')]+)""", text)
    assert {posixpath.normpath(posixpath.join(posixpath.dirname(name), address)) for address in addresses} <= set(FOUND)
    assert text.count("{") == text.count("}") > 0


def test_collected_sheets_are_in_one_piece_and_a_hosts_own_files_are_in_them(tmp_path: Path) -> None:
    host, collected = FileSystemStorage(tmp_path / "host"), tmp_path / "collected"
    host.save("plan.css", ContentFile(".plan { color: rebeccapurple; }"))
    host.save("tokens.css", ContentFile('@font-face { src: url("../fonts/bricolage-grotesque-660.woff2"); }'))
    ours = {name: file for name, file in FOUND.items() if name.startswith(("billing/css/", "billing/fonts/"))}
    files = ours | {
        "billing/css/components/plan.css": (host, "plan.css"),
        "billing/css/tokens.css": (host, "tokens.css"),
    }
    storage = ModuleManifestStorage(location=collected, base_url="/static/")
    for name, (source, path) in files.items():
        with source.open(path) as file:
            storage.save(name, file)
    hashed = {name: target for name, target, _ in storage.post_process(files) if target.endswith(".css")}
    sheet = (collected / hashed["billing/css/sheets/paywall.css"]).read_text()
    assert ".plan { color: rebeccapurple; }" in sheet
    assert ".plans {" in sheet
    assert "@import" not in sheet
    # A host's colours, and its face at the address that the page preloads.
    site = (collected / hashed["billing/css/sheets/site.css"]).read_text()
    [face] = re.findall(r'url\("([^"]+)"\)', site)
    assert (collected / "billing/css/sheets" / face).resolve().parent == (collected / "billing/fonts").resolve()
    assert (collected / "billing/css/sheets" / face).exists()


def test_every_sheet_that_a_page_links_is_there() -> None:
    templates = Path(__file__).resolve().parents[2] / "templates"
    linked = {
        name
        for path in templates.rglob("*.html")
        for name in re.findall(r'static "(billing/css/[^"]+)"', path.read_text())
    }
    assert linked <= set(FOUND)
    assert {name for name in linked if "/sheets/" in name} == set(SHEETS)
