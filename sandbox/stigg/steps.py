"""How an order relates to what the customer has: a trial or not, up or down, now or later. Decides only."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sandbox.stigg import changes
from sandbox.stigg.orders import Order
from sandbox.stigg.periods import add_months, trial_end
from sandbox.stigg.side import Side
from sandbox.stigg.state import Customer, Subscription
from sandbox.stigg.wire.customer import is_eligible_for_trial
from sandbox.stigg.wire.subscription import lines as lines_of

PLAIN_TRIAL = timedelta(days=14)


@dataclass(frozen=True)
class Step:
    """How an order relates to what the customer has of the same product."""

    current: Subscription | None
    direction: changes.Direction
    at: datetime | None
    """When it is to happen; None is now."""

    @property
    def in_place(self) -> bool:
        return self.current is not None and self.current.pricing_type == "PAID"


def trial_of(side: Side, customer: Customer, order: Order) -> tuple[datetime, str] | None:
    """The end of the trial that this order starts, and what happens then; None when it starts none."""
    override, configured = order.trial_override, order.plan.trial
    now = order.start_at or side.now()
    if override is not None:
        if not override["isTrial"]:
            return None
        ends = override.get("trialEndDate") or (
            trial_end(now, configured.duration, configured.units) if configured else now + PLAIN_TRIAL
        )
        fallback = configured.end_behavior if configured else "CONVERT_TO_PAID"
        return ends, override.get("trialEndBehavior") or fallback
    eligible = is_eligible_for_trial(side.state, customer, order.plan.product_id)
    if order.skip_trial or configured is None or not eligible:
        return None
    return trial_end(now, configured.duration, configured.units), configured.end_behavior


def after_trial(side: Side, customer: Customer, order: Order) -> Order:
    """A paid plan bought during a trial begins at once, or with the trial's end: documents disagree."""
    trial = next((s for s in _of_product(side, customer, order) if s.status == "IN_TRIAL"), None)
    waits = side.state.catalog.behaviour.trial_conversion == "at_trial_end"
    if trial is None or not waits or order.plan.pricing_type != "PAID":
        return order
    return replace(order, start_at=trial.trial_end_at)


def step_of(side: Side, customer: Customer, order: Order) -> Step:
    current = current_of(side, customer, order)
    if current is None:
        return Step(None, "NONE", None)
    state = side.state
    found = changes.direction(state.catalog, current.choice, lines_of(state, current), order.choice, order.lines)
    return Step(current, found, _when(side, current, order, found))


def current_of(side: Side, customer: Customer, order: Order) -> Subscription | None:
    """The one that is not a trial: active now, of the same product and resource."""
    return next((s for s in _of_product(side, customer, order) if s.status == "ACTIVE"), None)


def _of_product(side: Side, customer: Customer, order: Order) -> list[Subscription]:
    wanted = (order.plan.product_id, order.resource_id)
    return [s for s in side.state.subscriptions_of(customer) if (s.product_id, s.resource_id) == wanted]


def _when(side: Side, current: Subscription, order: Order, direction: changes.Direction) -> datetime | None:
    """Steps up are immediate; for steps down the caller decides, or else the product."""
    product = side.state.catalog.products[order.plan.product_id]
    strategy = order.schedule_strategy
    if strategy is None:
        strategy = product.downgrade_time if direction == "DOWNGRADE" else "IMMEDIATE"
    if strategy == "IMMEDIATE" or current.period_end is None or current.period_start is None:
        return None
    if strategy == "END_OF_BILLING_MONTH":
        months = 1
        while add_months(current.period_start, months) <= side.now():
            months += 1
        return min(current.period_end, add_months(current.period_start, months))
    return current.period_end
