"""Money: an integer in minor units with its ISO 4217 currency. Nothing else adds, rounds or prints amounts.

Stigg speaks in decimal units ("49.99"), Stripe in minor units with a few currencies of its own
custom; both are converted here, at the gateways' edge.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from babel import Locale
from babel.numbers import format_currency

# How many decimals a currency has in ISO 4217; all others have two. Not Babel's figures, which are about
# display (it shows LBP without decimals, while payments in LBP have two).
# Source: https://docs.stripe.com/currencies#zero-decimal and #three-decimal
NO_DECIMALS = frozenset(
    (
        *("BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "MGA", "PYG", "RWF", "UGX", "VND", "VUV"),
        *("XAF", "XOF", "XPF"),
    )
)
THREE_DECIMALS = frozenset(["BHD", "JOD", "KWD", "OMR", "TND"])

# "CHF 49", not "CHF49": CLDR wants a space where the symbol is made of letters.
LETTER_BEFORE_DIGIT = re.compile(r"(?<=[A-Za-z])(?=\d)")

# Currencies that Stripe treats as two-decimal although ISO 4217 says none; the amount must end in 00.
# Source: https://docs.stripe.com/currencies#special-cases
STRIPE_TWO_DECIMALS = frozenset({"ISK", "UGX"})


def exponent(currency: str) -> int:
    """Number of decimals of `currency` (USD 2, JPY 0, KWD 3)."""
    code = currency.upper()
    return 0 if code in NO_DECIMALS else 3 if code in THREE_DECIMALS else 2


@dataclass(frozen=True, slots=True, order=False)
class Money:
    """An amount in minor units (e.g. cents) of `currency` (ISO 4217, upper case)."""

    amount_minor: int
    currency: str

    @classmethod
    def from_decimal(cls, amount: Decimal | float | str, currency: str) -> Money:
        """From decimal units, as Stigg sends them: ("49.99", "USD") → 4999."""
        code = currency.upper()
        scaled = Decimal(str(amount)).scaleb(exponent(code))
        return cls(int(scaled.quantize(Decimal(1), rounding=ROUND_HALF_UP)), code)

    @classmethod
    def from_stripe(cls, amount: int, currency: str) -> Money:
        """From Stripe's integer amount and lower-case currency."""
        code = currency.upper()
        return cls(amount // 100 if code in STRIPE_TWO_DECIMALS else amount, code)

    @property
    def decimal(self) -> Decimal:
        """In decimal units."""
        return Decimal(self.amount_minor).scaleb(-exponent(self.currency))

    def __add__(self, other: Money) -> Money:
        self._must_match(other)
        return Money(self.amount_minor + other.amount_minor, self.currency)

    def __sub__(self, other: Money) -> Money:
        self._must_match(other)
        return Money(self.amount_minor - other.amount_minor, self.currency)

    def __neg__(self) -> Money:
        return Money(-self.amount_minor, self.currency)

    def __bool__(self) -> bool:
        return self.amount_minor != 0

    @property
    def exact(self) -> Decimal:
        """In minor units, for sums with prices that are finer than those."""
        return Decimal(self.amount_minor)

    def times(self, count: int) -> Money:
        """`count` of it."""
        return Money(self.amount_minor * count, self.currency)

    def split(self, parts: int) -> Money:
        """The amount divided by `parts`, rounded half up: for showing only, never for charging."""
        quotient = (Decimal(self.amount_minor) / parts).quantize(Decimal(1), rounding=ROUND_HALF_UP)
        return Money(int(quotient), self.currency)

    def format(self, locale: str = "en_US") -> str:
        """As people of `locale` write it. Whole amounts lose their zeros ("$49"), others keep all ("$49.90")."""
        decimals = exponent(self.currency)
        is_whole = self.amount_minor % 10**decimals == 0
        return _written(self.decimal, self.currency, locale, decimals=0 if is_whole else decimals)

    def _must_match(self, other: Money) -> None:
        if self.currency != other.currency:
            raise ValueError(f"cannot mix {self.currency} and {other.currency}")


@dataclass(frozen=True, slots=True)
class Rate:
    """What a unit costs where that is finer than the smallest coin, such as $0.0015 a call: exact.

    `exact` is in minor units. Rounded once, when it is multiplied, as Stripe does with `unit_amount_decimal`.
    Source: https://docs.stripe.com/billing/subscriptions/decimal-amounts
    """

    exact: Decimal
    currency: str

    @property
    def decimal(self) -> Decimal:
        """In decimal units."""
        return self.exact.scaleb(-exponent(self.currency))

    def times(self, count: int) -> Money:
        """`count` of it, rounded half up to the minor unit."""
        return rounded(self.exact * count, self.currency)

    def split(self, parts: int) -> Rate:
        """Divided by `parts`, to two decimals more than it has: for showing only, never for charging."""
        finest = self.exact.scaleb(-2)
        return Rate((self.exact / parts).quantize(finest, rounding=ROUND_HALF_UP).normalize(), self.currency)

    def __bool__(self) -> bool:
        return bool(self.exact)

    def format(self, locale: str = "en_US") -> str:
        """As people of `locale` write it, with all of its decimals ("$0.0015")."""
        places = -int(self.decimal.normalize().as_tuple().exponent)
        return _written(self.decimal, self.currency, locale, decimals=max(places, exponent(self.currency)))


UnitPrice = Money | Rate


def rounded(minor: Decimal, currency: str) -> Money:
    """An exact amount in minor units, rounded half up."""
    return Money(int(minor.quantize(Decimal(1), rounding=ROUND_HALF_UP)), currency)


def unit_price(amount: Decimal | float | str, currency: str) -> UnitPrice:
    """The price of a unit from decimal units: Money where coins will do."""
    code = currency.upper()
    exact = Decimal(str(amount)).scaleb(exponent(code))
    return Rate(exact.normalize(), code) if exact % 1 else Money(int(exact), code)


def _written(amount: Decimal, currency: str, locale: str, *, decimals: int) -> str:
    posix = locale.replace("-", "_")
    digits = "." + "0" * decimals if decimals else ""
    pattern = Locale.parse(posix).currency_formats["standard"].pattern.replace(".00", digits)
    text = format_currency(amount, currency, locale=posix, format=pattern, currency_digits=False)
    return LETTER_BEFORE_DIGIT.sub("\u00a0", text)
