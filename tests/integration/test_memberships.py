"""Whose customer is whose: users from before, organisations, and the roles that may pay."""

from __future__ import annotations

import pytest
from django.contrib.auth import get_user_model

from billing.models import Customer, Membership
from billing.services import customers
from tests.people import Person, person

pytestmark = pytest.mark.django_db


def test_a_user_from_before_gets_a_customer_when_one_is_needed() -> None:
    user = get_user_model().objects.create_user(username="old", email="old@example.com")
    assert customers.find_customer(user) is None
    customer = customers.get_or_create_customer(user)
    assert (customer.email, customers.get_or_create_customer(user)) == ("old@example.com", customer)


@pytest.mark.parametrize(("role", "may_pay"), [("owner", True), ("admin", True), ("member", False)])
def test_owners_and_admins_of_an_organisation_may_pay_and_members_may_not(role: str, may_pay: bool) -> None:
    organisation = organisation_with(someone := person("eve"), role)
    membership = Membership.objects.get(customer=organisation, user=someone.user)
    assert membership.may_pay is may_pay
    assert Membership.objects.may_pay().filter(pk=membership.pk).exists() is may_pay


def test_the_customer_of_a_user_is_the_one_they_may_pay_for() -> None:
    eve = person("eve")
    organisation_with(eve, Membership.Role.MEMBER)
    assert customers.find_customer(eve.user) == eve.customer


def test_a_mere_member_belongs_to_the_organisation() -> None:
    organisation = organisation_with(eve := person("eve"), Membership.Role.MEMBER)
    Membership.objects.filter(customer=eve.customer).delete()
    assert customers.find_customer(eve.user) == organisation
    assert list(Customer.objects.of(eve.user)) == [organisation]


def organisation_with(who: Person, role: str) -> Customer:
    """An organisation of somebody else's in which `who` has a role."""
    owner = person("owner")
    Customer.objects.filter(pk=owner.customer.pk).update(kind=Customer.Kind.ORGANISATION)
    Membership.objects.create(customer=owner.customer, user=who.user, role=role)
    return owner.customer
