"""A customer at the review page: looks, orders, and what the sandbox then says of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.http import HttpResponse
from django.test import Client

from billing.models import CheckoutSession, Subscription
from billing.services import customers
from billing.services.summary import OrderSummary
from tests.people import PASSWORD, Person, person, subscribe
from tests.sandbox_process import SandboxClient

START = "/checkout/start/"


@dataclass
class Shopper:
    """Signed in, known to Stigg."""

    who: Person
    client: Client
    sandbox: SandboxClient

    def look(self, **order: Any) -> HttpResponse:
        return self.client.get(START, _fields(order))

    def summary(self, **order: Any) -> OrderSummary:
        found: OrderSummary = self.look(**order).context["summary"]
        return found

    def order(self, *, shown: str | None = None, query: str = "", **order: Any) -> HttpResponse:
        """What the page's button does; `shown` is the price that the page had."""
        context = self.look(**order).context
        agreed = context["summary"].shown if shown is None else shown
        card = context["review"].card
        named = {"card_on_file": card.stripe_id} if card else {}
        return self.client.post(START + query, {**named, **_fields(order), "shown": agreed})

    def checkout(self) -> CheckoutSession:
        """The newest."""
        return CheckoutSession.objects.filter(customer=self.who.customer).latest("created_at")

    def refresh(self) -> Subscription:
        """The mirror as of now; the newest running subscription."""
        customers.refresh(self.who.customer.pk, cause="test", with_stripe=True)
        self.who.customer.refresh_from_db()
        return self.who.customer.subscriptions.all().unfinished().latest("created_at")

    def invoices(self) -> list[dict[str, Any]]:
        """At Stripe, newest first."""
        rows = self.sandbox.objects("stripe", "invoices", customer=str(self.who.customer.stripe_id))
        return sorted(rows, key=lambda row: row["created"], reverse=True)

    def subscriptions(self) -> list[dict[str, Any]]:
        """At Stripe."""
        return self.sandbox.objects("stripe", "subscriptions", customer=str(self.who.customer.stripe_id))


def shopper(sandbox: SandboxClient, name: str = "ada") -> Shopper:
    who = person(name)
    who.customer = customers.provision(who.customer.pk)
    client = Client()
    assert client.login(username=who.user.get_username(), password=PASSWORD)
    return Shopper(who, client, sandbox)


def subscriber(
    sandbox: SandboxClient, *, plan: str = "plan-pro", period: str = "MONTHLY", card: str = "pm_card_visa"
) -> Shopper:
    """Who has paid for a plan already, with a card that is on file."""
    found = shopper(sandbox)
    assert subscribe(found.who, sandbox, plan=plan, period=period, card=card).state == "succeeded"
    found.refresh()
    return found


def _fields(order: dict[str, Any]) -> dict[str, Any]:
    """Names of fields may not have hyphens in Python: `addon_addon_renders=2`."""
    names = {"plan": "plan-pro", "period": "MONTHLY", "name": "Ada", "country": ""} | order
    return {key: value for key, value in names.items() if value is not None}
