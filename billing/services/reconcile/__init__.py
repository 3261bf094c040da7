"""Reconcile: every customer's mirror compared with Stigg and Stripe, mended where it differs, and reported."""

from billing.services.reconcile.runs import Options, OutOfReach, Watcher, reconcile, reconcile_due

__all__ = ["Options", "OutOfReach", "Watcher", "reconcile", "reconcile_due"]
