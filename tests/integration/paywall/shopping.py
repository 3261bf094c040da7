"""People in the showcase: they subscribe at Stigg, and read the paywall as a browser would."""

from __future__ import annotations

import re
from dataclasses import dataclass
from html import unescape
from pathlib import Path
from typing import Any

import requests
from django.test import Client

from billing.gateways import stigg
from billing.gateways.stigg.types import BillingInformation, SubscriptionChoice
from billing.services import customers
from tests.integration.browsing import signed_in
from tests.people import Person, person
from tests.sandbox_process import STRIPE_KEY, SandboxClient

SHOWCASE = Path(__file__).resolve().parents[3] / "sandbox" / "catalog" / "showcase.yaml"
SEATS = "feature-editors"


@dataclass(frozen=True, slots=True)
class Shown:
    """What a card says and where its button leads."""

    text: str
    label: str
    url: str

    def __contains__(self, words: str) -> bool:
        return words in self.text


def shopper(sandbox: SandboxClient, name: str = "ada") -> Person:
    """Known to Stigg, with a good card."""
    who = person(name)
    who.customer = customers.provision(who.customer.pk)
    attached = requests.post(
        f"{sandbox.stripe_url}/v1/payment_methods/pm_card_visa/attach",
        data={"customer": who.customer.stripe_id},
        auth=(STRIPE_KEY, ""),
        timeout=10,
    ).json()
    information = BillingInformation(payment_method_id=attached["id"])
    stigg.current().update_customer(customer_id=who.customer.stigg_id, billing_information=information)
    return who


def buy(who: Person, plan: str, period: str | None = "MONTHLY", *, skip_trial: bool = True, **units: int) -> str:
    """At Stigg, and mirrored here; the subscription's id. `units`: feature → quantity, with _ for -."""
    quantities = tuple((name.replace("_", "-"), count) for name, count in units.items())
    result = stigg.current().provision_subscription(
        customer_id=who.customer.stigg_id,
        choice=SubscriptionChoice(plan, period, unit_quantities=quantities),
        subscription_id=f"subscription-{plan}-{who.user.pk}",
        metadata={},
        skip_trial=skip_trial,
    )
    assert result.subscription is not None, result
    mirror(who, result.subscription.subscription_id)
    return result.subscription.subscription_id


def mirror(who: Person, *subscription_ids: str) -> None:
    who.customer = customers.refresh(who.customer.pk, cause="test", subscription_ids=subscription_ids)


def paywall(who: Person | None = None, **query: Any) -> dict[str, Shown]:
    """The cards of the real page by plan id."""
    client = signed_in(who) if who else Client()
    page = client.get("/pricing/", query)
    assert page.status_code == 200
    return cards_of(page.content.decode())


def cards_of(html: str) -> dict[str, Shown]:
    found = re.findall(r'<article [^>]*data-plan="([^"]+)">(.*?)</article>', html, re.DOTALL)
    return {plan_id: _shown(body) for plan_id, body in found}


def _shown(body: str) -> Shown:
    action = body.partition('data-live="action">')[2].partition('<div class="plan__more">')[0]
    button = re.search(r'class="button[^>]*>(.*?)</(?:a|span)>\s', action, re.DOTALL)
    url = re.search(r'href="([^"]*)"', action)
    return Shown(text=_words(body), label=_words(button[1]) if button else "", url=unescape(url[1]) if url else "")


def _words(html: str) -> str:
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", html))).replace("\u00a0", " ").strip()
