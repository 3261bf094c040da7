"""Tax ids: what a country's look like, and what Stripe calls them. Shape only; whether one is real, Stripe asks later.

Source: https://docs.stripe.com/billing/customer/tax-ids#supported-tax-id and, for the Union's patterns,
https://ec.europa.eu/taxation_customs/vies/#/faq
"""

from __future__ import annotations

import re
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Shape:
    """One kind of tax id: `pattern` matches it without spaces, dots, slashes and hyphens; `form` writes it as usual."""

    type: str
    pattern: str
    form: str
    example: str


EU_PATTERNS = {
    "AT": r"U\d{8}",
    "BE": r"[01]\d{9}",
    "BG": r"\d{9,10}",
    "CY": r"\d{8}[A-Z]",
    "CZ": r"\d{8,10}",
    "DE": r"\d{9}",
    "DK": r"\d{8}",
    "EE": r"\d{9}",
    "ES": r"[A-Z0-9]\d{7}[A-Z0-9]",
    "FI": r"\d{8}",
    "FR": r"[A-Z0-9]{2}\d{9}",
    "GR": r"\d{9}",
    "HR": r"\d{11}",
    "HU": r"\d{8}",
    "IE": r"\d[A-Z0-9]\d{5}[A-Z]{1,2}",
    "IT": r"\d{11}",
    "LT": r"\d{9}|\d{12}",
    "LU": r"\d{8}",
    "LV": r"\d{11}",
    "MT": r"\d{8}",
    "NL": r"\d{9}B\d{2}",
    "PL": r"\d{10}",
    "PT": r"\d{9}",
    "RO": r"\d{2,10}",
    "SE": r"\d{12}",
    "SI": r"\d{8}",
    "SK": r"\d{10}",
}
EU_EXAMPLES = {"AT": "ATU12345678", "DE": "DE123456789", "FR": "FR12345678901", "NL": "NL123456789B12"}
SHAPES: dict[str, tuple[Shape, ...]] = {
    "AE": (Shape("ae_trn", r"(\d{15})", r"\1", "123456789012345"),),
    "AU": (Shape("au_abn", r"(\d{11})", r"\1", "12345678912"),),
    "BR": (
        Shape("br_cnpj", r"(\d{2})(\d{3})(\d{3})(\d{4})(\d{2})", r"\1.\2.\3/\4-\5", "01.234.456/5432-10"),
        Shape("br_cpf", r"(\d{3})(\d{3})(\d{3})(\d{2})", r"\1.\2.\3-\4", "123.456.789-87"),
    ),
    "CA": (
        Shape("ca_gst_hst", r"(\d{9}RT\d{4})", r"\1", "123456789RT0002"),
        Shape("ca_bn", r"(\d{9})", r"\1", "123456789"),
    ),
    "CH": (
        Shape("ch_vat", r"CHE(\d{3})(\d{3})(\d{3})(MWST|TVA|IVA)", r"CHE-\1.\2.\3 \4", "CHE-123.456.789 MWST"),
        Shape("ch_uid", r"CHE(\d{3})(\d{3})(\d{3})", r"CHE-\1.\2.\3", "CHE-123.456.789"),
    ),
    "GB": (Shape("gb_vat", r"(?:GB)?(\d{9}(?:\d{3})?)", r"GB\1", "GB123456789"),),
    "IL": (Shape("il_vat", r"(\d{9})", r"\1", "123456789"),),
    "IN": (Shape("in_gst", r"(\d{2}[A-Z]{5}\d{4}[A-Z][0-9A-Z]Z[0-9A-Z])", r"\1", "12ABCDE3456FGZH"),),
    "JP": (
        Shape("jp_trn", r"(T\d{13})", r"\1", "T1234567891234"),
        Shape("jp_cn", r"(\d{13})", r"\1", "1234567891234"),
    ),
    "KR": (Shape("kr_brn", r"(\d{3})(\d{2})(\d{5})", r"\1-\2-\3", "123-45-67890"),),
    "MX": (Shape("mx_rfc", r"([A-ZÑ&]{3,4}\d{6}[A-Z0-9]{3})", r"\1", "ABC010203AB9"),),
    "NO": (Shape("no_vat", r"(?:NO)?(\d{9})(?:MVA)?", r"\1MVA", "123456789MVA"),),
    "NZ": (Shape("nz_gst", r"(\d{8,9})", r"\1", "123456789"),),
    "SA": (Shape("sa_vat", r"(\d{15})", r"\1", "123456789012345"),),
    "SG": (Shape("sg_gst", r"([A-Z0-9]{2}\d{7}[A-Z]|M\d{8}[A-Z])", r"\1", "M12345678X"),),
    "US": (Shape("us_ein", r"(\d{2})(\d{7})", r"\1-\2", "12-3456789"),),
    "ZA": (Shape("za_vat", r"(4\d{9})", r"\1", "4123456789"),),
}
SEPARATORS = re.compile(r"[\s.\-/]")


def shapes_of(country: str) -> tuple[Shape, ...]:
    """The kinds of tax id of a country (ISO 3166); empty where we know none."""
    if pattern := EU_PATTERNS.get(country):
        prefix = "EL" if country == "GR" else country
        example = EU_EXAMPLES.get(country, f"{prefix}…")
        return (Shape("eu_vat", rf"(?:{prefix})?({pattern})", rf"{prefix}\1", example),)
    return SHAPES.get(country, ())


def parse(country: str, text: str) -> tuple[str, str] | None:
    """Kind and value as Stripe takes them ("eu_vat", "DE123456789"); None when it looks like none of the country's."""
    bare = SEPARATORS.sub("", text).upper()
    for shape in shapes_of(country):
        if found := re.fullmatch(shape.pattern, bare):
            return shape.type, found.expand(shape.form)
    return None
