"""Decimal units, which Stigg speaks, and minor units, in which the sandbox and Stripe count."""

from decimal import Decimal

ZERO_DECIMAL = frozenset(
    {
        "BIF",
        "CLP",
        "DJF",
        "GNF",
        "JPY",
        "KMF",
        "KRW",
        "MGA",
        "PYG",
        "RWF",
        "UGX",
        "VND",
        "VUV",
        "XAF",
        "XOF",
        "XPF",
    }
)
THREE_DECIMAL = frozenset(["BHD", "JOD", "KWD", "OMR", "TND"])
SYMBOLS = {"USD": "$", "EUR": "€", "GBP": "£", "JPY": "¥", "INR": "₹", "ILS": "₪", "BRL": "R$"}


def exponent(currency: str) -> int:
    if currency in ZERO_DECIMAL:
        return 0
    return 3 if currency in THREE_DECIMAL else 2


def to_minor(amount: Decimal | float | str, currency: str) -> int:
    """Decimal units to minor units; ValueError when the currency has no coin that small."""
    scaled = Decimal(str(amount)).scaleb(exponent(currency))
    if scaled != scaled.to_integral_value():
        raise ValueError(f"{amount} has more decimals than {currency} knows")
    return int(scaled)


def to_exact_minor(amount: Decimal | float | str, currency: str) -> int | Decimal:
    """As `to_minor`, for the price of a unit, which may be finer than any coin."""
    scaled = Decimal(str(amount)).scaleb(exponent(currency))
    return int(scaled) if scaled == scaled.to_integral_value() else scaled.normalize()


def to_decimal(minor: int | Decimal, currency: str) -> float:
    return float(Decimal(minor).scaleb(-exponent(currency)))
