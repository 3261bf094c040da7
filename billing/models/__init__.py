"""Rows, their rules and their questions. No network; a step across two systems belongs to `services`."""

from billing.models.catalog import CatalogSnapshot
from billing.models.checkout import CardAttempt, CheckoutSession
from billing.models.contact_request import ContactRequest
from billing.models.customer import Customer, Membership
from billing.models.entitlement import Entitlement
from billing.models.heartbeat import WorkerHeartbeat
from billing.models.invoice import Invoice
from billing.models.leases import LeaseLost
from billing.models.outgoing_email import OutgoingEmail
from billing.models.payment_method import PaymentMethod
from billing.models.reconcile_run import ReconcileDrift, ReconcileRun
from billing.models.subscription import Subscription, SubscriptionChange
from billing.models.webhook_event import WebhookEvent

__all__ = [
    "CardAttempt",
    "CatalogSnapshot",
    "CheckoutSession",
    "ContactRequest",
    "Customer",
    "Entitlement",
    "Invoice",
    "LeaseLost",
    "Membership",
    "OutgoingEmail",
    "PaymentMethod",
    "ReconcileDrift",
    "ReconcileRun",
    "Subscription",
    "SubscriptionChange",
    "WebhookEvent",
    "WorkerHeartbeat",
]
