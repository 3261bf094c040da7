"""/v1/tax_rates, and the taxes of invoices, rounded line by line: on top of the price, or included in it.

Source: https://docs.stripe.com/billing/taxes/tax-rates#inclusive-vs-exclusive-tax
"""

from decimal import Decimal

from sandbox.stripe.call import LIST_PARAMS, Call, operation
from sandbox.stripe.errors import invalid
from sandbox.stripe.ids import new_id
from sandbox.stripe.listing import page
from sandbox.stripe.params import merged_metadata
from sandbox.stripe.pricing import rounded
from sandbox.stripe.state import Obj


def chosen(call: Call) -> list[Obj]:
    """The rates that `default_tax_rates` names."""
    ids = call.params.texts("default_tax_rates")
    return [call.find("tax_rates", each, "tax rate", "default_tax_rates") for each in ids if each]


def tax(lines: list[Obj], rates: list[Obj]) -> None:
    """Write each line's `taxes`: of what is left of it after discounts."""
    for line in lines:
        taxable = line["amount"] - sum(each["amount"] for each in line["discount_amounts"])
        line["taxes"] = [_tax(taxable, rate) for rate in rates]


def total_taxes(lines: list[Obj]) -> list[Obj]:
    """The lines' taxes, added up by rate."""
    totals: dict[str, Obj] = {}
    for each in (each for line in lines for each in line["taxes"]):
        total = totals.setdefault(each["tax_rate_details"]["tax_rate"], {**each, "amount": 0, "taxable_amount": 0})
        total["amount"] += each["amount"]
        total["taxable_amount"] += each["taxable_amount"]
    return list(totals.values())


def create(call: Call) -> Obj:
    params = call.params
    percentage = params.number("percentage")
    if percentage is None or not 0 <= percentage <= 100:
        raise invalid("percentage must be between 0 and 100.", "percentage")
    rate: Obj = {
        "id": new_id("txr"),
        "object": "tax_rate",
        "active": True,
        "country": params.text("country"),
        "created": call.now(),
        "description": params.text("description"),
        "display_name": params.need("display_name"),
        "effective_percentage": percentage,
        "flat_amount": None,
        "inclusive": bool(params.flag("inclusive")),
        "jurisdiction": params.text("jurisdiction"),
        "jurisdiction_level": None,
        "livemode": False,
        "metadata": merged_metadata({}, params),
        "percentage": percentage,
        "rate_type": "percentage",
        "state": params.text("state"),
        "tax_type": params.text("tax_type"),
    }
    call.state.tax_rates[rate["id"]] = rate
    return rate


def retrieve(call: Call, id: str) -> Obj:
    return call.find("tax_rates", id, "tax rate")


def list_all(call: Call) -> Obj:
    return page(call, call.state.tax_rates.values(), "/v1/tax_rates")


def _tax(taxable: int, rate: Obj) -> Obj:
    """Of a price that includes 19 %, the tax is 19 parts of 119."""
    percentage, included = Decimal(str(rate["percentage"])), rate["inclusive"]
    amount = rounded(Decimal(taxable) * percentage / (100 + percentage if included else 100))
    return {
        "amount": amount,
        "tax_behavior": "inclusive" if included else "exclusive",
        "tax_rate_details": {"tax_rate": rate["id"]},
        "taxability_reason": "not_available",
        "taxable_amount": taxable - amount if included else taxable,
        "type": "tax_rate_details",
    }


OPERATIONS = [
    operation(
        "POST",
        "/v1/tax_rates",
        create,
        "active country description display_name inclusive jurisdiction metadata percentage state tax_type",
    ),
    operation("GET", "/v1/tax_rates", list_all, f"{LIST_PARAMS} active inclusive"),
    operation("GET", "/v1/tax_rates/{id}", retrieve),
]
