"""What the next bill of a subscription comes to, where our rows can tell. Rows only, no network.

Stigg's price of a subscription is less its discount and without tax, and says nothing of when the discount ends. How
the last invoice came about tells the rest. A sum that may differ from what is charged is not said at all.
"""

from __future__ import annotations

from django.db.models import Q, QuerySet
from django.utils.translation import gettext

from billing.models import CheckoutSession, Invoice, Subscription
from billing.services import catalog, text

NOT_BILLED = (Invoice.Status.DRAFT, Invoice.Status.VOID)


def amount(row: Subscription) -> str:
    """As in "$49" or "$49 plus tax"; empty where it cannot be told."""
    if row.status == Subscription.Status.IN_TRIAL:
        return _first_after_trial(row, each="")
    last, price = _last(row.invoices.all()), row.total
    if not price or last is None or last.discount_minor != 0 or _ordered_with_code(row, since=last) or _counts_use(row):
        return ""
    if not last.tax_on_top_minor:
        return text.money(price)
    is_the_same_again = last.total_minor - last.tax_on_top_minor == price.amount_minor
    return text.money(last.total) if is_the_same_again else _plus_tax(text.money(price))


def price_after_trial(row: Subscription) -> str:
    """As in "$49 per month plus tax"; empty where it cannot be told."""
    return _first_after_trial(row, each=text.period_unit(row.billing_period))


def _first_after_trial(row: Subscription, *, each: str) -> str:
    """No invoice of its own tells of taxes yet: the customer's others do, if there are any."""
    if not row.total or _ordered_with_code(row):
        return ""
    price = f"{text.money(row.total)} {each}".strip()
    last = _last(row.customer.invoices.all())
    if last is None:
        return gettext("%(amount)s plus any tax") % {"amount": price}
    return _plus_tax(price) if last.tax_on_top_minor else price


def _plus_tax(price: str) -> str:
    return gettext("%(amount)s plus tax") % {"amount": price}


def _last(invoices: QuerySet[Invoice]) -> Invoice | None:
    """The newest that was billed and shows taxes and discounts: one of nothing at all, as for a trial, does not."""
    known = invoices.exclude(status__in=NOT_BILLED).exclude(tax_on_top_minor=None)
    return known.exclude(total_minor=0, discount_minor=0).order_by("-issued_at", "-pk").first()


def _counts_use(row: Subscription) -> bool:
    """Whether the bill depends on what is used until then."""
    plan = catalog.stored_plan(row.plan_id)
    prices = plan.prices_in(row.billing_period) if plan else ()
    return any(price.billing_model == "USAGE_BASED" for price in prices)


def _ordered_with_code(row: Subscription, *, since: Invoice | None = None) -> bool:
    """Whether a discount may wait for its first bill: an invoice that it is on says so itself."""
    coded = row.checkouts.filter(state=CheckoutSession.State.SUCCEEDED).exclude(coupon_id="", promotion_code="")
    return coded.filter(Q(created_at__gt=since.issued_at) if since and since.issued_at else Q()).exists()
