"""Billing details: kept by us first, then sent on whole, because Stigg passes them to Stripe and keeps no copy.

Where Stigg is down they stay due, and the worker sends them when it answers again.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from uuid import UUID

import structlog
from django.utils import timezone

from billing import wake
from billing.errors import Busy, GatewayError
from billing.gateways import stigg
from billing.gateways.stigg.types import Address, BillingInformation
from billing.gateways.stripe.types import AddressSnapshot, PaymentMethodSnapshot
from billing.models import Customer
from billing.services import due
from billing.services.backoff import delay
from billing.services.customer_lease import leased

log = structlog.get_logger(__name__)


def information(customer: Customer, *, payment_method_id: str | None = None) -> BillingInformation:
    """All billing details of the customer, as Stigg takes them."""
    address = Address(
        line1=customer.address_line1,
        line2=customer.address_line2,
        city=customer.city,
        state=customer.address_state,
        postal_code=customer.postal_code,
        country=customer.country,
    )
    tax_ids = ((customer.tax_id_type, customer.tax_id),) if customer.tax_id else ()
    return BillingInformation(
        customer_name=customer.name,
        address=None if address == Address() else address,
        tax_ids=tax_ids if customer.is_entered else None,
        payment_method_id=payment_method_id or _default_card(customer) or None,
        language=customer.language,
        metadata={"tollgate_customer": customer.stigg_id},
    )


def _default_card(customer: Customer) -> str:
    """The card of an order under way, which the mirror may not know yet as the default: to send the one of before would
    set that back, and have it charged for the order."""
    ordering = customer.checkouts.all().live().exclude(payment_method_id="").first()
    return ordering.payment_method_id if ordering is not None else customer.default_payment_method_id


def one_line(customer: Customer) -> str:
    """Whom the invoice goes to, e.g. "Ada GmbH, Torstraße 1, 10119 Berlin, DE123456789"."""
    place = " ".join(filter(None, [customer.postal_code, customer.city]))
    return ", ".join(filter(None, [customer.name, customer.address_line1, place, customer.tax_id]))


def store(customer: Customer, given: Mapping[str, str]) -> None:
    """Keep what was entered (field → value, all fields of the form), and have it sent on. No network."""
    Customer.objects.filter(pk=customer.pk).update(**given, details_due_at=timezone.now(), details_attempts=0)
    customer.refresh_from_db()
    wake.up("customers")


def adopt_from_card(customer: Customer, card: PaymentMethodSnapshot | None) -> None:
    """The address that was entered with a card is the customer's; it goes to Stigg together with that card.

    A wallet hands over the address that it has, which is nobody's answer to our question: it fills a gap only.
    """
    if card is not None and card.address is not None and not (card.wallet and customer.address_line1):
        _adopt(customer, card.address, is_sent_with_card=True)


def adopt_from_cards(customer: Customer, cards: Iterable[PaymentMethodSnapshot]) -> None:
    """For a customer without an address: that of the default card, or else of the first that has one."""
    known = [card for card in cards if card.address is not None and card.address.line1]
    known.sort(key=lambda card: card.payment_method_id != customer.default_payment_method_id)
    if known and known[0].address is not None:
        _adopt(customer, known[0].address, is_sent_with_card=False)


def _adopt(customer: Customer, address: AddressSnapshot, *, is_sent_with_card: bool) -> None:
    """The country decides prices: one that was chosen stays, and none is filled in below a running checkout."""
    if customer.country:
        is_allowed = address.country == customer.country
    else:
        is_allowed = not customer.checkouts.all().live().filter(provisioned_at=None).exists()
    if not is_allowed:
        return
    entered = {
        "address_line1": address.line1,
        "address_line2": address.line2,
        "city": address.city,
        "address_state": address.state,
        "postal_code": address.postal_code,
        "country": address.country,
    }
    # Stripe's form takes more than our columns hold; Stripe itself keeps the whole with the card.
    longest = {field.name: field.max_length for field in Customer._meta.fields}
    given = {name: value[: longest[name]] for name, value in entered.items()}
    if all(getattr(customer, name) == value for name, value in given.items()):
        return
    to_send = {} if is_sent_with_card else {"details_due_at": timezone.now(), "details_attempts": 0}
    Customer.objects.filter(pk=customer.pk).update(**given, **to_send)
    for name, value in given.items():
        setattr(customer, name, value)
    if to_send:
        wake.up("customers")


def send(customer_id: UUID, *, wait_seconds: float = 5.0) -> None:
    """Tell Stigg, and through it Stripe. Safe to call twice: it is the whole truth each time.

    What is entered while this is under way stays due. Raises: Busy, GatewayError (the row says when to try again).
    """
    with leased(customer_id, wait_seconds=wait_seconds) as customer:
        due_at = customer.details_due_at
        if due_at is None or not customer.is_provisioned:
            return
        try:
            stigg.current().update_customer(
                customer_id=customer.stigg_id,
                name=customer.name,
                email=customer.invoice_email or customer.email,
                billing_information=information(customer),
            )
        except GatewayError as error:
            attempts = customer.details_attempts + 1
            _write(customer, due_at, details_due_at=timezone.now() + delay(attempts), details_attempts=attempts)
            Customer.objects.filter(pk=customer.pk).update(details_error=str(error))
            raise
        _write(customer, due_at, details_due_at=None, details_attempts=0, details_error="")
        log.info("customer.details_sent", customer_id=customer.stigg_id)


def _write(customer: Customer, due_at: datetime, **values: object) -> None:
    """Unless the details were changed meanwhile: then they are due already."""
    Customer.objects.filter(pk=customer.pk, details_due_at=due_at).update(**values)


def work_due(now: datetime, *, batch: int = 50) -> int:
    """Send on the details that are due; how many were tried."""
    rows, later = Customer.objects, timezone.now() + due.PAUSE
    to_send = rows.to_send_details(now).order_by("details_due_at").values_list("pk", flat=True)[:batch]
    return due.in_turn(list(to_send), _send_due, postpone=lambda pk: rows.filter(pk=pk).update(details_due_at=later))


def _send_due(pk: UUID) -> None:
    try:
        send(pk, wait_seconds=0)
    except (Busy, GatewayError) as error:
        log.warning("customer.details_not_sent", customer_id=str(pk), error=str(error))
