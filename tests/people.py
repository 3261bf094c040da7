"""People of the tests: ada subscribes, bob stays free, carol's card fails, dave is a stranger."""

from __future__ import annotations

import uuid
from dataclasses import dataclass

from django.contrib.auth import get_user_model
from django.contrib.auth.models import User

from billing.models import CheckoutSession, Customer, Membership
from billing.services import card_entry, checkout, completion, customers
from tests.sandbox_process import SandboxClient

PASSWORD = "correct horse battery"


@dataclass(slots=True)
class Person:
    """A user with their customer."""

    user: User
    customer: Customer


def person(name: str, *, role: str = Membership.Role.OWNER) -> Person:
    """Signed up, not yet known to Stigg."""
    email = f"{name}-{uuid.uuid4().hex[:6]}@example.com"
    user = get_user_model().objects.create_user(username=email, email=email, password=PASSWORD)
    customer = customers.create_customer(user, name=name.title(), email=email)
    Membership.objects.filter(user=user).update(role=role)
    return Person(user, customer)


def begin(who: Person, *, plan: str = "plan-pro", period: str = "MONTHLY") -> CheckoutSession:
    """A checkout with its SetupIntent."""
    from billing.gateways.stigg.types import SubscriptionChoice

    session = checkout.begin(
        customer=who.customer, user=who.user, choice=SubscriptionChoice(plan_id=plan, billing_period=period)
    )
    card_entry.prepare_card(session)
    session.refresh_from_db()
    return session


def subscribe(
    who: Person, sandbox: SandboxClient, *, card: str = "pm_card_visa", plan: str = "plan-pro", period: str = "MONTHLY"
) -> CheckoutSession:
    """Through the whole checkout with one of Stripe's test cards."""
    session = begin(who, plan=plan, period=period)
    sandbox.confirm_card(str(session.setup_intent_id), card)
    return completion.complete(session.pk, cause="test")
