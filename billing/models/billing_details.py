"""BillingDetails: what belongs on an invoice. Ours is the only copy: Stigg passes it on to Stripe and keeps none."""

from __future__ import annotations

from django.db import models


class BillingDetails(models.Model):
    """Adds the details to the customer, and when they are to be sent on (`details_due_at`; empty: sent)."""

    country = models.CharField(max_length=2, blank=True)
    address_line1 = models.CharField(max_length=200, blank=True)
    address_line2 = models.CharField(max_length=200, blank=True)
    city = models.CharField(max_length=100, blank=True)
    address_state = models.CharField(max_length=100, blank=True)
    postal_code = models.CharField(max_length=20, blank=True)
    tax_id_type = models.CharField(max_length=20, blank=True, help_text="Stripe's name of the kind, e.g. eu_vat")
    tax_id = models.CharField(max_length=40, blank=True)
    invoice_email = models.EmailField(blank=True, help_text="for invoices and receipts; empty: the customer's own")
    language = models.CharField(max_length=10, blank=True, help_text="for e-mails and Stripe's documents")
    details_due_at = models.DateTimeField(null=True, blank=True)
    details_attempts = models.PositiveIntegerField(default=0)
    details_error = models.TextField(blank=True)

    class Meta:
        abstract = True

    @property
    def is_entered(self) -> bool:
        """Whether the customer has filled in the details themselves: only then the e-mail for invoices is known."""
        return bool(self.invoice_email)
