"""`Side`: what every operation of Stigg's side is handed: the world and the way to Stripe."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sandbox.stigg.errors import StiggError
from sandbox.stigg.state import Customer, StiggState, Subscription
from sandbox.stigg.stripe_link import StripeLink
from sandbox.world import World


@dataclass
class Side:
    world: World
    stripe: StripeLink
    limits: tuple[StiggState, Any] | None = None
    """The calls of the last minute, with the state that they were made on: see `limits`."""

    @property
    def state(self) -> StiggState:
        """Never kept by the caller across an await: a reset puts a fresh one in its place."""
        return self.world.stigg

    def now(self) -> datetime:
        return self.world.clock.now()

    def customer(self, ref_id: str) -> Customer:
        """Raises CustomerNotFound."""
        found = self.state.customers.get(ref_id)
        if found is None:
            raise StiggError("CustomerNotFound", "Customer not found", customerId=ref_id)
        return found

    def living_customer(self, ref_id: str) -> Customer:
        """Raises CustomerNotFound, or EntityIsArchivedError."""
        found = self.customer(ref_id)
        if found.archived_at is not None:
            raise StiggError("EntityIsArchivedError", "Customer is archived", customerId=ref_id)
        return found

    def subscription(self, ref_id: str) -> Subscription:
        """Raises SubscriptionNotFound."""
        found = self.state.subscriptions.get(ref_id)
        if found is None:
            raise StiggError("SubscriptionNotFound", "Subscription not found", subscriptionId=ref_id)
        return found
