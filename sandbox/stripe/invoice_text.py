"""An invoice as the lines of its printed form."""

from datetime import UTC, datetime

from sandbox.stripe.amounts import shown
from sandbox.stripe.state import Obj

Row = tuple[str, str]
LONGEST = 78


def rows(invoice: Obj) -> list[Row]:
    currency = invoice["currency"]
    bought = [(line["description"][:LONGEST], shown(line["amount"], currency)) for line in invoice["lines"]["data"]]
    off = sum(each["amount"] for each in invoice["total_discount_amounts"])
    discounts = [("Discount", shown(-off, currency))] if off else []
    return [
        ("Sandbox: this is no real invoice", ""),
        ("", ""),
        *_head(invoice),
        ("", ""),
        *bought,
        ("", ""),
        ("Subtotal", shown(invoice["subtotal"], currency)),
        *discounts,
        ("Total", shown(invoice["total"], currency)),
        ("Amount paid", shown(invoice["amount_paid"], currency)),
        ("Amount due", shown(invoice["amount_remaining"], currency)),
    ]


def _head(invoice: Obj) -> list[Row]:
    told = {
        "Date": _day(invoice["effective_at"] or invoice["created"]),
        "Due": _day(invoice["due_date"]),
        "Status": invoice["status"],
        "Bill to": invoice["customer_name"] or invoice["customer_email"],
    }
    return [(f"{name}: {value}", "") for name, value in told.items() if value]


def _day(moment: int | None) -> str | None:
    return datetime.fromtimestamp(moment, UTC).strftime("%d %b %Y") if moment is not None else None
