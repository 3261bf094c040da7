"""What one operation of Stigg's API is for the tests: a document of our own, its variables, what it needs first.

Numbers are those of the facts gathered about Stigg's API. `verb` is the product's own way to the same field.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from tests.contract.stigg.callers import Stigg

ADA, BOB, SUBSCRIPTION = "customer-ada", "customer-bob", "subscription-1"
BY_CUSTOMER = {"customerId": ADA}
BY_SUBSCRIPTION = {"subscriptionId": SUBSCRIPTION}
ORDER = {"customerId": ADA, "planId": "plan-pro", "billingPeriod": "MONTHLY"}
USAGE = {"customerId": ADA, "featureId": "feature-api-calls", "value": 5}


def nothing_more(_stigg: Stigg) -> None:
    """The customer with a card and a subscription to Starter is enough."""


def archive(stigg: Stigg) -> None:
    stigg.ask(
        "mutation ($input: ArchiveCustomerInput!) { archiveCustomer(input: $input) { customerId } }",
        input=BY_CUSTOMER,
    )


def schedule_a_downgrade(stigg: Stigg) -> None:
    stigg.provision(ADA, "plan-free", billingPeriod=None)


def meet_bob(stigg: Stigg) -> None:
    stigg.provision_customer(BOB)


def fill_two_resources(stigg: Stigg) -> None:
    stigg.provision(ADA, "plan-starter", resourceId="site-a")
    stigg.provision(ADA, "plan-free", resourceId="site-b", billingPeriod=None)


@dataclass(frozen=True)
class Operation:
    number: str
    name: str
    root: str
    signature: str
    selection: str
    variables: dict[str, Any]
    kind: str = "query"
    argument: str = "input"
    verb: str | None = None
    prepare: Callable[[Stigg], None] = field(default=nothing_more)
    refused: str | None = None
    """The code of the only answer that this environment has."""

    @property
    def document(self) -> str:
        asked = f"({self.argument}: $input)" if self.signature else ""
        head = f"($input: {self.signature})" if self.signature else ""
        return f"{self.kind} {self.name}{head} {{ {self.root}{asked} {self.selection} }}"


def query(number: str, name: str, root: str, signature: str, selection: str, **more: Any) -> Operation:
    return Operation(number, name, root, signature, selection, more.pop("variables", BY_CUSTOMER), **more)


def mutation(number: str, name: str, root: str, signature: str, selection: str, **more: Any) -> Operation:
    return query(number, name, root, signature, selection, kind="mutation", **more)


PREVIEW = "{ total { amount currency } subTotal { amount } proration { netAmount { amount } } }"
MONEY = "{ amount currency }"
ENTITLEMENT = "{ isGranted usageLimit currentUsage feature { refId featureType } accessDeniedReason }"
SUBSCRIBED = "{ subscriptionId status plan { refId } customer { customerId } }"
ONE_DAY = {"startDate": "2026-01-01T00:00:00.000Z", "endDate": "2099-01-01T00:00:00.000Z"}
