"""Django's admin for staff: lists, search, links between a customer's records. Mirrors are read-only here."""

from billing.admin import (
    card_attempts,
    catalog,
    checkouts,
    contact_requests,
    customers,
    emails,
    heartbeats,
    invoices,
    payment_methods,
    reconcile_runs,
    subscriptions,
    webhook_events,
)

__all__ = [
    "card_attempts",
    "catalog",
    "checkouts",
    "contact_requests",
    "customers",
    "emails",
    "heartbeats",
    "invoices",
    "payment_methods",
    "reconcile_runs",
    "subscriptions",
    "webhook_events",
]
