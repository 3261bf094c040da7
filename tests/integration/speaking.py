"""Whether a page or a mail says something in English that its language says otherwise."""

from __future__ import annotations

import html
import re
from functools import cache

from django.utils import translation

from scripts import catalogs

# Of Django and allauth, which bring their own translations.
BORROWED = ("This field is required", "Forgot your password", "Reset My Password", "Remember Me", "Email address")
# The sandbox's plan is called so in every language.
PRODUCT_WORDS = ("Free",)


def english_in(page: str, tag: str) -> list[str]:
    """English texts in a page."""
    return _texts_and_labels(tag).findall(html.unescape(page))


def english_around_gaps(mail: str, tag: str) -> list[str]:
    """English words in a mail that stand before, between or after what is filled in: "… ends on …"."""
    return _parts_with_gaps(tag).findall(html.unescape(mail))


@cache
def _texts_and_labels(tag: str) -> re.Pattern[str]:
    """Every text of ours that `tag` says otherwise and that has no gaps; single words only as a whole label."""
    texts = [text for text in _said_otherwise(tag) if "%(" not in text and text not in PRODUCT_WORDS]
    texts.sort(key=len, reverse=True)  # so that a find is the whole sentence, not a label that it begins with
    sentences = [rf"{re.escape(text)}(?!\w)" for text in (*texts, *BORROWED) if " " in text]
    labels = [rf"(?<=>){re.escape(text)}(?=<)" for text in texts if " " not in text]
    return re.compile("|".join([*sentences, *labels]))


@cache
def _parts_with_gaps(tag: str) -> re.Pattern[str]:
    texts = [text for text in _said_otherwise(tag) if "%(" in text]
    parts = {part.strip() for text in texts for part in re.split(r"%\(\w+\)s", text)}
    return re.compile("|".join(rf"\b{re.escape(part)}" for part in parts if re.match(r"\w.* .*\w", part)))


def _said_otherwise(tag: str) -> list[str]:
    catalog = catalogs.read(translation.to_locale(tag))
    return [m.id for m in catalog if isinstance(m.id, str) and m.id and m.id != m.string]
