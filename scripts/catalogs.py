"""The translated texts: what the code says, and the catalogs that say it in other languages.

Babel reads, merges and compiles them, and Django's `templatize` turns templates into something Babel reads,
so that nobody needs GNU gettext. The compiled files are kept in the repository: a clone runs as it is.
"""

from __future__ import annotations

import re
from io import BytesIO
from pathlib import Path

from babel.messages import Catalog, Message
from babel.messages.extract import DEFAULT_KEYWORDS, extract
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from django.utils.translation.template import templatize

ROOT = Path(__file__).resolve().parent.parent
LOCALE = ROOT / "billing" / "locale"
LANGUAGES = ("de", "es", "fr", "ja", "pt_BR")

# What only staff sees stays English.
NOT_FOR_CUSTOMERS = (
    "billing/admin/",
    "billing/management/",
    "billing/migrations/",
    "billing/models/checkout.py",
    "billing/models/reconcile_run.py",
    "billing/models/webhook_event.py",
    "billing/services/doctor/",
    "billing/services/reconcile/",
    "templates/admin/",
)
# Django's names, which Babel does not know: lazy ones, and "_" for whichever is imported under it.
KEYWORDS = DEFAULT_KEYWORDS | {
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext_lazy": (1, 2),
    "pgettext_lazy": ((1, "c"), 2),
    "npgettext_lazy": ((1, "c"), 2, 3),
}
HEADER = "# Written by `make messages`, which brings it up to the code: fill in what is empty."
PLACEHOLDER = re.compile(r"%\((\w+)\)s|\{(\w+)\}")


def path_of(language: str, suffix: str = "po") -> Path:
    """Where the catalog of `language` (de, pt_BR) lies."""
    return LOCALE / language / "LC_MESSAGES" / f"django.{suffix}"


def read(language: str) -> Catalog:
    """The catalog of `language`; an empty one when there is none yet."""
    path = path_of(language)
    if not path.exists():
        return Catalog(locale=language, project="Tollgate", version="1", header_comment=HEADER, fuzzy=False)
    with path.open("rb") as file:
        return read_po(file, locale=language)


def extracted() -> Catalog:
    """Every text for customers in Python and in templates, as the code has it now."""
    template = Catalog()
    for path in _sources():
        body = path.read_text()
        if path.suffix != ".py":
            # Lines without their indent: to Python's tokenizer, which reads this, an indent means something.
            body = "\n".join(line.strip() for line in templatize(body).splitlines())
        for line, message, _comments, context in extract(
            "python", BytesIO(body.encode()), keywords=KEYWORDS, options={"encoding": "utf-8"}
        ):
            name = path.relative_to(ROOT).as_posix()
            template.add(message, locations=[(name, line)], context=context)
    return template


def missing_texts(catalog: Catalog, template: Catalog) -> list[Message]:
    """What the code says and `catalog` has no translation for, or only a guessed one."""
    return [message for message in template if message.id and not _is_translated(catalog, message)]


def unused_texts(catalog: Catalog, template: Catalog) -> list[Message]:
    """What `catalog` translates and nobody says any more."""
    return [message for message in catalog if message.id and template.get(message.id, message.context) is None]


def wrong_placeholders(catalog: Catalog) -> list[str]:
    """Translations whose %(names)s are not those of the text."""
    return [
        f"{message.id!r}: {text!r}"
        for message in catalog
        if message.id
        for text in _all(message.string)
        if text and placeholders(text) != placeholders(_all(message.id)[-1])
    ]


def placeholders(text: str) -> set[str]:
    """Names in `text` that are filled in."""
    return {first or second for first, second in PLACEHOLDER.findall(text)}


def compiled(catalog: Catalog) -> bytes:
    """The .mo file of `catalog`, byte for byte the same for the same translations."""
    buffer = BytesIO()
    write_mo(buffer, catalog)
    return buffer.getvalue()


def merge(language: str, template: Catalog) -> Catalog:
    """Bring the catalog of `language` up to `template` and write it, compiled too. New texts come in empty:
    a translation guessed from a similar text would be shown as if somebody had meant it."""
    catalog = read(language)
    catalog.update(template, no_fuzzy_matching=True, update_header_comment=False, update_creation_date=False)
    catalog.obsolete.clear()
    catalog.msgid_bugs_address = catalog.last_translator = catalog.language_team = ""
    path = path_of(language)
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        # By the alphabet and without line numbers: two branches that add texts seldom touch the same lines.
        write_po(file, catalog, width=110, no_location=True, sort_output=True)
    catalog = read(language)
    path_of(language, "mo").write_bytes(compiled(catalog))
    return catalog


def _sources() -> list[Path]:
    found = [*(ROOT / "billing").rglob("*.py"), *(ROOT / "templates").rglob("*.*")]
    names = {path: path.relative_to(ROOT).as_posix() for path in found}
    return sorted(path for path, name in names.items() if not name.startswith(NOT_FOR_CUSTOMERS))


def _is_translated(catalog: Catalog, message: Message) -> bool:
    known = catalog.get(message.id, message.context)
    return known is not None and not known.fuzzy and all(_all(known.string))


def _all(texts: str | list[str] | tuple[str, ...] | None) -> list[str]:
    return [texts or ""] if texts is None or isinstance(texts, str) else list(texts)
