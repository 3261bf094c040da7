"""CheckoutSession: one attempt to pay for something, as a state machine; CardAttempt: what card testers leave.

A choice never changes once made: another choice is another session, and the older one is superseded,
so that a card confirmed in a forgotten tab can never buy what that tab does not show.
The SetupIntent's client_secret is never stored.
"""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta
from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from billing.models.customer import Customer
from billing.models.leases import Leased
from billing.models.subscription import Subscription
from billing.money import Money


class CheckoutSessionQuerySet(models.QuerySet["CheckoutSession"]):
    """Questions about many checkouts; each has its namesake on the row."""

    def live(self) -> Self:
        """Not at an end; a customer has at most one."""
        return self.filter(state__in=CheckoutSession.LIVE)

    def due(self, now: datetime) -> Self:
        """Those that the sweep should complete or look at again."""
        return self.live().filter(due_at__lte=now)

    def overdue(self, now: datetime) -> Self:
        """Those whose time is over, never paid for or never confirmed, unless they are to be left alone for a while."""
        return self.live().filter(expires_at__lte=now).exclude(due_at__gt=now)

    def to_tidy(self, now: datetime) -> Self:
        """Closed ones whose SetupIntent may still be open at Stripe."""
        return self.exclude(state__in=CheckoutSession.LIVE).filter(due_at__lte=now)


class CheckoutSession(Leased):
    """One attempt.

    open ─ card saved ─→ confirmed ─ provisioned ─→ succeeded
      │ ←─ the price rose ───┤
      │                      ├─→ processing ──────→ succeeded | payment_failed
      │                      ├─→ action_required ─→ succeeded | payment_failed
      │                      └─→ payment_failed ─ another card ─→ confirmed …
      └─→ superseded | canceled | expired            (payment_failed ─ deadline ─→ expired)
    """

    class Purpose(models.TextChoices):
        SUBSCRIBE = "subscribe", _("subscribe to a plan")
        RECOVER = "recover", _("pay an open invoice with another card")

    class Kind(models.TextChoices):
        """What the order is to what the customer had."""

        NEW = "new", _("new subscription")
        TRIAL = "trial", _("trial")
        CONVERSION = "conversion", _("from trial to paid")
        UPGRADE = "upgrade", _("upgrade")
        DOWNGRADE = "downgrade", _("downgrade")
        PERIOD = "period", _("other billing period")
        CHANGE = "change", _("other quantities or add-ons")
        TO_FREE = "to_free", _("from paid to free")

    class State(models.TextChoices):
        OPEN = "open", _("waiting for a card")
        CONFIRMED = "confirmed", _("card saved, to be completed")
        PROCESSING = "processing", _("payment in progress")
        ACTION_REQUIRED = "action_required", _("bank confirmation needed")
        PAYMENT_FAILED = "payment_failed", _("payment failed")
        SUCCEEDED = "succeeded", _("succeeded")
        EXPIRED = "expired", _("expired")
        CANCELED = "canceled", _("canceled")
        SUPERSEDED = "superseded", _("superseded by another choice")

    CHANGES = (Kind.UPGRADE, Kind.DOWNGRADE, Kind.PERIOD, Kind.CHANGE)
    """Those that change a paid subscription, which stays as it is until they are paid for."""
    LIVE = (State.OPEN, State.CONFIRMED, State.PROCESSING, State.ACTION_REQUIRED, State.PAYMENT_FAILED)
    TAKES_CARD = (State.OPEN, State.PAYMENT_FAILED, State.ACTION_REQUIRED)
    moves_by = "state"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="checkouts")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="checkouts"
    )
    purpose = models.CharField(max_length=10, choices=Purpose.choices, default=Purpose.SUBSCRIBE)
    state = models.CharField(max_length=16, choices=State.choices, default=State.OPEN)

    kind = models.CharField(max_length=10, choices=Kind.choices, blank=True, help_text="as the customer was shown it")
    plan_id = models.CharField(max_length=255)
    plan_name = models.CharField(max_length=255)
    billing_period = models.CharField(max_length=16, blank=True)
    country_code = models.CharField(max_length=2, blank=True, help_text="whose prices were shown; empty: the default")
    resource_id = models.CharField(max_length=255, blank=True, help_text="the workspace or such that it is for")
    quantities = models.JSONField(default=dict, blank=True, help_text="feature id → units")
    addons = models.JSONField(default=dict, blank=True, help_text="add-on id → quantity")
    coupon_id = models.CharField(max_length=255, blank=True)
    promotion_code = models.CharField(max_length=255, blank=True)
    needs_card = models.BooleanField(default=True)
    due_now_minor = models.BigIntegerField(null=True, blank=True, help_text="total shown to the customer, minor units")
    currency = models.CharField(max_length=3, blank=True)
    price_rose = models.BooleanField(
        default=False, db_default=False, help_text="asked about a price after a lower one was shown, not after none"
    )

    setup_intent_id = models.CharField(max_length=64, null=True, blank=True, unique=True)
    setup_intent_number = models.PositiveIntegerField(default=1, help_text="grows with each new SetupIntent")
    payment_method_id = models.CharField(max_length=64, blank=True)
    previous_payment_method_id = models.CharField(
        max_length=64,
        blank=True,
        default="",
        db_default="",
        help_text="the default card before it; empty: none, or restored",
    )
    invoice_id = models.CharField(max_length=64, blank=True)
    invoice_attempted_with = models.CharField(max_length=64, blank=True, help_text="card of the last payment try")

    subscription_ref = models.CharField(max_length=255, blank=True, help_text="the subscription id that we chose")
    subscription = models.ForeignKey(
        Subscription, on_delete=models.SET_NULL, null=True, blank=True, related_name="checkouts"
    )
    provision_started_at = models.DateTimeField(null=True, blank=True)
    provisioned_at = models.DateTimeField(null=True, blank=True)
    paid_at = models.DateTimeField(null=True, blank=True, help_text="when Stripe took the money for the open invoice")
    failure_code = models.CharField(max_length=64, blank=True, help_text="Stripe's decline code or error code")
    failure_message = models.CharField(max_length=500, blank=True)
    last_error = models.TextField(blank=True, help_text="what stood in the way of completing; for staff")
    attempts = models.PositiveIntegerField(default=0)
    rejections = models.PositiveIntegerField(default=0, db_default=0, help_text="attempts that were refused for good")
    due_at = models.DateTimeField(null=True, blank=True)
    expires_at = models.DateTimeField()
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)
    closed_at = models.DateTimeField(null=True, blank=True)

    objects = CheckoutSessionQuerySet.as_manager()

    class Meta:
        ordering = ("-created_at",)
        constraints = (
            models.UniqueConstraint(
                fields=["customer"],
                condition=Q(state__in=("open", "confirmed", "processing", "action_required", "payment_failed")),
                name="one_live_checkout_per_customer",
            ),
        )
        indexes = (
            models.Index(fields=["-created_at"], name="checkout_newest"),
            models.Index(fields=["due_at"], condition=Q(due_at__isnull=False), name="checkout_due"),
            models.Index(fields=["state", "expires_at"], name="checkout_expiry"),
        )

    def __str__(self) -> str:
        return f"{self.plan_name} {self.state}"

    @property
    def is_live(self) -> bool:
        """Whether it is not at an end."""
        return self.state in self.LIVE

    @property
    def takes_card(self) -> bool:
        """Whether a card may be entered now."""
        return self.state in self.TAKES_CARD

    @property
    def awaits_consent(self) -> bool:
        """Whether there is a card, and a price that the customer has still to agree to: nothing else goes back to
        open."""
        return self.state == self.State.OPEN and bool(self.payment_method_id)

    def is_being_completed(self, now: datetime) -> bool:
        """Whether somebody is at it this moment."""
        return self.is_live and self.leased_until is not None and self.leased_until > now

    def pause_before_next_look(self, now: datetime) -> timedelta:
        """How long to leave a checkout alone that waits for its card: the sweep looks ever more rarely whether the
        card was saved, in case the tab was closed and no webhook told."""
        return min(max((now - self.created_at) / 2, timedelta(minutes=2)), timedelta(hours=2))

    @property
    def due_now(self) -> Money | None:
        """The total that the customer was shown."""
        return None if self.due_now_minor is None else Money(self.due_now_minor, self.currency)

    @property
    def setup_intent_key(self) -> str:
        """Idempotency key: one SetupIntent for each number, however often we ask."""
        return f"si-create:{self.pk}:{self.setup_intent_number}"

    @property
    def is_change(self) -> bool:
        """Whether it changes a paid subscription in place."""
        return self.kind in self.CHANGES

    @property
    def is_for_running_plan(self) -> bool:
        """Whether it pays a bill of a plan that goes on meanwhile: to leave it cancels nothing."""
        plan = self.subscription
        return self.purpose == self.Purpose.RECOVER and plan is not None and plan.grants_access

    def is_same_choice(self, other: dict[str, Any]) -> bool:
        """Whether `other` (plan, period, country, resource, quantities, add-ons, codes) is what this is for."""
        return all(getattr(self, name) == value for name, value in other.items())

    def is_overdue(self, now: datetime) -> bool:
        """Whether its time is over."""
        return self.is_live and self.expires_at <= now


class CardAttempt(models.Model):
    """One SetupIntent made, or one card refused: counted, so that limits hold across processes and restarts."""

    class Kind(models.TextChoices):
        SETUP_INTENT = "setup_intent", _("SetupIntent created")
        REFUSED = "refused", _("card refused")
        COUPON = "coupon", _("coupon refused")

    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="card_attempts")
    kind = models.CharField(max_length=12, choices=Kind.choices)
    reference = models.CharField(max_length=255, unique=True, help_text="makes counting the same thing twice harmless")
    address_digest = models.CharField(max_length=64, blank=True, help_text="keyed hash of the network address")
    happened_at = models.DateTimeField()

    class Meta:
        ordering = ("-happened_at",)
        indexes = (
            models.Index(fields=["customer", "happened_at"], name="attempt_customer"),
            models.Index(fields=["address_digest", "happened_at"], name="attempt_address"),
        )

    def __str__(self) -> str:
        return f"{self.kind} {self.happened_at:%Y-%m-%d %H:%M}"
