"""Customer: our side of the chain user → Stigg customer → Stripe customer. Membership: who may act for it."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import TYPE_CHECKING, Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from billing.models.billing_details import BillingDetails
from billing.models.leases import Leased

if TYPE_CHECKING:
    from django.contrib.auth.base_user import AbstractBaseUser


class CustomerQuerySet(models.QuerySet["Customer"]):
    """Questions about many customers."""

    def of(self, user: AbstractBaseUser) -> Self:
        """Customers that `user` belongs to, in whatever role."""
        return self.filter(memberships__user=user)

    def to_provision(self, now: datetime) -> Self:
        """Customers whose (next) try at Stigg is due."""
        return self.filter(provisioned_at=None, provision_due_at__lte=now)

    def to_refresh(self, now: datetime) -> Self:
        """Customers whose mirror is known to be out of date."""
        return self.filter(refresh_due_at__lte=now)

    def to_send_details(self, now: datetime) -> Self:
        """Customers whose billing details Stigg has not been told yet."""
        return self.filter(details_due_at__lte=now, provisioned_at__isnull=False)


class Customer(BillingDetails, Leased):
    """An individual or an organisation that pays. Its id is ours and is also Stigg's customer id."""

    class Kind(models.TextChoices):
        INDIVIDUAL = "individual", _("individual")
        ORGANISATION = "organisation", _("organisation")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    kind = models.CharField(max_length=12, choices=Kind.choices, default=Kind.INDIVIDUAL)
    name = models.CharField(max_length=200)
    email = models.EmailField(db_index=True)
    stripe_id = models.CharField(max_length=64, null=True, blank=True, unique=True)
    members = models.ManyToManyField(settings.AUTH_USER_MODEL, through="billing.Membership", related_name="customers")

    provisioned_at = models.DateTimeField(null=True, blank=True)
    provision_due_at = models.DateTimeField(null=True, blank=True)
    provision_attempts = models.PositiveIntegerField(default=0)
    provision_error = models.TextField(blank=True)

    default_payment_method_id = models.CharField(max_length=64, blank=True)
    trial_eligibility = models.JSONField(
        default=dict, blank=True, help_text="product id → may start a trial; not listed: yes"
    )
    entitlements_denied_reason = models.CharField(max_length=40, blank=True)
    mirrored_at = models.DateTimeField(null=True, blank=True)
    payment_methods_mirrored_at = models.DateTimeField(null=True, blank=True)
    refresh_due_at = models.DateTimeField(null=True, blank=True)
    refresh_attempts = models.PositiveIntegerField(default=0)
    refresh_error = models.TextField(blank=True)

    created_at = models.DateTimeField(auto_now_add=True)

    objects = CustomerQuerySet.as_manager()

    class Meta:
        ordering = ("-created_at",)
        indexes = (
            models.Index(fields=["-created_at"], name="customer_newest"),
            models.Index(fields=["provision_due_at"], condition=Q(provisioned_at=None), name="customer_to_provision"),
            models.Index(
                fields=["refresh_due_at"],
                condition=Q(refresh_due_at__isnull=False),
                name="customer_to_refresh",
            ),
            models.Index(
                fields=["details_due_at"],
                condition=Q(details_due_at__isnull=False),
                name="customer_to_send_details",
            ),
        )

    def __str__(self) -> str:
        return self.name

    @property
    def stigg_id(self) -> str:
        """The customer id at Stigg."""
        return str(self.id)

    @property
    def is_provisioned(self) -> bool:
        """Whether Stigg knows the customer and has linked it to Stripe."""
        return self.provisioned_at is not None and bool(self.stripe_id)


class MembershipQuerySet(models.QuerySet["Membership"]):
    """Questions about many memberships."""

    def may_pay(self) -> Self:
        """Those whose role may touch billing."""
        return self.filter(role__in=Membership.BILLING_ROLES)


class Membership(models.Model):
    """A user's role for a customer. Owners and admins may touch billing; members only use what was bought."""

    class Role(models.TextChoices):
        OWNER = "owner", _("owner")
        ADMIN = "admin", _("admin")
        MEMBER = "member", _("member")

    BILLING_ROLES = (Role.OWNER, Role.ADMIN)

    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="memberships")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="memberships")
    role = models.CharField(max_length=8, choices=Role.choices, default=Role.MEMBER)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = MembershipQuerySet.as_manager()

    class Meta:
        ordering = ("created_at",)
        constraints = (models.UniqueConstraint(fields=["customer", "user"], name="one_membership_per_user"),)

    def __str__(self) -> str:
        return f"{self.user} – {self.customer} ({self.role})"

    @property
    def may_pay(self) -> bool:
        """Whether this member may touch billing."""
        return self.role in self.BILLING_ROLES
