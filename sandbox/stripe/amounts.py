"""Amounts in minor units as people read them.

Source: https://docs.stripe.com/currencies#zero-decimal
"""

from sandbox.stripe.params import words

ZERO_DECIMAL = words("bif clp djf gnf jpy kmf krw mga pyg rwf ugx vnd vuv xaf xof xpf")
THREE_DECIMAL = words("bhd jod kwd omr tnd")


def shown(amount: int, currency: str) -> str:
    """4900, usd → 49.00 USD"""
    digits = 0 if currency in ZERO_DECIMAL else 3 if currency in THREE_DECIMAL else 2
    whole, part = divmod(abs(amount), 10**digits)
    sign, rest = "-" if amount < 0 else "", f".{part:0{digits}}" if digits else ""
    return f"{sign}{whole:,}{rest} {currency.upper()}"
