"""Small pieces of text that several pages share: amounts, dates, periods, limits, in the visitor's language."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from babel import Locale
from babel.dates import format_date, format_skeleton, get_datetime_format
from babel.lists import format_list
from babel.numbers import format_decimal, format_percent
from django.utils.translation import get_language, gettext, gettext_lazy, ngettext, to_locale

from billing.gateways.stigg.types import CreditGrantSnapshot, FeatureSnapshot
from billing.models import PaymentMethod
from billing.money import UnitPrice

RESET_SUFFIXES = {
    "HOUR": lambda text: gettext("%(limit)s per hour") % {"limit": text},
    "DAY": lambda text: gettext("%(limit)s per day") % {"limit": text},
    "WEEK": lambda text: gettext("%(limit)s per week") % {"limit": text},
    "MONTH": lambda text: gettext("%(limit)s per month") % {"limit": text},
    "YEAR": lambda text: gettext("%(limit)s per year") % {"limit": text},
}


def locale() -> str:
    """The active language as Babel names it."""
    return to_locale(get_language() or "en")


def money(amount: UnitPrice) -> str:
    """An amount as the visitor writes it."""
    return amount.format(locale())


def look_again(price: str, *, was_shown: bool) -> str:
    """Why the customer is asked once more: the price is more than the one that they were shown, or none was."""
    if was_shown:
        sentence = gettext("The price has changed: it is %(price)s now. Please look again.")
    else:
        sentence = gettext(
            "The final price could not be worked out before: it is %(price)s. Please look before you confirm."
        )
    return sentence % {"price": price}


def date(moment: datetime) -> str:
    """A day as the visitor writes it, e.g. "December 23, 2026"."""
    return format_date(moment, format="long", locale=locale())


def moment(at: datetime) -> str:
    """A day of this year and a time of day, e.g. "December 23, 17:05"."""
    day, clock = (format_skeleton(skeleton, at, locale=locale()) for skeleton in ("MMMMd", "Hm"))
    return str(get_datetime_format("medium", locale=locale())).format(clock, day)


def sentences(*parts: str) -> str:
    """Sentences one after the other; a heading among them gets its full stop."""
    stop, gap = ("。", "") if locale() == "ja" else (".", " ")
    return gap.join(part if part.endswith((".", "!", "?", "。")) else part + stop for part in parts)


def percent(value: Decimal) -> str:
    """A rate as the visitor writes it: "19%" in English, "19 %" in German, "8.25%" with all its decimals."""
    return format_percent(value / 100, locale=locale(), decimal_quantization=False)


def listing(words: list[str]) -> str:
    """ "A, B, and C"."""
    return format_list(words, locale=locale())


def number(value: Decimal | int) -> str:
    """A quantity with the visitor's separators."""
    return format_decimal(value, locale=locale())


def period_unit(period: str | None) -> str:
    """ "per month" or "per year"."""
    return {"MONTHLY": gettext("per month"), "ANNUALLY": gettext("per year")}.get(period or "", "")


def period_name(period: str | None) -> str:
    """ "Monthly" or "Yearly"."""
    return {"MONTHLY": gettext("Monthly"), "ANNUALLY": gettext("Yearly")}.get(period or "", "")


def card(brand: str, last4: str) -> str:
    """ "Visa •••• 4242"."""
    names = {"amex": "American Express", "diners": "Diners Club", "jcb": "JCB", "unionpay": "UnionPay"}
    return f"{names.get(brand, brand.replace('_', ' ').title() or gettext('Card'))} •••• {last4}"


METHOD_NAMES = {
    "link": "Link",
    "paypal": "PayPal",
    "amazon_pay": "Amazon Pay",
    "cashapp": "Cash App Pay",
    "revolut_pay": "Revolut Pay",
    "klarna": "Klarna",
    "ideal": "iDEAL",
    "bancontact": "Bancontact",
}
BANK_NAMES = {
    "sepa_debit": gettext_lazy("SEPA direct debit"),
    "us_bank_account": gettext_lazy("Bank account"),
    "bacs_debit": gettext_lazy("Bacs direct debit"),
    "au_becs_debit": gettext_lazy("BECS direct debit"),
    "acss_debit": gettext_lazy("Pre-authorized debit"),
}
WALLET_NAMES = {"apple_pay": "Apple Pay", "google_pay": "Google Pay", "link": "Link", "samsung_pay": "Samsung Pay"}


def payment_method(row: PaymentMethod) -> str:
    """ "Visa •••• 4242", "Visa •••• 4242 (Apple Pay)", "SEPA direct debit •••• 3000", "PayPal"."""
    if row.type == "card":
        wallet = WALLET_NAMES.get(row.wallet, "")
        return card(row.brand, row.last4) + (f" ({wallet})" if wallet else "")
    name = METHOD_NAMES.get(row.type) or str(BANK_NAMES.get(row.type, row.type.replace("_", " ").capitalize()))
    return f"{name} •••• {row.last4}" if row.last4 else name


def expiry(row: PaymentMethod) -> str:
    """ "12/34"; empty where nothing expires."""
    return f"{row.exp_month:02d}/{row.exp_year % 100:02d}" if row.exp_month and row.exp_year else ""


def limit(
    feature: FeatureSnapshot,
    *,
    usage_limit: Decimal | None,
    is_unlimited: bool = False,
    reset_period: str | None = None,
) -> str:
    """What a grant of `feature` amounts to, e.g. "10,000 API calls per month"."""
    plural = feature.units_plural or feature.units or feature.display_name
    if is_unlimited:
        return gettext("Unlimited %(units)s") % {"units": plural}
    if usage_limit is None:
        return feature.display_name
    units = feature.units if usage_limit == 1 and feature.units else plural
    text = f"{number(usage_limit)} {units}"
    return RESET_SUFFIXES[reset_period](text) if reset_period in RESET_SUFFIXES else text


def country_names() -> dict[str, str]:
    """Countries by their code, in the visitor's language."""
    return dict(Locale.parse(locale()).territories)


def unit_range(feature: FeatureSnapshot, minimum: int, maximum: int | None) -> str:
    """How many units can be bought, e.g. "Up to 50 editors"; empty where any number can."""
    plural = feature.units_plural or feature.units or feature.display_name
    words = {"least": number(minimum), "most": number(maximum or 0), "units": plural}
    if maximum is not None and minimum > 1:
        return gettext("%(least)s–%(most)s %(units)s") % words
    if maximum is not None:
        return gettext("Up to %(most)s %(units)s") % words
    return gettext("At least %(least)s %(units)s") % words if minimum > 1 else ""


def choices(values: tuple[str, ...]) -> str:
    """Values of a feature that has several, as words."""
    return ", ".join(value.replace("_", " ").replace("-", " ") for value in values)


def credit(grant: CreditGrantSnapshot) -> str:
    """What a grant of credits amounts to, e.g. "100 credits per month"."""
    plural = grant.units_plural or grant.units or grant.display_name
    if grant.is_custom or grant.amount is None:
        return gettext("Custom %(units)s") % {"units": plural}
    words = f"{number(grant.amount)} {grant.units if grant.amount == 1 and grant.units else plural}"
    return RESET_SUFFIXES[grant.cadence](words) if grant.cadence in RESET_SUFFIXES else words


def days(count: int) -> str:
    """ "1 day", "14 days"."""
    return ngettext("%(count)s day", "%(count)s days", count) % {"count": number(count)}


def months(count: int) -> str:
    """ "1 month", "3 months"."""
    return ngettext("%(count)s month", "%(count)s months", count) % {"count": number(count)}
