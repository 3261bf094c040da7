"""Signals for the host application, sent after the change has been committed.

`subscription_activated(sender, subscription)`: a subscription began to grant access.
`payment_failed(sender, subscription)`: a payment of a subscription failed.
`entitlements_changed(sender, customer)`: what the customer may use is not what it was.
"""

from django.dispatch import Signal

subscription_activated = Signal()
payment_failed = Signal()
entitlements_changed = Signal()
