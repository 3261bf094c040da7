"""Stripe's side of the sandbox: the REST API 2026-10-28.endive as far as a card checkout needs it."""
